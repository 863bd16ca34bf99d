import * as pulumi from "@pulumi/pulumi";
import { Namespace, PodSecurityLevel } from "../foundation";
import type { ServiceMeshArgs } from "./service-mesh-args";
import { containedComponents, resolveMesh } from "./service-mesh-resolve";
import { sidecarLabel } from "./sidecar";
import { SidecarInjector } from "./sidecar-injector";
import { SpiffeCsiDriver } from "./spiffe-csi-driver";
import { SpireAgent } from "./spire-agent";
import { SpireServer } from "./spire-server";
import { WorkloadIdentity } from "./workload-identity";

/**
 * A service mesh: SPIRE gives every workload an identity, and NGINX beside each workload speaks mutual TLS with it. One trust domain, one cluster; a cluster has one ServiceMesh.
 *
 * It is a MeshReference: Sidecar and WorkloadIdentity take it as `mesh`. Workloads that do so come after everything here, and go before it; agents are updated after the server.
 */
export class ServiceMesh extends pulumi.ComponentResource {
  /** Name of the trust domain; taking it from here makes workloads wait for the whole mesh. */
  readonly trustDomain: pulumi.Output<string>;
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Class of the ClusterSPIFFEIDs of the server. */
  readonly className: pulumi.Output<string>;
  /** Host name of the SPIRE server inside the cluster. */
  readonly serverHost: pulumi.Output<string>;
  /** Port of the SPIRE server. */
  readonly serverPort: number;
  /** Namespace of the server. */
  readonly serverNamespace: pulumi.Output<string>;
  /** Namespace of agents and driver, and of the ConfigMap with the bundle. */
  readonly agentNamespace: pulumi.Output<string>;
  /** ServiceAccount of the agents. */
  readonly agentServiceAccountName: pulumi.Output<string>;
  /** Name of the ConfigMap with the roots of the trust domain. */
  readonly bundleConfigMapName: pulumi.Output<string>;
  /** Key of the roots in that ConfigMap, in PEM. */
  readonly bundleKey: string;
  /** How deep a peer has to verify: directives `ssl_verify_depth` and `proxy_ssl_verify_depth`. */
  readonly verifyDepth: number;
  /** Life of SPIRE's CA in seconds; no certificate may live longer than a sixth of it. */
  readonly caTtlSeconds: number;
  /** Labels for namespaces in which every pod needs a sidecar; without `injection` nothing looks at them. */
  readonly strictLabels: Record<string, string>;

  constructor(name: string, args: ServiceMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const mesh = resolveMesh(name, args);
    const { trustDomain, clusterName, injection, serverNamespace, systemNamespace } = mesh.args;
    super(
      "nginx-stacks:index:ServiceMesh",
      name,
      {
        trustDomain,
        clusterName,
        kubernetesVersion: injection?.kubernetesVersion,
        strictNamespaces: injection?.strictNamespaces,
      },
      opts,
    );
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const makeNamespace = (suffix: string, podSecurity: PodSecurityLevel) =>
      new Namespace(`${name}-${suffix}`, { podSecurity }, child).name;
    const namespaces = {
      server: serverNamespace ?? makeNamespace("server", PodSecurityLevel.restricted),
      system: systemNamespace ?? makeNamespace("system", PodSecurityLevel.privileged),
    };
    const contained = containedComponents(mesh, namespaces);

    const server = new SpireServer(`${name}-server`, contained.server, child);
    // The agents take what the server says once it is ready, so they are made and updated after it.
    const agent = new SpireAgent(`${name}-agent`, contained.agent(server), child);
    const driver = new SpiffeCsiDriver(
      `${name}-csi-driver`,
      contained.driver,
      pulumi.mergeOptions(child, { dependsOn: [agent] }),
    );
    const injector = contained.injector && new SidecarInjector(`${name}-injector`, contained.injector, child);
    const identity = mesh.sidecarIdentity
      ? new WorkloadIdentity(
          `${name}-sidecars`,
          {
            mesh: server,
            everyNamespace: true,
            podSelector: { matchExpressions: [{ key: sidecarLabel, operator: "Exists" }] },
          },
          child,
        )
      : undefined;

    /** Outputs that workloads take; they would not start before all of this is there, and not end after it. */
    const whenWhole = <T>(value: pulumi.Input<T>) =>
      pulumi
        .all([value, agent.daemonSetName, driver.driverName, injector?.policyName, identity?.clusterSpiffeIdName])
        .apply(([known]) => known) as pulumi.Output<T>;
    const outputs = {
      trustDomain: whenWhole(trustDomain),
      clusterName,
      className: server.className,
      serverHost: server.serverHost,
      serverPort: server.serverPort,
      serverNamespace: pulumi.output(namespaces.server),
      agentNamespace: server.agentNamespace,
      agentServiceAccountName: server.agentServiceAccountName,
      bundleConfigMapName: server.bundleConfigMapName,
      bundleKey: server.bundleKey,
      verifyDepth: server.verifyDepth,
      caTtlSeconds: server.caTtlSeconds,
      strictLabels: injector?.strictLabels ?? {},
    };
    this.trustDomain = outputs.trustDomain;
    this.clusterName = outputs.clusterName;
    this.className = outputs.className;
    this.serverHost = outputs.serverHost;
    this.serverPort = outputs.serverPort;
    this.serverNamespace = outputs.serverNamespace;
    this.agentNamespace = outputs.agentNamespace;
    this.agentServiceAccountName = outputs.agentServiceAccountName;
    this.bundleConfigMapName = outputs.bundleConfigMapName;
    this.bundleKey = outputs.bundleKey;
    this.verifyDepth = outputs.verifyDepth;
    this.caTtlSeconds = outputs.caTtlSeconds;
    this.strictLabels = outputs.strictLabels;
    this.registerOutputs(outputs);
  }
}

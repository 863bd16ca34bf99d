import * as pulumi from "@pulumi/pulumi";
import { Namespace, PodSecurityLevel } from "../foundation";
import type { ServiceMeshArgs } from "./service-mesh-args";
import { resolveMesh, toContainedArguments } from "./service-mesh-resolve";
import { sidecarLabel } from "./sidecar";
import { SidecarInjector } from "./sidecar-injector";
import { SpiffeCsiDriver } from "./spiffe-csi-driver";
import { SpireAgent } from "./spire-agent";
import { SpireServer } from "./spire-server";
import { WorkloadIdentity } from "./workload-identity";

/**
 * A service mesh: SPIRE gives each workload an identity, and NGINX in a sidecar uses it for mutual TLS. A ServiceMesh has one trust domain and one cluster, and a cluster has one ServiceMesh.
 *
 * It is a MeshReference: Sidecar and WorkloadIdentity take it as `mesh`. Workloads with such a sidecar are created after the mesh, and deleted before it. Agents are updated after the server.
 */
export class ServiceMesh extends pulumi.ComponentResource {
  /** Name of the trust domain. Workloads that use this output wait for the whole mesh. */
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
  /** Key of the roots in that ConfigMap; the value is PEM. */
  readonly bundleKey: string;
  /** Verification depth for peers: directives `ssl_verify_depth` and `proxy_ssl_verify_depth`. */
  readonly verifyDepth: number;
  /** Lifetime of SPIRE's CA in seconds. Certificates have at most a sixth of it. */
  readonly caTtlSeconds: number;
  /** Labels of namespaces in which every pod needs a sidecar. They have no effect without `injection`. */
  readonly strictLabels: Record<string, string>;
  /** Containers and volumes that the injector adds, as JSON. Before a change of them, keep it for `injection.earlierSidecars`. */
  readonly sidecarTemplate?: pulumi.Output<string>;

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
    const contained = toContainedArguments(mesh, namespaces);

    const server = new SpireServer(`${name}-server`, contained.server, child);
    // Outputs of the server are known once it is ready, so agents are created and updated after it.
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

    /** Returns an output for which workloads wait until the whole mesh is there. */
    const whenComplete = <T>(value: pulumi.Input<T>) =>
      pulumi
        .all([value, agent.daemonSetName, driver.driverName, injector?.policyName, identity?.clusterSpiffeIdName])
        .apply(([known]) => known) as pulumi.Output<T>;
    const outputs = {
      trustDomain: whenComplete(trustDomain),
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
      sidecarTemplate: injector?.sidecarTemplate,
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
    this.sidecarTemplate = outputs.sidecarTemplate;
    this.registerOutputs(outputs);
  }
}

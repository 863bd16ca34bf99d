import * as pulumi from "@pulumi/pulumi";
import { Namespace, PodSecurityLevel, refuser } from "../foundation";
import { SpiffeCsiDriver } from "./agent/spiffe-csi-driver";
import { SpireAgent } from "./agent/spire-agent";
import { WorkloadIdentity } from "./identity/workload-identity";
import { SidecarInjector } from "./injector";
import { SpireServer } from "./server/spire-server";
import type { ServiceMeshArgs } from "./service-mesh-args";
import { agentArgs, checkServiceMesh, injectorArgs, serverArgs } from "./service-mesh-checks";
import { sidecarLabel } from "./sidecar/places";

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
  /** Class of the ClusterSPIFFEIDs that the server sees to. */
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
    const refuse = refuser("ServiceMesh", name);
    checkServiceMesh(refuse, name, args);
    const { trustDomain, clusterName, injection, csiDriver, images } = args;
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
    const place = (suffix: string, existing: pulumi.Input<string> | undefined, podSecurity: PodSecurityLevel) =>
      new Namespace(
        `${name}-${suffix}`,
        existing === undefined ? { podSecurity } : { existing: { name: existing } },
        child,
      ).name;
    const places = {
      server: place("server", args.serverNamespace, PodSecurityLevel.restricted),
      system: place("system", args.systemNamespace, PodSecurityLevel.privileged),
    };

    const server = new SpireServer(`${name}-server`, serverArgs(args, places), child);
    // The agents take what the server says once it is ready, so they are made and updated after it.
    const agent = new SpireAgent(`${name}-agent`, agentArgs(args, server), child);
    const driver = new SpiffeCsiDriver(
      `${name}-csi-driver`,
      { ...csiDriver, images, namespace: places.system },
      pulumi.mergeOptions(child, { dependsOn: [agent] }),
    );
    const injector = injection && new SidecarInjector(`${name}-injector`, injectorArgs(args), child);
    const identity =
      (args.sidecarIdentity ?? true)
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

    /** What workloads take; they would not start before all of this is there, and not end after it. */
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
      serverNamespace: places.server,
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

import * as pulumi from "@pulumi/pulumi";
import { inServerPod, managerPorts } from "./place";
import type { SpireServerArgs } from "./spire-server-args";

/** What the controller manager's configuration refers to and the arguments do not have. */
export interface ManagerSurroundings {
  className: string;
  agentNamespace: pulumi.Input<string>;
  /** Name of the ValidatingWebhookConfiguration; undefined without one. */
  webhookName?: pulumi.Input<string>;
  /** Name of the lease by which several replicas agree on a leader; undefined for one replica. */
  leaseName?: string;
}

/** How it takes the names of namespaces: as regular expressions, which match anywhere. */
const exactly = (namespace: string) => `^${namespace.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;

/** The configuration of the controller manager (kind ControllerManagerConfig) as JSON, which is YAML too. */
export function managerConfiguration(args: SpireServerArgs, surroundings: ManagerSurroundings): pulumi.Output<string> {
  const { className, agentNamespace, webhookName, leaseName } = surroundings;
  const ignored = ["kube-system", "kube-public", args.namespace, agentNamespace, ...(args.ignoredNamespaces ?? [])];
  const { trustDomain, clusterDomain, namespace } = args;
  return pulumi
    .all([trustDomain, clusterDomain, namespace, webhookName, pulumi.all(ignored)])
    .apply(([trustDomain, clusterDomain, resourceNamespace, validatingWebhookConfigurationName, ignored]) =>
      JSON.stringify(
        {
          apiVersion: "spire.spiffe.io/v1alpha1",
          kind: "ControllerManagerConfig",
          clusterName: args.clusterName,
          clusterDomain,
          trustDomain,
          className,
          watchClassless: false,
          ignoreNamespaces: [...new Set(ignored)].map(exactly),
          spireServerSocketPath: inServerPod.socketPath,
          validatingWebhookConfigurationName,
          metrics: { bindAddress: args.monitoring ? `0.0.0.0:${managerPorts.metrics}` : "0" },
          health: { healthProbeBindAddress: `0.0.0.0:${managerPorts.health}` },
          leaderElection: leaseName && {
            leaderElect: true,
            resourceName: leaseName,
            resourceNamespace,
          },
        },
        null,
        2,
      ),
    );
}

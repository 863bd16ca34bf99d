import * as pulumi from "@pulumi/pulumi";
import { inServerPod, managerPorts } from "./place";
import type { ResolvedSpireServer } from "./resolve";

/** Names in the configuration of the controller manager. */
export interface ManagerNames {
  className: pulumi.Input<string>;
  /** Name of the ValidatingWebhookConfiguration; undefined without one. */
  webhookName?: pulumi.Input<string>;
  /** Name of the lease by which several replicas agree on a leader; undefined for one replica. */
  leaseName?: pulumi.Input<string>;
}

/** Returns the regular expression for the name of a namespace: the controller manager matches names anywhere. */
const exactly = (namespace: string) => `^${namespace.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;

/** Returns the configuration of the controller manager (kind ControllerManagerConfig) as JSON, which is YAML too. */
export function managerConfiguration(server: ResolvedSpireServer, names: ManagerNames): pulumi.Output<string> {
  const { namespace, agentNamespace, ignoredNamespaces = [], clusterName, monitoring } = server;
  const ignored = ["kube-system", "kube-public", namespace, agentNamespace, ...ignoredNamespaces];
  const { trustDomain, clusterDomain } = server;
  return pulumi
    .all([pulumi.output({ trustDomain, clusterDomain, namespace, ...names }), pulumi.all(ignored)])
    .apply(([{ trustDomain, clusterDomain, namespace, className, webhookName, leaseName }, ignored]) =>
      JSON.stringify(
        {
          apiVersion: "spire.spiffe.io/v1alpha1",
          kind: "ControllerManagerConfig",
          clusterName,
          clusterDomain,
          trustDomain,
          className,
          watchClassless: false,
          ignoreNamespaces: [...new Set(ignored)].map(exactly),
          spireServerSocketPath: inServerPod.socketPath,
          validatingWebhookConfigurationName: webhookName,
          metrics: { bindAddress: monitoring ? `0.0.0.0:${managerPorts.metrics}` : "0" },
          health: { healthProbeBindAddress: `0.0.0.0:${managerPorts.health}` },
          leaderElection: leaseName && {
            leaderElect: true,
            resourceName: leaseName,
            resourceNamespace: namespace,
          },
        },
        null,
        2,
      ),
    );
}

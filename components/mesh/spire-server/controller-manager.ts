import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Argument, type CrdFile, type ResolvedCrds, resolveCrds } from "../../foundation";
import { meshVersions } from "../versions";
import { managerPorts, serverLayout } from "./layout";
import type { ResolvedSpireServer } from "./resolve";
import type { SpireServerArgs } from "./spire-server-args";

const version = meshVersions.controllerManagerCrds;
const kinds = ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"];

/** CRDs of the controller manager, which does not start without one of them. */
const crdFile: CrdFile = {
  name: `spire-controller-manager-${version}.yaml`,
  urls: kinds.map(
    (kind) =>
      `https://raw.githubusercontent.com/spiffe/spire-controller-manager/v${version}/config/crd/bases/spire.spiffe.io_${kind}.yaml`,
  ),
};

/** Returns the CRDs of the controller manager to install. */
export const resolveServerCrds = (argument: Argument<SpireServerArgs>): ResolvedCrds =>
  resolveCrds(argument, [crdFile]);

/** Names of objects in the configuration of the controller manager. */
export interface ManagerNames {
  className: pulumi.Input<string>;
  /** Name of the ValidatingWebhookConfiguration; undefined without one. */
  webhookName?: pulumi.Input<string>;
  /** Name of the lease for the election of a leader; undefined for one replica. */
  leaseName?: pulumi.Input<string>;
}

/** Returns the regular expression for exactly this namespace: the controller manager would match a part of a name. */
const exactName = (namespace: string) => `^${namespace.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;

/** Returns the configuration of the controller manager (kind ControllerManagerConfig) as JSON, which is YAML too. */
export function renderManagerConfiguration(server: ResolvedSpireServer, names: ManagerNames): pulumi.Output<string> {
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
          ignoreNamespaces: [...new Set(ignored)].map(exactName),
          spireServerSocketPath: serverLayout.socketPath,
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

/**
 * Returns the webhooks by which the controller manager validates objects of its class; other meshes in the cluster have other classes.
 * They fail closed, so that a template that cannot be rendered is rejected.
 */
export function renderWebhooks(
  serviceName: pulumi.Input<string>,
  namespace: pulumi.Input<string>,
  className: pulumi.Input<string>,
): types.input.admissionregistration.v1.ValidatingWebhook[] {
  return ["clusterspiffeid", "clusterfederatedtrustdomain"].map((kind) => ({
    name: `v${kind}.kb.io`,
    admissionReviewVersions: ["v1"],
    // The controller manager sets the caBundle.
    clientConfig: { service: { name: serviceName, namespace, path: `/validate-spire-spiffe-io-v1alpha1-${kind}` } },
    matchConditions: [
      {
        name: "class",
        expression: pulumi.interpolate`has(object.spec.className) && object.spec.className == "${className}"`,
      },
    ],
    failurePolicy: "Fail",
    sideEffects: "None",
    rules: [
      {
        apiGroups: ["spire.spiffe.io"],
        apiVersions: ["v1alpha1"],
        operations: ["CREATE", "UPDATE"],
        resources: [`${kind}s`],
      },
    ],
  }));
}

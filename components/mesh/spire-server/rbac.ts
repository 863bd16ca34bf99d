import type { types } from "@pulumi/kubernetes";
import type { CustomResourceOptions, Input, Resource } from "@pulumi/pulumi";
import { bindRules } from "../rbac";
import type { ResolvedSpireServer } from "./resolve";

/** Account of the server, and the objects that it may change. */
export interface ServerAccess {
  labels: Record<string, Input<string>>;
  accountName: Input<string>;
  bundleConfigMapName: Input<string>;
  /** Undefined without webhook. */
  webhookName?: Input<string>;
  /** Undefined for one replica. */
  leaseName?: Input<string>;
}

/** Makes the roles of server and controller manager, which share a ServiceAccount, and returns their bindings. */
export function makeServerRoles(
  name: string,
  { namespace, agentNamespace, upstream }: ResolvedSpireServer,
  access: ServerAccess,
  opts: CustomResourceOptions,
): Resource[] {
  const { labels, leaseName } = access;
  const subject = { kind: "ServiceAccount", name: access.accountName, namespace };
  const bind = (suffix: string, roleNamespace: Input<string> | undefined, rules: Rule[]) =>
    bindRules(`${name}-${suffix}`, labels, roleNamespace, rules, subject, opts);
  const certManager = upstream?.certManager;
  return [
    bind("cluster", undefined, clusterRules(access.webhookName)),
    bind("bundle", agentNamespace, bundleRules(access.bundleConfigMapName)),
    ...(leaseName ? [bind("leader", namespace, leaderRules(leaseName))] : []),
    ...(certManager ? [bind("requests", certManager.namespace ?? namespace, certificateRequestRules)] : []),
  ];
}

type Rule = types.input.rbac.v1.PolicyRule;

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: Input<string>[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames && { resourceNames }),
});

const spireGroup = "spire.spiffe.io";

/**
 * Returns the rules for the whole cluster, as the sources of server and controller manager need them.
 *
 * The controller manager reads through watches. It gets a single object only for its webhook configuration.
 */
function clusterRules(webhookName: Input<string> | undefined): Rule[] {
  return [
    // Attestation of agents (plugin k8s_psat).
    rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
    rule("", ["pods", "nodes"], ["get"]),
    // Entries of the controller manager.
    rule("", ["namespaces", "nodes", "pods", "endpoints"], ["list", "watch"]),
    rule(spireGroup, ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"], ["list", "watch"]),
    rule(spireGroup, ["clusterspiffeids/status", "clusterstaticentries/status"], ["update"]),
    ...(webhookName === undefined
      ? []
      : [
          rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], ["list", "watch"]),
          rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], ["get", "patch"], [webhookName]),
        ]),
  ];
}

/** Returns the rules for the ConfigMap with the bundle, which the server writes. */
const bundleRules = (configMapName: Input<string>): Rule[] => [rule("", ["configmaps"], ["patch"], [configMapName])];

/** Returns the rules for the election of a leader among replicas of the controller manager. */
const leaderRules = (leaseName: Input<string>): Rule[] => [
  rule("coordination.k8s.io", ["leases"], ["create"]),
  rule("coordination.k8s.io", ["leases"], ["get", "update"], [leaseName]),
  rule("", ["events"], ["create", "patch"]),
];

/** Rules for requests to cert-manager, of which the server deletes the old ones. */
const certificateRequestRules: Rule[] = [
  rule("cert-manager.io", ["certificaterequests"], ["create", "get", "list", "delete"]),
];

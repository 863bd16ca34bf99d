import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

type Rule = types.input.rbac.v1.PolicyRule;

const rule = (apiGroup: string, resources: string[], verbs: string[], resourceNames?: Input<string>[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
  ...(resourceNames && { resourceNames }),
});

const own = "spire.spiffe.io";

/**
 * What server and controller manager may do in the whole cluster: what their sources ask for.
 *
 * The controller manager reads everything through watches and never gets an object alone, but for its webhook configuration.
 */
export function clusterRules(webhookName: Input<string> | undefined): Rule[] {
  return [
    // Attestation of agents (plugin k8s_psat).
    rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
    rule("", ["pods", "nodes"], ["get"]),
    // Entries of the controller manager.
    rule("", ["namespaces", "nodes", "pods", "endpoints"], ["list", "watch"]),
    rule(own, ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"], ["list", "watch"]),
    rule(own, ["clusterspiffeids/status", "clusterstaticentries/status"], ["update"]),
    ...(webhookName === undefined
      ? []
      : [
          rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], ["list", "watch"]),
          rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], ["get", "patch"], [webhookName]),
        ]),
  ];
}

/** The server writes the bundle into the ConfigMap that is there for it. */
export const bundleRules = (configMapName: Input<string>): Rule[] => [
  rule("", ["configmaps"], ["patch"], [configMapName]),
];

/** Replicas of the controller manager agree on a leader. */
export const leaderRules = (leaseName: Input<string>): Rule[] => [
  rule("coordination.k8s.io", ["leases"], ["create"]),
  rule("coordination.k8s.io", ["leases"], ["get", "update"], [leaseName]),
  rule("", ["events"], ["create", "patch"]),
];

/** The server asks cert-manager for its CA, and clears old requests away. */
export const certificateRequestRules: Rule[] = [
  rule("cert-manager.io", ["certificaterequests"], ["create", "get", "list", "delete"]),
];

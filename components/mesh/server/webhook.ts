import type { types } from "@pulumi/kubernetes";
import { type Input, interpolate } from "@pulumi/pulumi";

/**
 * What the API server asks the controller manager about: objects of its class, so that two meshes in one cluster leave each other alone. It fails closed: a template that cannot be rendered never gets in.
 */
export function webhooks(
  serviceName: Input<string>,
  namespace: Input<string>,
  className: Input<string>,
): types.input.admissionregistration.v1.ValidatingWebhook[] {
  return ["clusterspiffeid", "clusterfederatedtrustdomain"].map((kind) => ({
    name: `v${kind}.kb.io`,
    admissionReviewVersions: ["v1"],
    // The controller manager puts its own caBundle here.
    clientConfig: { service: { name: serviceName, namespace, path: `/validate-spire-spiffe-io-v1alpha1-${kind}` } },
    matchConditions: [
      {
        name: "class",
        expression: interpolate`has(object.spec.className) && object.spec.className == "${className}"`,
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

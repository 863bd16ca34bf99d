import * as kubernetes from "@pulumi/kubernetes";
import type { Gateway } from "nginx-stacks";

// Routes and policies are plain resources, with the fields of the Gateway API's and Gateway Fabric's own documentation.

/** An HTTPRoute at one listener of a Gateway. */
export function route(name: string, gateway: Gateway, listener: string, spec: object) {
  return new kubernetes.apiextensions.CustomResource(`${name}-route`, {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { namespace: gateway.namespace },
    spec: { parentRefs: [{ name: gateway.gatewayName, sectionName: listener }], ...spec },
  });
}

/** A policy of Gateway Fabric for one HTTPRoute. */
export function policy(
  name: string,
  kind: "ClientSettingsPolicy" | "RateLimitPolicy",
  target: kubernetes.apiextensions.CustomResource,
  spec: object,
) {
  const ref = { group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: target.metadata.name };
  return new kubernetes.apiextensions.CustomResource(name, {
    apiVersion: "gateway.nginx.org/v1alpha1",
    kind,
    metadata: { namespace: target.metadata.namespace },
    spec: { ...(kind === "RateLimitPolicy" ? { targetRefs: [ref] } : { targetRef: ref }), ...spec },
  });
}

import type { Input, Output } from "@pulumi/pulumi";

/**
 * Knowledge of a component about one of its outputs. It travels with the Output itself, so that other components of the same program
 * refuse what cannot work; a text, or an Output that a program has made of it, carries none.
 */
export interface Facts {
  /** The component that made it, as messages name it: `Namespace "mqtt"`. */
  component: string;
  /** Namespace of the object that the output names. */
  namespace?: Input<string>;
  /** Of a Namespace: its name where the user wrote it. */
  namespaceName?: Input<string>;
  /** Of a Namespace: whether a policy denies traffic that no other policy allows. */
  defaultDeny?: boolean;
  /** Of a Namespace: the Pod Security level that is enforced. */
  podSecurity?: string;
  /** Of a Secret with a certificate. */
  certificate?: { usage: string; dnsNames: readonly Input<string>[]; keyAlgorithm?: string };
  /** Of a GatewayClass: the version of Gateway Fabric, and what it serves. */
  gateway?: GatewayFacts;
}

/** Abilities of a GatewayFabric, for the Gateways of its class. */
export interface GatewayFacts {
  version: string;
  edition: string;
  experimentalFeatures: boolean;
  /** Namespace of the control plane. */
  namespace: Input<string>;
  /** Namespaces whose Gateways are served, besides that of the control plane; undefined for all. */
  watchNamespaces?: readonly string[];
  /** `true`: the pods of NGINX are in the Gateway's namespace; otherwise they are in that of the control plane. */
  ownPods: boolean;
  /** `true`: TLS listeners may terminate TLS. */
  tlsTermination: boolean;
  /** `true`: TLSRoutes can attach. */
  tlsRoutes: boolean;
  /** `true`: TCPRoutes and UDPRoutes can attach. */
  layer4Routes: boolean;
  /** `true`: TCPRoutes and UDPRoutes can attach with experimental features. */
  layer4Supported: boolean;
  /** `true`: a listener may have several certificates. */
  severalCertificates: boolean;
  /** Ports of the pods that no listener can have, by their use: `metrics`. */
  reservedPorts: Record<string, number>;
  /** `true`: the cluster is one of OpenShift. */
  openshift: boolean;
  /** Endpoint for usage reports, host with an optional port; undefined for F5 or open-source NGINX. */
  usageEndpoint?: Input<string>;
}

const known = new WeakMap<object, Facts>();

/** Attaches facts to an output, and returns it. */
export function withFacts<T>(output: Output<T>, facts: Facts): Output<T> {
  known.set(output, facts);
  return output;
}

/** Returns the facts of an output of a component of this program; undefined for any other value. */
export function factsOf(input: unknown): Facts | undefined {
  return typeof input === "object" && input !== null ? known.get(input) : undefined;
}

const outputGroups = new WeakSet<object>();

/** Marks an object with outputs of a component, of which an argument may take some: as with a component itself, the others are no faults. */
export function asOutputs<T extends object>(outputs: T): T {
  outputGroups.add(outputs);
  return outputs;
}

/** Returns whether an object has outputs of a component of this program. */
export const areOutputs = (value: object): boolean => outputGroups.has(value);

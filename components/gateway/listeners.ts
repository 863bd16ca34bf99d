import type { Input } from "@pulumi/pulumi";
import type { CertificateReference } from "../pki";

/** Protocol of a Gateway's listener. */
export const GatewayProtocol = { http: "HTTP", https: "HTTPS", tls: "TLS", tcp: "TCP", udp: "UDP" } as const;
export type GatewayProtocol = (typeof GatewayProtocol)[keyof typeof GatewayProtocol];

/** Namespaces from which routes may attach to a listener. */
export const GatewayRouteNamespaces = { same: "Same", all: "All", selector: "Selector" } as const;
export type GatewayRouteNamespaces = (typeof GatewayRouteNamespaces)[keyof typeof GatewayRouteNamespaces];

/** Kinds of routes. */
export const GatewayRouteKind = {
  http: "HTTPRoute",
  grpc: "GRPCRoute",
  tls: "TLSRoute",
  tcp: "TCPRoute",
  udp: "UDPRoute",
} as const;
export type GatewayRouteKind = (typeof GatewayRouteKind)[keyof typeof GatewayRouteKind];

/** Routes that may attach to a listener. */
export interface GatewayAllowedRoutes {
  /** Namespaces that they may be in. @default "Same" */
  from?: GatewayRouteNamespaces;
  /** Labels that such a namespace must have, for "Selector". */
  namespaceLabels?: Record<string, Input<string>>;
  /** Kinds that they may be of. HTTP and HTTPS take HTTPRoute and GRPCRoute, TLS takes TLSRoute, TCP and UDP their own. @default all that fit the protocol */
  kinds?: GatewayRouteKind[];
}

/** A certificate of a listener; a Certificate is one. */
export interface GatewayListenerCertificate extends CertificateReference {
  /** Namespace of the Secret, where that is another than the Gateway's. @default the Gateway's */
  namespace?: Input<string>;
  /** `true`: the component makes the ReferenceGrant that allows the Gateway this Secret, in the Secret's namespace; `false` if it exists. Only with `namespace`. @default true */
  grant?: boolean;
}

/** A port on which a Gateway takes connections, for one host name or any. */
export interface GatewayListener {
  /** Name of the listener, a DNS-1123 subdomain: routes name it as `sectionName`. */
  name: string;
  /** Port that clients connect to. */
  port: number;
  /** Protocol of the connections. TCP and UDP need version 2.7 of the GatewayFabric or its `experimentalFeatures`, and TLS that ends here version 2.7. */
  protocol: GatewayProtocol;
  /** Host name of the requests that it takes, `*.` at the beginning standing for any labels. Not for TCP and UDP. @default any */
  hostname?: Input<string>;
  /**
   * Certificates of the server, at most one for each algorithm of the key: NGINX shows the one that fits the client's algorithms, whatever the host name.
   * Write a listener for each host name. Before 2.6.0 a listener has one certificate. Required for HTTPS, and for TLS that ends here.
   */
  certificates?: GatewayListenerCertificate[];
  /** `true`: TLS goes through to the backends as it is, by the host name that the client asks for. Only for TLS. @default false */
  passthrough?: boolean;
  /** Routes that may attach. @default those of the Gateway's namespace */
  allowedRoutes?: GatewayAllowedRoutes;
}

/** Returns the listener as the Gateway has it. */
export function listenerSpec(listener: GatewayListener) {
  const { name, port, protocol, hostname, certificates, passthrough, allowedRoutes } = listener;
  const tls = passthrough
    ? { mode: "Passthrough" }
    : certificates && {
        mode: "Terminate",
        certificateRefs: certificates.map(({ secretName, namespace }) => ({
          kind: "Secret",
          name: secretName,
          ...(namespace !== undefined && { namespace }),
        })),
      };
  return {
    name,
    port,
    protocol,
    ...(hostname !== undefined && { hostname }),
    ...(tls && { tls }),
    ...(allowedRoutes && { allowedRoutes: allowedRoutesSpec(allowedRoutes) }),
  };
}

const allowedRoutesSpec = ({ from, namespaceLabels, kinds }: GatewayAllowedRoutes) => ({
  namespaces: {
    from: from ?? GatewayRouteNamespaces.same,
    ...(namespaceLabels && { selector: { matchLabels: namespaceLabels } }),
  },
  ...(kinds && { kinds: kinds.map((kind) => ({ group: "gateway.networking.k8s.io", kind })) }),
});

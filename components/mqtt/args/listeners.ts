import type { Input } from "@pulumi/pulumi";
import type { ClientRevocation } from "../../nginx";
import type { CertificateReference } from "../../pki";
import type { MqttDefaultRoute, MqttRoute } from "./routes";

/** Requirement that clients present a certificate. */
export const MqttClientCertificateMode = { required: "required", optional: "optional" } as const;
export type MqttClientCertificateMode = (typeof MqttClientCertificateMode)[keyof typeof MqttClientCertificateMode];

/** Verification of clients' certificates: the authorities that issue them, and revocation. Needs exactly one of `trustedCertificatesPem` and `trustedCertificates`. */
export interface MqttClientCertificates {
  /** `required`: the proxy rejects clients without a certificate. `optional`: clients may connect without one; an invalid one is rejected. Directive `ssl_verify_client`. @default "required" */
  mode?: MqttClientCertificateMode;
  /** PEM bundle of the authorities that issue the clients' certificates. Directive `ssl_client_certificate`. */
  trustedCertificatesPem?: Input<string>;
  /** PEM of the revocation lists of those authorities, for `revocation.crl`. Directive `ssl_crl`. @default none */
  crlPem?: Input<string>;
  /** Secret with the authorities: a TrustedCertificates, or another Secret with the authorities under `ca.crt` and, for `revocation.crl`, their lists under `ca.crl`. */
  trustedCertificates?: CertificateReference;
  /** Highest number of intermediate certificates between a client's certificate and a trusted one. Directive `ssl_verify_depth`. @default 3 */
  verifyDepth?: number;
  /** Revocation of clients' certificates. @default none */
  revocation?: ClientRevocation;
}

/** TLS from clients to one listener: 1.2 with forward secrecy, and 1.3. */
export interface MqttListenerTls {
  /** The proxy's certificate: a Certificate with server usage, or another Secret with `tls.crt` and `tls.key`. Directives `ssl_certificate`, `ssl_certificate_key`. */
  certificate: CertificateReference;
  /** Verification of clients' certificates. TLS sessions are then never resumed, since that would skip the revocation lists. @default none: the proxy asks for no certificates */
  clientCertificates?: MqttClientCertificates;
}

/** A load balancer in front of a listener that sends each client's address in the PROXY protocol, version 1 or 2. */
export interface MqttProxyProtocol {
  /** Networks (CIDR) or addresses of the load balancers; the proxy ignores the address in the header of other senders. Directive `set_real_ip_from`. */
  trustedSources: Input<string>[];
}

/** Limits on each client. */
export interface MqttLimits {
  /** Highest number of connections at once from one address to one listener of one pod. Behind a load balancer this needs `proxyProtocol`. Directive `limit_conn`. @default no limit */
  connectionsPerAddress?: number;
  /** Highest rate of one connection to a broker, in bytes per second. Directive `proxy_upload_rate`. @default no limit */
  uploadBytesPerSecond?: number;
  /** Highest rate of one connection from a broker, in bytes per second. Directive `proxy_download_rate`. @default no limit */
  downloadBytesPerSecond?: number;
}

/**
 * MQTT over WebSocket. NGINX's MQTT modules, and njs, read MQTT in `stream` alone, never inside a WebSocket. So all
 * clients of such a listener share one upstream, and their own credentials are passed on.
 */
export interface MqttWebSocket {
  /** Name of an entry of `upstreams`, for all clients of the listener. */
  upstream: string;
  /** Port on which those brokers speak WebSocket, with TLS if `brokerTls` is given. */
  brokerPort: number;
  /** Path of the clients' requests. @default "/mqtt" */
  path?: string;
}

/** One port on which clients connect, with rules of its own. */
export interface MqttListener {
  /** Name, at most 15 lower-case letters, digits and `-`; also the name of the Service's port. */
  name: string;
  /** TCP port of the Service. */
  port: number;
  /** Port on which the pods listen, from 1024. @default `port`, or 10,000 more if `port` is below 1024 */
  targetPort?: number;
  /** TLS. @default none: plain MQTT */
  tls?: MqttListenerTls;
  /** The PROXY protocol from a load balancer; the proxy then rejects connections without its header. @default none */
  proxyProtocol?: MqttProxyProtocol;
  /** `true`: the proxy sends each client's address to the brokers in the PROXY protocol; health checks of those brokers send the header too. Directive `proxy_protocol`. @default false */
  proxyProtocolToBrokers?: boolean;
  /** Routes of this listener alone. They need `defaultRoute` beside them. @default those of the proxy, or of the tenants that name this listener */
  routes?: MqttRoute[];
  /** Route of the clients of this listener that match no other route. @default that of the proxy */
  defaultRoute?: MqttDefaultRoute;
  /** `true`: the proxy passes on the clients' own credentials on this listener, although it has `credentials`. @default false */
  passCredentials?: boolean;
  /** Limits of this listener in place of the proxy's. @default those of the proxy */
  limits?: MqttLimits;
  /** MQTT over WebSocket in place of MQTT over TCP. @default over TCP */
  webSocket?: MqttWebSocket;
}

import type { Input } from "@pulumi/pulumi";
import type { LicenseReference } from "../../foundation";
import type { Edition, NginxConfigNode, NginxPods } from "../../nginx";
import type { CertificateReference } from "../../pki";
import type { MqttCredentials, MqttNamedCredentials } from "./credentials";
import type { MqttLimits, MqttListener } from "./listeners";
import type { MqttDefaultRoute, MqttRoute } from "./routes";
import type { MqttTenant } from "./tenants";
import type { MqttResolver, MqttUpstream } from "./upstreams";

/** TLS from the proxy to the brokers. One setting for all upstreams. */
export interface MqttBrokerTls {
  /** PEM bundle of the authorities that the brokers' certificates must come from, for example a CertificateAuthority's `bundle`. Directive `proxy_ssl_trusted_certificate`. */
  trustedCertificatesPem?: Input<string>;
  /** The proxy's own certificate, for brokers that require one: a Certificate with client usage, or the Secret (`tls.crt`, `tls.key`) of another. @default none is shown */
  clientCertificate?: CertificateReference;
  /** Number of intermediate certificates that may be between a broker's certificate and a trusted one. Directive `proxy_ssl_verify_depth`. @default 3 */
  verifyDepth?: number;
  /** `true`: any certificate of any broker is accepted, so anyone who answers at a broker's address reads everything. @default false */
  unsafeSkipVerification?: boolean;
}

/** Limits of the whole proxy. */
export interface MqttProxyLimits extends MqttLimits {
  /**
   * Largest CONNECT packet, in KiB: client id, will, user name and password together, on every listener over TCP. Directives `preread_buffer_size` and, on NGINX Plus, `mqtt_buffers`.
   *
   * Above 64, listeners without TLS get a receive buffer of twice the size (`rcvbuf`), because NGINX leaves the packet in the socket until it is
   * complete. The node's `net.core.rmem_max`, often 208 KiB, limits that buffer.
   * @default 16
   */
  maximumConnectKibibytes?: number;
}

/** Times after which connections are closed. */
export interface MqttTimeouts {
  /** Time for a client to send its CONNECT, in seconds. Directive `preread_timeout`. @default 10 */
  connectSeconds?: number;
  /** The longest keep alive that clients ask for, in seconds: a connection that is silent for half as long again is closed. Directive `proxy_timeout`. @default 1200 */
  longestKeepAliveSeconds?: number;
}

/** Raw NGINX configuration, for directives that have no argument of their own. */
export interface MqttSnippets {
  /** Nodes at the end of the `stream` block. @default none */
  stream?: NginxConfigNode[];
  /** Nodes at the end of each listener's `server` block in `stream`. @default none */
  server?: NginxConfigNode[];
}

/** Arguments of an MqttProxy. */
export interface MqttProxyArgs {
  /** Namespace of everything that is made; that of the Secrets that the pods use. */
  namespace: Input<string>;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** The licence: a LicenseSecret, or the Secret of another. Needed for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /**
   * The pods: image, number, size, placement, Service, NetworkPolicy, metrics. Without `networkPolicy.upstreams` the brokers' ports are open to any address; in a Namespace with `defaultDeny`
   * of the same program the proxy makes its NetworkPolicy also where none is given.
   * @default two pods
   */
  pods?: NginxPods;
  /** TCP port of the Service on which clients connect, without TLS. The pods listen on 1883. Left out where `listeners` are given. @default 1883, without `listeners` */
  port?: number;
  /** The ports on which clients connect, where there are several, or one with TLS or rules of its own. @default one, plain MQTT on `port` */
  listeners?: MqttListener[];
  /** Clients that are kept apart from each other, each with upstreams and credentials of their own. @default none: `routes` are for all */
  tenants?: MqttTenant[];
  /** The brokers, by name; at least one. */
  upstreams: MqttUpstream[];
  /**
   * Name servers that NGINX asks for the host names of upstreams, again and again: a name that does not resolve leaves the other upstreams alone, and a broker that gets another address is followed.
   * NGINX Plus, or open-source NGINX from 1.27.3 on. Directive `resolver`, parameter `resolve`.
   * @default `kube-dns.kube-system.svc.cluster.local`, with `pods.openshift` `dns-default.openshift-dns.svc.cluster.local`; answers count for 10 seconds, addresses of IPv6 are not asked for. None where the tag of `pods.image` has an older NGINX
   */
  resolver?: MqttResolver;
  /** Routes for clients of listeners without routes of their own and without tenants. @default none: all clients take the default route */
  routes?: MqttRoute[];
  /** Route of the clients that no other route takes. */
  defaultRoute: MqttDefaultRoute;
  /** TLS to the brokers. @default none: the proxy speaks plain MQTT to them */
  brokerTls?: MqttBrokerTls;
  /** Credentials put into every CONNECT. Directive `mqtt_set_connect` (NGINX Plus), njs otherwise. @default the client's own are passed on */
  credentials?: MqttCredentials;
  /** Credentials for single routes, which name them. @default none */
  namedCredentials?: MqttNamedCredentials[];
  /** Limits on each client, for listeners without limits of their own, and on the size of CONNECT. @default 16 KiB for a CONNECT, and no other limits */
  limits?: MqttProxyLimits;
  /** Times after which connections are closed. @default 10 s for a CONNECT, half an hour of silence */
  timeouts?: MqttTimeouts;
  /** Raw NGINX configuration. @default none */
  snippets?: MqttSnippets;
}

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
  /** PEM bundle of the authorities that issue the brokers' certificates, for example a CertificateAuthority's `bundle`. Directive `proxy_ssl_trusted_certificate`. */
  trustedCertificatesPem?: Input<string>;
  /** The proxy's own certificate, for brokers that require one: a Certificate with client usage, or another Secret with `tls.crt` and `tls.key`. @default none: the proxy presents no certificate */
  clientCertificate?: CertificateReference;
  /** Highest number of intermediate certificates between a broker's certificate and a trusted one. Directive `proxy_ssl_verify_depth`. @default 3 */
  verifyDepth?: number;
  /** `true`: the proxy accepts any certificate, so any host at a broker's address can read all traffic. @default false */
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
  /** Longest keep alive of the clients, in seconds. A connection is closed after one and a half times that long without data. Directive `proxy_timeout`. @default 1200 */
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
  /** Namespace of all objects, and of the Secrets that the pods use. */
  namespace: Input<string>;
  /** NGINX Plus, or open-source NGINX. @default "plus" */
  edition?: Edition;
  /** The licence: a LicenseSecret, or another Secret with one. Needed for NGINX Plus, refused for open-source NGINX. */
  license?: LicenseReference;
  /**
   * The pods: image, number, size, placement, Service, NetworkPolicy, metrics. Without `networkPolicy.upstreams` the brokers' ports are open to any address. In a Namespace with `defaultDeny`
   * of the same program the proxy makes a NetworkPolicy even if none is given.
   * @default two pods
   */
  pods?: NginxPods;
  /** TCP port of the Service on which clients connect, without TLS. The pods listen on 1883. Not with `listeners`. @default 1883, without `listeners` */
  port?: number;
  /** Ports on which clients connect: several, or one with TLS or rules of its own. @default one, plain MQTT on `port` */
  listeners?: MqttListener[];
  /** Groups of clients that are isolated from each other, each with upstreams and credentials of its own. @default none: `routes` are for all */
  tenants?: MqttTenant[];
  /** The brokers, by name; at least one. */
  upstreams: MqttUpstream[];
  /**
   * Name servers that NGINX asks for the host names of upstreams, again and again: a name that does not resolve leaves the other upstreams alone, and a broker that gets another address is followed.
   * NGINX Plus, or open-source NGINX from 1.27.3 on. Directive `resolver`, parameter `resolve`.
   * @default `kube-dns.kube-system.svc.cluster.local`, with `pods.openshift` `dns-default.openshift-dns.svc.cluster.local`; answers count for 10 seconds, addresses of IPv6 are not asked for. None where the tag of `pods.image` has an older NGINX
   */
  resolver?: MqttResolver;
  /** Routes of listeners without routes of their own and without tenants. @default none: all clients take the default route */
  routes?: MqttRoute[];
  /** Route of the clients that match no other route. */
  defaultRoute: MqttDefaultRoute;
  /** TLS to the brokers. @default none: the proxy speaks plain MQTT to them */
  brokerTls?: MqttBrokerTls;
  /** Credentials that the proxy writes into every CONNECT. Directive `mqtt_set_connect` (NGINX Plus), njs otherwise. @default the client's own are passed on */
  credentials?: MqttCredentials;
  /** Credentials for the routes that refer to them by name. @default none */
  namedCredentials?: MqttNamedCredentials[];
  /** Limits on each client, for listeners without limits of their own, and on the size of CONNECT. @default 16 KiB for a CONNECT, and no other limits */
  limits?: MqttProxyLimits;
  /** Times after which connections are closed. @default 10 s for a CONNECT, half an hour of silence */
  timeouts?: MqttTimeouts;
  /** Raw NGINX configuration. @default none */
  snippets?: MqttSnippets;
}

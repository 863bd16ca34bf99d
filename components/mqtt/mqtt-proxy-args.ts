import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode, NginxDeploymentArgs } from "../nginx";
import type { CertificateReference } from "../pki";
import type { MqttCredentials, MqttNamedCredentials } from "./mqtt-credentials-args";
import type { MqttLimits, MqttListener } from "./mqtt-listener-args";
import type { MqttDefaultRoute, MqttRoute } from "./mqtt-route-args";
import type { MqttTenant } from "./mqtt-tenant-args";
import type { MqttUpstream } from "./mqtt-upstream-args";

/** TLS from the proxy to the brokers. One setting for all upstreams. */
export interface MqttBrokerTls {
  /** PEM bundle of the authorities that the brokers' certificates must come from, for example a CertificateAuthority's `bundle`. Directive `proxy_ssl_trusted_certificate`. */
  trustedCertificates?: Input<string>;
  /** The proxy's own certificate, for brokers that require one: a Certificate with client usage, or the Secret (`tls.crt`, `tls.key`) of another. @default none is shown */
  clientCertificate?: CertificateReference;
  /** How many intermediate certificates may stand between a broker's certificate and a trusted one. Directive `proxy_ssl_verify_depth`. @default 3 */
  verifyDepth?: number;
  /** `true`: any certificate of any broker is accepted, so whoever answers at a broker's address reads everything. @default false */
  unsafeSkipVerification?: boolean;
}

/** Raw NGINX configuration, for what has no argument of its own. */
export interface MqttSnippets {
  /** Nodes at the end of the `stream` block. */
  stream?: NginxConfigNode[];
  /** Nodes at the end of each listener's `server` block in `stream`. */
  server?: NginxConfigNode[];
}

/** Arguments of an MqttProxy; those of the pods come from NginxDeploymentArgs. */
export interface MqttProxyArgs extends NginxDeploymentArgs {
  /** TCP port of the Service on which clients connect, without TLS. The pods listen on 1883. Left out where `listeners` are given. @default 1883 */
  port?: number;
  /** The ports on which clients connect, where there are several, or one with TLS or rules of its own. @default one, plain MQTT on `port` */
  listeners?: MqttListener[];
  /** Clients that are kept apart from each other, each with upstreams and credentials of their own. @default none: `routes` are for all */
  tenants?: MqttTenant[];
  /** The brokers, by name; at least one. */
  upstreams: MqttUpstream[];
  /** Which client goes where, on listeners without routes of their own and without tenants. @default none: all clients take the default route */
  routes?: MqttRoute[];
  /** What happens to a client that no route takes. */
  defaultRoute: MqttDefaultRoute;
  /** TLS to the brokers. @default none: the proxy speaks plain MQTT to them */
  brokerTls?: MqttBrokerTls;
  /** Credentials put into every CONNECT. Directive `mqtt_set_connect` (NGINX Plus), njs otherwise. @default the client's own go through */
  credentials?: MqttCredentials;
  /** Credentials for single routes, which name them. @default none */
  namedCredentials?: MqttNamedCredentials[];
  /** How much one client may take, on listeners without limits of their own. @default any amount */
  limits?: MqttLimits;
  /** Largest CONNECT packet, in KiB: client id, will, user name and password together. Directive `preread_buffer_size`. @default 16 */
  maximumConnectKibibytes?: number;
  /** How long a client may take to send its CONNECT, in seconds. Directive `preread_timeout`. @default 10 */
  connectTimeoutSeconds?: number;
  /** The longest keep alive that clients ask for, in seconds: a connection that is silent for half as long again is closed. Directive `proxy_timeout`. @default 1200 */
  longestKeepAliveSeconds?: number;
  /** Raw NGINX configuration. @default none */
  snippets?: MqttSnippets;
}

import type { Input } from "@pulumi/pulumi";
import type { NginxConfigNode, NginxDeploymentArgs } from "../nginx";
import type { CertificateReference } from "../pki";

/** One broker, or one member of a cluster of brokers. */
export interface MqttServer {
  /** Host name or address of the broker. NGINX resolves a name once, when it starts. */
  host: Input<string>;
  /** TCP port. @default 8883 with `brokerTls`, 1883 without */
  port?: number;
}

/** A broker, or a cluster of brokers that clients are spread over by a consistent hash of their client id. */
export interface MqttUpstream {
  /** Name that routes refer to: lower-case letters, digits, `-` and `_`; it is also what the access log shows. */
  name: string;
  /** The brokers; at least one. With several, a client id always goes to the same one while the set is unchanged. */
  servers: MqttServer[];
  /** Host name that the brokers' certificates must carry as a DNS name, also sent as SNI. @default the host of the first server */
  serverName?: Input<string>;
}

/** Which client ids a route takes: exactly one of the three. */
export interface MqttClientIdMatch {
  /** The client id itself, in this case of letters. */
  exact?: string;
  /** How the client id begins, in this case of letters. */
  prefix?: string;
  /** A regular expression (PCRE) that the whole client id matches; without capture groups: `(?:…)` in place of `(…)`. */
  regex?: string;
}

/** Sends some clients to an upstream. An exact match goes before the longest prefix, that before regular expressions in their order. */
export interface MqttRoute {
  /** The client ids that take this route. */
  clientId: MqttClientIdMatch;
  /** Name of an entry of `upstreams`. */
  upstream: string;
}

/** Where clients go that no route takes: exactly one of the two. */
export interface MqttDefaultRoute {
  /** `true`: such a client is turned away before any byte of it reaches a broker. */
  refuse?: boolean;
  /** Name of an entry of `upstreams`. */
  upstream?: string;
}

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

/** A Secret that something else keeps, with the credentials as NGINX configuration. */
export interface ExistingMqttCredentials {
  /** Name of the Secret, in the proxy's namespace. */
  secretName: Input<string>;
  /**
   * Key whose value is NGINX configuration for the `stream` context, setting `$mqtt_connect_username` and `$mqtt_connect_password`:
   * `map $mqtt_upstream $mqtt_connect_username { default "…"; }`, and the same for the password. Write a dollar sign as `${dollar}`.
   * @default "credentials.conf"
   */
  key?: string;
  /** Any text that changes with the contents: a new value rolls the pods. @default none, the pods keep what they read at their start */
  revision?: Input<string>;
}

/** What the proxy writes into each CONNECT in place of the client's own user name and password. */
export interface MqttCredentials {
  /** User name; needed unless `existing` is given. */
  username?: Input<string>;
  /** Password; stored as a secret. @default 32 random letters and digits, made once and kept in the stack's state */
  password?: Input<string>;
  /** Credentials that another system keeps; then `username` and `password` are left out. */
  existing?: ExistingMqttCredentials;
  /** `true`: the credentials are sent even to brokers whose certificate nobody verified. @default false */
  unsafeSendToUnverifiedBrokers?: boolean;
}

/** Raw NGINX configuration, for what has no argument of its own. */
export interface MqttSnippets {
  /** Nodes at the end of the `stream` block. */
  stream?: NginxConfigNode[];
  /** Nodes at the end of the listener's `server` block. */
  server?: NginxConfigNode[];
}

/** Arguments of an MqttProxy; those of the pods come from NginxDeploymentArgs. */
export interface MqttProxyArgs extends NginxDeploymentArgs {
  /** TCP port of the Service on which clients connect, without TLS. The pods listen on 1883. @default 1883 */
  port?: number;
  /** The brokers, by name; at least one. */
  upstreams: MqttUpstream[];
  /** Which client goes where. @default none: all clients take the default route */
  routes?: MqttRoute[];
  /** What happens to a client that no route takes. */
  defaultRoute: MqttDefaultRoute;
  /** TLS to the brokers. @default none: the proxy speaks plain MQTT to them */
  brokerTls?: MqttBrokerTls;
  /** Credentials put into every CONNECT. Directive `mqtt_set_connect` (NGINX Plus), njs otherwise. @default the client's own go through */
  credentials?: MqttCredentials;
  /** Largest CONNECT packet, in KiB: client id, will, user name and password together. Directive `preread_buffer_size`. @default 16 */
  maximumConnectKibibytes?: number;
  /** How long a client may take to send its CONNECT, in seconds. Directive `preread_timeout`. @default 10 */
  connectTimeoutSeconds?: number;
  /** The longest keep alive that clients ask for, in seconds: a connection that is silent for half as long again is closed. Directive `proxy_timeout`. @default 1200 */
  longestKeepAliveSeconds?: number;
  /** Raw NGINX configuration. @default none */
  snippets?: MqttSnippets;
}

import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { SecretReference } from "../../foundation";
import type { NginxPeer, NginxService } from "../../nginx";
import type { CertificateIssuer, CertificateReference, KeyOptions } from "../../pki";
import type { InstanceManagerClickHouse } from "./clickhouse";
import type { InstanceManagerPersistence } from "./persistence";
import type { InstanceManagerCustomVersion } from "./versions";

/** Whether Instance Manager talks to F5: licences, usage, security updates. */
export const InstanceManagerMode = { connected: "connected", disconnected: "disconnected" } as const;
export type InstanceManagerMode = (typeof InstanceManagerMode)[keyof typeof InstanceManagerMode];

/** How an outbound proxy is spoken to. */
export const OutboundProxyProtocol = { http: "http", https: "https" } as const;
export type OutboundProxyProtocol = (typeof OutboundProxyProtocol)[keyof typeof OutboundProxyProtocol];

/** How much the parts of Instance Manager log. */
export const InstanceManagerLogLevel = {
  debug: "debug",
  info: "info",
  warn: "warn",
  error: "error",
  panic: "panic",
  fatal: "fatal",
} as const;
export type InstanceManagerLogLevel = (typeof InstanceManagerLogLevel)[keyof typeof InstanceManagerLogLevel];

/** The user `admin`: a generated password, or one of the two. */
export interface InstanceManagerAdmin {
  /** The password, at least 12 characters; a secret. @default 32 random characters, kept in the stack's state */
  password?: Input<string>;
  /** The password's hash in place of the password, as `openssl passwd -6` makes it; a secret. @default made here, with a random salt that is kept in the stack's state */
  passwordHash?: Input<string>;
  /** Anything; a change of it makes a new random password. @default the password stays */
  passwordGeneration?: string;
}

/** The certificates by which the parts of Instance Manager know one another. */
export interface InstanceManagerInternalCertificates extends KeyOptions {
  /** How many hours they are valid for; at most the issuer's `renewalWindowHours`. @default 2160, 90 days */
  validityHours?: number;
  /** How many hours before their end `pulumi up` renews them, and restarts the parts with it. @default a third of `validityHours` */
  earlyRenewalHours?: number;
}

/**
 * Secrets that something else keeps, for example cert-manager, with the keys that the chart looks for. Certificates of servers carry `<part>`,
 * `<part>.<namespace>.svc`, `<part>.<namespace>.svc.cluster.local`, 0.0.0.0 and 127.0.0.1, and are for servers and clients; all are of one authority.
 */
export interface InstanceManagerExistingCertificates {
  /** Key `ca.pem`, and for an InstanceManagerProxy the same under `ca.crt`. Its key, `ca.key`, has no business in a cluster. */
  authority: SecretReference;
  /** Keys `core-server.pem`, `core-server.key`, `core-client.pem`, `core-client.key`. */
  core: SecretReference;
  /** Keys `dpm-server.pem`, `dpm-server.key`, `dpm-client.pem`, `dpm-client.key`. */
  dpm: SecretReference;
  /** Keys `ingestion-server.pem`, `ingestion-server.key`, `ingestion-client.pem`, `ingestion-client.key`. */
  ingestion: SecretReference;
  /** Keys `integrations-server.pem`, `integrations-server.key`, `integrations-client.pem`, `integrations-client.key`. */
  integrations: SecretReference;
  /** Keys `secmon-server.pem`, `secmon-server.key`, `secmon-client.pem`, `secmon-client.key`. */
  secmon: SecretReference;
  /** Keys `apigw-client.pem`, `apigw-client.key`. */
  apigw: SecretReference;
  /** The certificate of an InstanceManagerProxy, for clients: keys `tls.crt`, `tls.key`. */
  proxy: CertificateReference;
}

/** An HTTP proxy (method CONNECT) on the way to F5. The chart writes its password in clear text into a ConfigMap, so there is none: let the proxy know the cluster by its address. */
export interface InstanceManagerOutboundProxy {
  /** Host name or address of the proxy. */
  host: Input<string>;
  /** TCP port of the proxy. @default 3128 */
  port?: number;
  /** How the proxy is spoken to. Its certificate is always verified: the chart takes `proxySslVerify: false` for absent. @default "http" */
  protocol?: OutboundProxyProtocol;
}

/** Arguments of an InstanceManager. */
export interface InstanceManagerArgs {
  /** Namespace of everything that is made, with one Instance Manager in it: the chart's objects have fixed names. A Namespace's `name`. */
  namespace: Input<string>;
  /** Name of the Helm release, a DNS-1123 label. @default "nim" */
  name?: string;
  /** Version of Instance Manager, from 2.22.0 on: older charts make their certificates themselves. @default "2.22.2", by version 2.2.2 of the chart */
  version?: string;
  /** A version that the library does not know. @default none */
  customVersion?: InstanceManagerCustomVersion;
  /** A mirror that stands in for the registry of every image, and as `oci://<registry>/nginx/charts/nim` for the chart: `registry.example.com/mirror`. @default `private-registry.nginx.com`, `mirror.gcr.io` for ClickHouse, https://helm.nginx.com/stable */
  registry?: Input<string>;
  /** Where the chart comes from, `https://…` or `oci://…` without its name. @default by `registry` */
  chartRepository?: Input<string>;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`, for example a RegistrySecret's `secretName`. @default none */
  imagePullSecrets?: Input<string>[];
  /** The authority of every certificate that is issued here: a CertificateAuthority. Required unless both `existingCertificates` and `certificate` are given. */
  issuer?: CertificateIssuer;
  /** Keys and lifetimes of the certificates between the parts. @default RSA keys of 2048 bits, as the chart's own; 90 days */
  internalCertificates?: InstanceManagerInternalCertificates;
  /** The certificates between the parts, where something else issues them. @default issued here */
  existingCertificates?: InstanceManagerExistingCertificates;
  /** The HTTPS certificate of the web interface and the API. NGINX of the chart takes a renewed one up by itself. @default issued here, for the Service's names and `hostnames` */
  certificate?: CertificateReference;
  /** The authorities of `certificate`, PEM, where they are not the issuer's: an InstanceManagerProxy comes to trust them too. @default none */
  certificateAuthorities?: Input<string>;
  /** DNS names besides the Service's under which the web interface is reached. Chart's `apigw.serverName`. @default none */
  hostnames?: Input<string>[];
  /** The user `admin`. @default with a generated password, the output `adminPassword` */
  admin?: InstanceManagerAdmin;
  /** Where metrics and events are kept. @default in a ClickHouse of the chart's */
  clickHouse?: InstanceManagerClickHouse;
  /** Volumes of the parts. @default the chart's claims, of the cluster's default class */
  persistence?: InstanceManagerPersistence;
  /** Whether it talks to F5. Without that, licence and usage go by files that the administrator carries. @default "connected" */
  mode?: InstanceManagerMode;
  /** An HTTP proxy on the way to F5. @default none */
  outboundProxy?: InstanceManagerOutboundProxy;
  /**
   * `true`: the parts talk to one another, to name servers and, of them `integrations` alone, to F5; they take connections from pods of their namespace
   * and from `clients`. These are policies of our own: with the chart's, everyone reaches the API gateway and its way around a proxy's mutual TLS.
   *
   * @default true
   */
  networkPolicies?: boolean;
  /** Who else may connect to the API gateway, which has the agents' services too, without asking for a certificate. Pods of the namespace may in any case. @default nobody */
  clients?: NginxPeer[];
  /** A Service of our own before the API gateway, for reaching it from outside: the chart's can have neither source ranges nor a class. An InstanceManagerProxy before it is better. @default none, only the chart's `apigw` of type ClusterIP */
  service?: NginxService;
  /** `true`: a Service that can be reached from outside the cluster, without source ranges and class of its own, is meant. @default false */
  exposed?: boolean;
  /** `true`: whoever reaches the API gateway by `service` or as one of `clients` can register as an agent, for it asks nobody for a certificate. @default false */
  unsafeAllowAgentsWithoutCertificate?: boolean;
  /** Taints that the pods of every part tolerate: all that the chart knows of placement. @default none */
  tolerations?: types.input.core.v1.Toleration[];
  /** `true`: no user and groups are set, so that OpenShift gives the pods those of their project. @default false */
  openshift?: boolean;
  /** How much the parts log. @default "error", as the chart */
  logLevel?: InstanceManagerLogLevel;
  /** Values for the chart that no argument decides: `{ core: { resources: { limits: { memory: "2Gi" } } } }`. Refused are keys that the chart has not, and secrets. @default none */
  // biome-ignore lint/suspicious/noExplicitAny: a tree of values, checked against the chart's keys
  helmValues?: Record<string, any>;
}

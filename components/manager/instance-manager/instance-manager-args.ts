import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { SecretReference } from "../../foundation";
import type { NginxPeer, NginxService } from "../../nginx";
import type { CertificateIssuer, CertificateReference, KeyOptions } from "../../pki";
import type { InstanceManagerClickHouse } from "./clickhouse";
import type { InstanceManagerPersistence } from "./persistence";
import type { InstanceManagerCustomVersion } from "./versions";

/** Connection of Instance Manager to F5, for usage reports and security updates. */
export const InstanceManagerMode = { connected: "connected", disconnected: "disconnected" } as const;
export type InstanceManagerMode = (typeof InstanceManagerMode)[keyof typeof InstanceManagerMode];

/** Protocol between Instance Manager and an outbound proxy. */
export const OutboundProxyProtocol = { http: "http", https: "https" } as const;
export type OutboundProxyProtocol = (typeof OutboundProxyProtocol)[keyof typeof OutboundProxyProtocol];

/** Log levels of the parts of Instance Manager. */
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
  /** Password, at least 12 characters. @default 32 random characters, kept in the stack's state @secret */
  password?: Input<string>;
  /** Hash of the password in place of the password, as `openssl passwd -6` prints it. @default made here, with a random salt that is kept in the stack's state @secret */
  passwordHash?: Input<string>;
  /** Any text; a change of it makes a new random password. @default the password stays */
  passwordGeneration?: string;
}

/** The certificates by which the parts of Instance Manager know one another. */
export interface InstanceManagerInternalCertificates extends KeyOptions {
  /** Validity of they in hours; at most the issuer's `renewalWindowHours`. @default 2160, 90 days */
  validityHours?: number;
  /** Number of hours before their end at which `pulumi up` renews them, and restarts the parts with it. @default a third of `validityHours` */
  earlyRenewalHours?: number;
}

/**
 * Secrets that something else keeps, for example cert-manager, with the keys that the chart looks for. Certificates of servers carry `<part>`,
 * `<part>.<namespace>.svc`, `<part>.<namespace>.svc.cluster.local`, 0.0.0.0 and 127.0.0.1, and are for servers and clients; all are of one authority.
 */
export interface InstanceManagerExistingCertificates {
  /** Secret with the authority: under `ca.pem`, and for an InstanceManagerProxy under `ca.crt` too. No pod needs its key, `ca.key`. */
  authority: SecretReference;
  /** Secret of the part `core`: keys `core-server.pem`, `core-server.key`, `core-client.pem`, `core-client.key`. */
  core: SecretReference;
  /** Secret of the part `dpm`: keys `dpm-server.pem`, `dpm-server.key`, `dpm-client.pem`, `dpm-client.key`. */
  dpm: SecretReference;
  /** Secret of the part `ingestion`: keys `ingestion-server.pem`, `ingestion-server.key`, `ingestion-client.pem`, `ingestion-client.key`. */
  ingestion: SecretReference;
  /** Secret of the part `integrations`: keys `integrations-server.pem`, `integrations-server.key`, `integrations-client.pem`, `integrations-client.key`. */
  integrations: SecretReference;
  /** Secret of the part `secmon`: keys `secmon-server.pem`, `secmon-server.key`, `secmon-client.pem`, `secmon-client.key`. */
  secmon: SecretReference;
  /** Secret of the part `apigw`: keys `apigw-client.pem`, `apigw-client.key`. */
  apigw: SecretReference;
  /** Client certificate of an InstanceManagerProxy: keys `tls.crt`, `tls.key`. */
  proxy: CertificateReference;
}

/** An HTTP proxy (method CONNECT) on the way to F5. The chart writes its password in clear text into a ConfigMap, so there is none: let the proxy know the cluster by its address. */
export interface InstanceManagerOutboundProxy {
  /** Host name or address of the proxy. */
  host: Input<string>;
  /** TCP port of the proxy. @default 3128 */
  port?: number;
  /** Protocol towards the proxy. Its certificate is always verified: the chart takes `proxySslVerify: false` for absent. @default "http" */
  protocol?: OutboundProxyProtocol;
}

/** Arguments of an InstanceManager. */
export interface InstanceManagerArgs {
  /** Namespace of Instance Manager, for example a Namespace's `name`. It takes one Instance Manager only: the chart's objects have fixed names. */
  namespace: Input<string>;
  /** Name of the Helm release, a DNS-1123 label of at most 53 characters. @default "nim" */
  name?: string;
  /** Version of Instance Manager, from 2.22.0 on: older charts make their certificates themselves. @default "2.22.2", by version 2.2.2 of the chart */
  version?: string;
  /** A version that the library does not know. @default none */
  customVersion?: InstanceManagerCustomVersion;
  /** A mirror that stands in for the registry of every image, and as `oci://<registry>/nginx/charts/nim` for the chart: `registry.example.com/mirror`. @default `private-registry.nginx.com`, `mirror.gcr.io` for ClickHouse, https://helm.nginx.com/stable */
  registry?: Input<string>;
  /** Repository of the chart, `https://…` or `oci://…` without its name. @default by `registry` */
  chartRepository?: Input<string>;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`, for example a RegistrySecret's `secretName`. @default none */
  imagePullSecrets?: Input<string>[];
  /** The authority of every certificate that is issued here: a CertificateAuthority. Required unless both `existingCertificates` and `certificate` are given. */
  issuer?: CertificateIssuer;
  /** Keys and lifetimes of the certificates between the parts. @default RSA keys of 2048 bits, as the chart's own; 90 days */
  internalCertificates?: InstanceManagerInternalCertificates;
  /** The certificates between the parts, where something else issues them. @default issued here */
  existingCertificates?: InstanceManagerExistingCertificates;
  /** HTTPS certificate of the web interface and the API: for servers, with `hostnames`, or without those with the name `apigw`. The chart's NGINX loads a renewed one by itself. @default issued here, for the Service's names and `hostnames` */
  certificate?: CertificateReference;
  /** Authorities of `certificate`, PEM, where they are not the issuer's: an InstanceManagerProxy trusts them too. @default none */
  certificateAuthoritiesPem?: Input<string>;
  /** DNS names besides the Service's under which the web interface is reached. Chart's `apigw.serverName`. @default none */
  hostnames?: Input<string>[];
  /** The user `admin`. @default with a generated password, the output `adminPassword` */
  admin?: InstanceManagerAdmin;
  /** Storage of metrics and events. @default a ClickHouse of the chart's */
  clickHouse?: InstanceManagerClickHouse;
  /** Volumes of the parts. @default the chart's claims, of the cluster's default class */
  persistence?: InstanceManagerPersistence;
  /** Connection to F5. Without it, the administrator transfers usage reports as files. @default "connected" */
  mode?: InstanceManagerMode;
  /** An HTTP proxy on the way to F5. @default none */
  outboundProxy?: InstanceManagerOutboundProxy;
  /**
   * `true`: NetworkPolicies allow the parts the connections that they need, and no others: to talk to one another and to name servers, and `integrations` to F5; connections from pods
   * of the namespace and from `clients`. A Namespace that denies by default needs them. The chart's own policies are off: they let everyone reach the API gateway.
   *
   * @default true
   */
  networkPolicies?: boolean;
  /** Peers outside the namespace that may connect to the API gateway. It has the agents' services too, and asks for no certificate. Pods of the namespace may connect in any case. @default none */
  clients?: NginxPeer[];
  /** Name servers that the parts may ask. @default pods of the cluster's DNS: `k8s-app: kube-dns` in `kube-system`, with `openshift` those of OpenShift */
  dns?: NginxPeer[];
  /** A Service of our own before the API gateway, for reaching it from outside: the chart's can have neither source ranges nor a class. An InstanceManagerProxy before it is better. @default none, only the chart's `apigw` of type ClusterIP */
  service?: NginxService;
  /** `true`: a Service that can be reached from outside the cluster, without source ranges and class of its own, is meant. @default false */
  exposed?: boolean;
  /** `true`: anyone who reaches the API gateway by `service` or as one of `clients` can register as an agent, since it asks for no certificate. @default false */
  unsafeAllowAgentsWithoutCertificate?: boolean;
  /** Taints that the pods of every part tolerate: all that the chart knows of placement. @default none */
  tolerations?: types.input.core.v1.Toleration[];
  /** `true`: no user and groups are set, so that OpenShift gives the pods those of their project. @default false */
  openshift?: boolean;
  /** Log level of the parts. @default "error", as the chart */
  logLevel?: InstanceManagerLogLevel;
  /** Values for the chart that no argument decides: `{ core: { resources: { limits: { memory: "2Gi" } } } }`. Refused are keys that the chart has not, and secrets. @default none */
  // biome-ignore lint/suspicious/noExplicitAny: a tree of values, checked against the chart's keys
  helmValues?: Record<string, any>;
}

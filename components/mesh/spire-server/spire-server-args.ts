import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { PodPlacement } from "../../foundation";
import type { HclNode } from "../hcl";
import type { MeshLifetimes } from "../lifetimes";
import type { SpireMonitoring } from "../monitoring";
import type { SpireSecretVariable } from "../secret-variables";
import type { MeshImages } from "../versions";
import type { SpireDataStore } from "./data-store";
import type { SpireUpstreamAuthority } from "./upstream-args";

/** Stores of SPIRE's private keys. */
export const SpireKeyManager = {
  /** A file on the storage: SPIRE keeps its CA through a restart. */
  disk: "disk",
  /** Memory: each start makes a new CA and adds it to the bundle. */
  memory: "memory",
} as const;
export type SpireKeyManager = (typeof SpireKeyManager)[keyof typeof SpireKeyManager];

/** Key types of SPIRE's CA. */
export const SpireKeyType = {
  ecP256: "ec-p256",
  ecP384: "ec-p384",
  rsa2048: "rsa-2048",
  rsa4096: "rsa-4096",
} as const;
export type SpireKeyType = (typeof SpireKeyType)[keyof typeof SpireKeyType];

/** Log levels. */
export const SpireLogLevel = { debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR" } as const;
export type SpireLogLevel = (typeof SpireLogLevel)[keyof typeof SpireLogLevel];

/** Ways in which the cluster has the CRDs of the controller manager. */
export const SpireCrds = {
  /** The component installs them; they stay when the stack is destroyed. */
  install: "install",
  /** The cluster has them: the three CRDs of spire-controller-manager 0.6.6, which does not start without one of them. */
  existing: "existing",
} as const;
export type SpireCrds = (typeof SpireCrds)[keyof typeof SpireCrds];

/** Persistent volume of each replica. */
export interface SpireVolume {
  /** Size, as Kubernetes writes it: `1Gi`. */
  size: Input<string>;
  /** Name of the StorageClass. @default the cluster's default class; without one the pods stay Pending */
  storageClass?: Input<string>;
}

/** Storage of a replica: exactly one of `volume` and `unsafeEphemeral`. */
export interface SpireStorage {
  /** A volume that outlives the pod. */
  volume?: SpireVolume;
  /** `true`: all data is lost with the pod, and every agent must attest again to a new CA. For trials. @default false */
  unsafeEphemeral?: boolean;
}

/** Subject of SPIRE's CA certificates (`ca_subject`). */
export interface SpireCaSubject {
  /** Common name (CN). @default none */
  commonName?: Input<string>;
  /** Organizations (O). @default none */
  organizations?: Input<string>[];
  /** Countries (C), two letters of ISO 3166 each. @default none */
  countries?: Input<string>[];
}

/** JSON Web Tokens for workloads. */
export interface SpireJwtSvids {
  /** `true`: SPIRE issues them; `false` sets `disable_jwt_svids`. @default true */
  enabled?: boolean;
  /** Claim `iss` (`jwt_issuer`): the URL of the keys. @default none */
  issuer?: Input<string>;
  /** Key type (`jwt_key_type`). @default that of the CA */
  keyType?: SpireKeyType;
}

/** Settings of a SPIRE server that a ServiceMesh takes too. The placement is that of its pods. */
export interface SpireServerSettings extends PodPlacement {
  /** Domain of the cluster, for templates that use `.ClusterDomain`. @default detected by the controller manager */
  clusterDomain?: Input<string>;
  /** Class of the ClusterSPIFFEIDs of this server. @default the value of the instance label, which no other component has */
  className?: string;
  /** Number of replicas; exactly 1 without a database that they share. @default 1 */
  replicas?: number;
  /** Storage of each replica for its keys, and without a database for its data store. Required, unless there is a database and the key manager is `memory`. */
  storage?: SpireStorage;
  /** Data store (plugin `DataStore "sql"`). @default SQLite on the storage */
  dataStore?: SpireDataStore;
  /** Store of private keys (plugin `KeyManager`). @default "disk" */
  keyManager?: SpireKeyManager;
  /** Authority that signs SPIRE's CA (plugin `UpstreamAuthority`). @default none: SPIRE's CA is a self-signed root */
  upstreamAuthority?: SpireUpstreamAuthority;
  /** Lifetimes of certificates. @default a day for the CA, an hour for the certificate of a workload */
  lifetimes?: MeshLifetimes;
  /** Key type of the CA (`ca_key_type`). @default "ec-p256" */
  caKeyType?: SpireKeyType;
  /** Subject of the CA. @default SPIRE's own */
  caSubject?: SpireCaSubject;
  /** JSON Web Tokens for workloads. @default issued */
  jwtSvids?: SpireJwtSvids;
  /** Keys of node labels that become selectors of agents (`allowed_node_label_keys`). @default none */
  nodeLabelKeys?: Input<string>[];
  /** Log level (`log_level`). @default "INFO" */
  logLevel?: SpireLogLevel;
  /** Further namespaces whose pods get no identity from a ClusterSPIFFEID, beside kube-system, kube-public and those of SPIRE. @default none */
  ignoredNamespaces?: Input<string>[];
  /** `true`: the controller manager validates each ClusterSPIFFEID of its class, by a ValidatingWebhookConfiguration that fails closed. Needs Kubernetes 1.30. @default true */
  validatingWebhook?: boolean;
  /** Way in which the cluster has the CRDs. @default "install" */
  crds?: SpireCrds;
  /** Folder, or URL without file name, of `spire-controller-manager-0.6.6.yaml` with all three CRDs. @default upstream's files on GitHub */
  crdSource?: string;
  /** `true`: the CRDs are deleted with the stack, and with them every identity in the cluster. @default false */
  deleteCrds?: boolean;
  /** Further plugins, each a block of `plugins` such as `CredentialComposer "uniqueid" { plugin_data {} }`. Kinds that other arguments configure are refused. @default none */
  plugins?: HclNode[];
  /** Environment variables with values of Secrets, for nodes with `environment` in `plugins`. @default none */
  secretVariables?: SpireSecretVariable[];
  /** Names of pull Secrets (`kubernetes.io/dockerconfigjson`). @default none */
  imagePullSecrets?: Input<string>[];
  /** CPU and memory of the server's container. @default requests of 100m CPU and 128Mi, a limit of 512Mi of memory */
  resources?: types.input.core.v1.ResourceRequirements;
  /** CPU and memory of the controller manager's container. @default requests of 50m CPU and 64Mi, a limit of 256Mi of memory */
  controllerManagerResources?: types.input.core.v1.ResourceRequirements;
  /** Annotations of the ServiceAccount, for example its role in AWS. @default none */
  serviceAccountAnnotations?: Record<string, Input<string>>;
}

/** Arguments of a SpireServer. */
export interface SpireServerArgs extends SpireServerSettings {
  /**
   * Namespace of the server. The pods comply with restricted Pod Security. In a Namespace of this program that denies by default, the server gets a
   * NetworkPolicy. It allows ingress to its port, webhook and metrics, and egress to any address, because a policy cannot select the API server.
   */
  namespace: Input<string>;
  /** Namespace of the agents and of the ConfigMap with the bundle. It must admit privileged pods. @default that of the server */
  agentNamespace?: Input<string>;
  /** Name of the trust domain (`trust_domain`), a name of your own. It is part of every identity, so a change changes all of them. */
  trustDomain: Input<string>;
  /** `true`: a trust domain of examples, such as example.org, is accepted. @default false */
  unsafeExampleTrustDomain?: boolean;
  /** Name of the cluster, different in each cluster of a trust domain. It is part of the agents' identities. Letters, digits, `.`, `_` and `-`. */
  clusterName: string;
  /** Images, or a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics for Prometheus. @default none */
  monitoring?: SpireMonitoring;
  /** `true`: pods set no user and groups, so that OpenShift assigns those of the project. @default false: user and groups 1000, as in the images */
  openshift?: boolean;
}

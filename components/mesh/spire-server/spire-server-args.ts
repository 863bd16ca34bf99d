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

/** Places of SPIRE's private keys. */
export const SpireKeyManager = {
  /** In a file on the storage: a restart goes on with the same CA. */
  disk: "disk",
  /** In memory: every start makes a new CA, and adds it to the bundle. */
  memory: "memory",
} as const;
export type SpireKeyManager = (typeof SpireKeyManager)[keyof typeof SpireKeyManager];

/** Kinds of the keys of SPIRE's CA. */
export const SpireKeyType = {
  ecP256: "ec-p256",
  ecP384: "ec-p384",
  rsa2048: "rsa-2048",
  rsa4096: "rsa-4096",
} as const;
export type SpireKeyType = (typeof SpireKeyType)[keyof typeof SpireKeyType];

/** Levels of the log. */
export const SpireLogLevel = { debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR" } as const;
export type SpireLogLevel = (typeof SpireLogLevel)[keyof typeof SpireLogLevel];

/** Whether the CRDs of the controller manager are installed. */
export const SpireCrds = {
  /** They are, and stay when the stack is destroyed. */
  install: "install",
  /** They are there already: the three of spire-controller-manager 0.6.6, without one of which it does not start. */
  existing: "existing",
} as const;
export type SpireCrds = (typeof SpireCrds)[keyof typeof SpireCrds];

/** A volume of each replica. */
export interface SpireVolume {
  /** Size, as Kubernetes writes it: `1Gi`. */
  size: Input<string>;
  /** Name of the StorageClass. @default the cluster's default class; without one the pods stay Pending */
  storageClass?: Input<string>;
}

/** Storage of a replica: one of the two. */
export interface SpireStorage {
  /** A volume that outlives the pod. */
  volume?: SpireVolume;
  /** `true`: everything is lost with the pod, and every agent has to attest anew to a CA that it does not know yet. For trials. @default false */
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
  /** Whether SPIRE issues them (the contrary of `disable_jwt_svids`). @default true */
  enabled?: boolean;
  /** The `iss` claim (`jwt_issuer`): a URL at which their keys are found. @default none */
  issuer?: Input<string>;
  /** Kind of their keys (`jwt_key_type`). @default that of the CA */
  keyType?: SpireKeyType;
}

/** Settings of a SPIRE server and its pods, beside names that others share with it. The placement is that of its pods. */
export interface SpireServerSettings extends PodPlacement {
  /** Domain of the cluster, for templates that use `.ClusterDomain`. @default found out by the controller manager */
  clusterDomain?: Input<string>;
  /** Class of the ClusterSPIFFEIDs of this server. @default the value of the instance label, which no other component has */
  className?: string;
  /** Number of replicas; exactly 1 without a database that they share. @default 1 */
  replicas?: number;
  /** Storage of each replica for its keys, and for its data store where there is no database. Needed unless there is a database and the key manager is `memory`. */
  storage?: SpireStorage;
  /** The data store (plugin `DataStore "sql"`). @default SQLite on the storage */
  dataStore?: SpireDataStore;
  /** Place of private keys (plugin `KeyManager`). @default "disk" */
  keyManager?: SpireKeyManager;
  /** Authority that signs SPIRE's CA (plugin `UpstreamAuthority`). @default none: SPIRE's CA is a root, signed by itself */
  upstreamAuthority?: SpireUpstreamAuthority;
  /** Lives of certificates. @default a day for the CA, an hour for the certificate of a workload */
  lifetimes?: MeshLifetimes;
  /** Kind of the keys of the CA (`ca_key_type`). @default "ec-p256" */
  caKeyType?: SpireKeyType;
  /** Subject of the CA. @default SPIRE's own */
  caSubject?: SpireCaSubject;
  /** JSON Web Tokens for workloads. @default issued */
  jwtSvids?: SpireJwtSvids;
  /** Keys of labels of nodes that become selectors of agents (`allowed_node_label_keys`). @default none */
  nodeLabelKeys?: Input<string>[];
  /** Level of the log. @default "INFO" */
  logLevel?: SpireLogLevel;
  /** More namespaces whose pods never get an identity from a ClusterSPIFFEID. kube-system, kube-public and those of SPIRE never do. @default none */
  ignoredNamespaces?: Input<string>[];
  /** Whether the API server asks the controller manager about every ClusterSPIFFEID of its class (a ValidatingWebhookConfiguration that fails closed). Needs Kubernetes 1.30. @default true */
  validatingWebhook?: boolean;
  /** Whether the CRDs are installed. @default "install" */
  crds?: SpireCrds;
  /** Where `spire-controller-manager-0.6.6.yaml` is, with all three CRDs in it: a folder, or a URL before the file's name. @default upstream's files on GitHub */
  crdSource?: string;
  /** `true`: the CRDs go when the stack is destroyed, and with them every identity in the cluster. @default false */
  deleteCrds?: boolean;
  /** More plugins, each a block of `plugins` like `CredentialComposer "uniqueid" { plugin_data {} }`. Kinds that the other arguments decide about are refused. @default none */
  plugins?: HclNode[];
  /** Environment variables with values of Secrets, for nodes with `environment` in `plugins`. @default none */
  secretVariables?: SpireSecretVariable[];
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
  imagePullSecrets?: Input<string>[];
  /** CPU and memory of the server's container. @default requests of 100m CPU and 128Mi, a limit of 512Mi of memory */
  resources?: types.input.core.v1.ResourceRequirements;
  /** CPU and memory of the controller manager's container. @default requests of 50m CPU and 64Mi, a limit of 256Mi of memory */
  controllerManagerResources?: types.input.core.v1.ResourceRequirements;
  /** Annotations of the ServiceAccount, for example the role that AWS gives it. @default none */
  serviceAccountAnnotations?: Record<string, Input<string>>;
}

/** Arguments of a SpireServer. */
export interface SpireServerArgs extends SpireServerSettings {
  /**
   * Namespace of the server. Its pods keep restricted Pod Security. In a Namespace of this program that denies by default the server gets a
   * NetworkPolicy: in go connections to its port, webhook and metrics, out to any address, because the API server has no name in a policy.
   */
  namespace: Input<string>;
  /** Namespace of the agents, and of the ConfigMap with the bundle; it has to admit privileged pods. @default that of the server */
  agentNamespace?: Input<string>;
  /** Name of the trust domain (`trust_domain`), a name of your own. It is a part of every identity, and a change changes all of them. */
  trustDomain: Input<string>;
  /** `true`: a trust domain of documentation, like example.org, is accepted. @default false */
  unsafeExampleTrustDomain?: boolean;
  /** Name of the cluster, another one in each cluster of a trust domain. It is a part of the identities of agents. Letters, digits, `.`, `_` and `-`. */
  clusterName: string;
  /** Images, and a mirror for them. @default upstream's */
  images?: MeshImages;
  /** Metrics for Prometheus. @default none */
  monitoring?: SpireMonitoring;
  /** `true`: no user and groups are set, so that OpenShift gives the pods those of their project. @default false: user and groups 1000, as in the images */
  openshift?: boolean;
}

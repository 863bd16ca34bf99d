import type { types } from "@pulumi/kubernetes";
import { isAtLeast } from "../versions";

/** The two lines of NGINX Gateway Fabric: in 1, one pod is control plane and data plane; in 2, the control plane makes the data plane of each Gateway. */
export type GatewayFabricLine = 1 | 2;

/** Features, and the first version that has each. */
const firstVersions = {
  /** `nginx.usage.enforceInitialReport` and its flag. */
  enforceInitialReport: "2.2.0",
  /** `certGenerator.enable` of the chart: without it, the chart always makes its own certificates. */
  certificateGeneratorSwitch: "2.2.1",
  /** ServiceAccounts whose token only the pods that ask for it get. */
  accountTokenOnRequest: "2.0.2",
  /** NGINX needs no capability to listen on low ports. */
  unprivilegedDataPlane: "2.0.2",
  /** Autoscaling of the data plane. */
  horizontalPodAutoscalers: "2.1.0",
  /** Rules of the ClusterRole for deployments and autoscalers stand apart from those for Secrets. */
  workloadRules: "2.2.0",
  inferenceExtension: "2.2.0",
  /** `--endpoint-picker-disable-tls` and `--endpoint-picker-tls-skip-verify`. */
  endpointPickerFlags: "2.2.1",
  /** BackendTLSPolicy outside the experimental features. */
  backendTlsPolicies: "2.3.0",
  /** Rules for the whole cluster stand apart from those that a namespace can have. */
  watchNamespaces: "2.4.0",
  /** `--snippets`: SnippetsFilter and SnippetsPolicy. */
  snippets: "2.4.0",
  filterPolicies: "2.4.0",
  /** TCPRoute and UDPRoute among the experimental features. */
  layer4Routes: "2.4.0",
  /** TLSRoute outside the experimental features. */
  tlsRoutes: "2.5.0",
  /** The control plane may set finalizers of Gateways and InferencePools. */
  finalizers: "2.5.0",
  listenerSets: "2.6.0",
  /** Several certificates on one listener, one for each algorithm of the key. */
  severalCertificates: "2.6.0",
  wafPolicies: "2.6.0",
  /** Every field of the readiness probe is written out. */
  fullReadinessProbe: "2.6.0",
  /** TLS listeners that terminate TLS. */
  tlsTermination: "2.7.0",
  /** TCPRoute and UDPRoute outside the experimental features. */
  standardLayer4Routes: "2.7.0",
  /** The control plane sets the status of Services. */
  serviceStatus: "2.7.0",
  /** The control plane makes PodDisruptionBudgets. */
  disruptionBudgets: "2.7.0",
  /** `--server-tls-domain` and `--cluster-domain`. */
  domainFlags: "2.7.0",
  /** The Service of the control plane has the port of its metrics. */
  metricsService: "2.7.0",
} as const;
export type GatewayFabricFeature = keyof typeof firstVersions;

/** One version of NGINX Gateway Fabric. */
export interface GatewayFabricVersion {
  /** The version, as in the label `app.kubernetes.io/version`. */
  version: string;
  line: GatewayFabricLine;
  chartVersion: string;
  /** Tag of the images of control plane and data plane. */
  imageTag: string;
  /** Version of the Gateway API's CRDs. */
  gatewayApiVersion: string;
  /** Release of NGINX Plus in the image of the data plane. */
  plusRelease: string;
  /** Oldest Kubernetes that the chart installs on. */
  kubernetes: string;
  /** Maximum length of the names of the Secrets for NGINX Plus. */
  secretNameLimit: number;
  /** Version of the InferencePool CRD; undefined where Gateway Fabric knows no InferencePools. */
  inferenceExtensionVersion?: string;
  /** The known version whose chart keys it has. */
  behavesLike: string;
  features: Record<GatewayFabricFeature, boolean>;
  /** Flags, permissions, chart keys and CRDs beside those that follow from the features. */
  additions: GatewayFabricAdditions;
}

/** Parts of a version that no known version has. */
export interface GatewayFabricAdditions {
  /** Flags of the control plane, behind all others: `--cluster-domain=cluster.local`. Of a flag that an argument decides, this one counts. @default none */
  flags?: string[];
  /** Rules of the control plane's ClusterRole. With `watchNamespaces` they stay rules for the whole cluster. @default none */
  rules?: types.input.rbac.v1.PolicyRule[];
  /** Keys of its chart that `helmValues` may have, with what is below them: `nginxGateway.podDisruptionBudget`. @default none */
  chartKeys?: string[];
  /** URLs of further CRDs. In `crdSource` they have the last part of their URL as their name. @default none */
  crds?: string[];
}

// Gateway API, NGINX Plus and Kubernetes, from each tag's CRD kustomization, Dockerfile and chart.
const releases: Record<string, readonly [gatewayApi: string, plus: string, kubernetes: string]> = {
  "1.6.1": ["1.2.1", "R33", "1.25"],
  "1.6.2": ["1.2.1", "R33", "1.25"],
  "2.0.0": ["1.3.0", "R34", "1.25"],
  "2.0.1": ["1.3.0", "R34", "1.25"],
  "2.0.2": ["1.3.0", "R34", "1.25"],
  "2.1.0": ["1.3.0", "R35", "1.25"],
  "2.1.1": ["1.3.0", "R35", "1.25"],
  "2.1.2": ["1.3.0", "R35", "1.25"],
  "2.1.3": ["1.3.0", "R35", "1.25"],
  "2.1.4": ["1.3.0", "R35", "1.25"],
  "2.2.0": ["1.3.0", "R35", "1.25"],
  "2.2.1": ["1.3.0", "R35", "1.25"],
  "2.2.2": ["1.3.0", "R35", "1.25"],
  "2.3.0": ["1.4.1", "R36", "1.25"],
  "2.4.0": ["1.4.1", "R36", "1.25"],
  "2.4.1": ["1.4.1", "R36", "1.25"],
  "2.4.2": ["1.4.1", "R36", "1.25"],
  "2.5.0": ["1.5.1", "R36", "1.31"],
  "2.5.1": ["1.5.1", "R36", "1.31"],
  "2.6.0": ["1.5.1", "R36", "1.31"],
  "2.6.1": ["1.5.1", "R37.0", "1.31"],
  "2.6.2": ["1.5.1", "R37.0", "1.31"],
  "2.6.3": ["1.5.1", "R37.0", "1.31"],
  "2.6.4": ["1.5.1", "R37.0", "1.31"],
  "2.6.5": ["1.5.1", "R37.0", "1.31"],
  "2.6.6": ["1.5.1", "R37.0", "1.31"],
  "2.6.7": ["1.5.1", "R37.0", "1.31"],
  // Its tag could not be had: taken to be like 2.6.7 but for its images.
  "2.6.8": ["1.5.1", "R37.0", "1.31"],
  // The tags of 2.7 could not be had: from upstream's main branch of 2026-08-20, ten days before 2.7.0.
  "2.7.0": ["1.6.1", "R37.0", "1.32"],
  "2.7.1": ["1.6.1", "R37.0", "1.32"],
  "2.7.2": ["1.6.1", "R37.0", "1.32"],
};

/** Versions of the InferencePool CRD, newest first, and the first Gateway Fabric that needs each; from the tags' CRD kustomization. */
const inferenceExtensionVersions = [
  ["2.7.0", "1.6.0"],
  ["2.6.0", "1.5.0"],
  ["2.5.0", "1.4.0"],
  ["2.3.0", "1.1.0"],
  ["2.2.0", "1.0.2"],
] as const;

export const featuresOf = (version: string) =>
  Object.fromEntries(
    Object.entries(firstVersions).map(([feature, first]) => [feature, isAtLeast(version, first)]),
  ) as Record<GatewayFabricFeature, boolean>;

/** Every version that is known, oldest first. */
export const knownVersions: readonly GatewayFabricVersion[] = Object.entries(releases).map(
  ([version, [gatewayApiVersion, plusRelease, kubernetes]]) => ({
    version,
    line: version.startsWith("1.") ? 1 : 2,
    chartVersion: version,
    imageTag: version,
    gatewayApiVersion,
    plusRelease,
    kubernetes,
    // From 2.3 on, a copy's name that is too long is shortened from the front of the Secret's, which fails past 52 characters.
    secretNameLimit: isAtLeast(version, "2.3.0") ? 52 : 253,
    inferenceExtensionVersion: inferenceExtensionVersions.find(([first]) => isAtLeast(version, first))?.[1],
    behavesLike: version,
    features: featuresOf(version),
    additions: {},
  }),
);

/** Version that is taken when none is given: of 2.x the newest whose manifests are those of a tag. */
export const defaultVersion: Record<GatewayFabricLine, string> = { 1: "1.6.2", 2: "2.6.8" };

/** Returns the first version that has a feature, for an error. */
export const firstVersionWith = (feature: GatewayFabricFeature): string => firstVersions[feature];

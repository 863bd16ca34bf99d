import { type Argument, type Format, formats } from "../foundation";
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
  /** The known version whose flags, permissions and chart keys it has. */
  behavesLike: string;
  features: Record<GatewayFabricFeature, boolean>;
}

/** A version that the library does not know, in full: nothing is guessed. */
export interface GatewayFabricCustomVersion {
  /** The version, for the label `app.kubernetes.io/version`: `2.6.8`. */
  version: string;
  /** Version of the Helm chart. */
  chartVersion: string;
  /** Tag of the images of control plane and data plane. */
  imageTag: string;
  /** Version of the Gateway API's CRDs that it needs: `1.5.1`. */
  gatewayApiVersion: string;
  /** Release of NGINX Plus in the image of the data plane: `R37.0`. */
  plusRelease: string;
  /** Oldest Kubernetes that its chart installs on: `1.31`. */
  kubernetes: string;
  /** Maximum length of the names of the Secrets for NGINX Plus: 52 up to 2.6.7, 253 where a longer name of a copy is shortened well. */
  secretNameLimit: number;
  /** The known version whose flags, permissions and chart keys it has: `2.6.7`. */
  behavesLike: string;
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
};

/** Versions of the InferencePool CRD, newest first, and the first Gateway Fabric that needs each; from the tags' CRD kustomization. */
const inferenceExtensionVersions = [
  ["2.6.0", "1.5.0"],
  ["2.5.0", "1.4.0"],
  ["2.3.0", "1.1.0"],
  ["2.2.0", "1.0.2"],
] as const;

const featuresOf = (version: string) =>
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
  }),
);

/** Version that is taken when none is given. */
export const defaultVersion: Record<GatewayFabricLine, string> = { 1: "1.6.2", 2: "2.6.7" };

/** Returns the first version that has a feature, for an error. */
export const firstVersionWith = (feature: GatewayFabricFeature): string => firstVersions[feature];

/** Arguments that name a version. */
interface VersionArgs {
  version?: string;
  customVersion?: GatewayFabricCustomVersion;
}

/** Returns the version of one line: a known one by its number, or a custom entry; the default one after a fault. */
export function resolveVersion(argument: Argument<VersionArgs>, line: GatewayFabricLine): GatewayFabricVersion {
  const { customVersion } = argument.value;
  const number = argument.field("version");
  if (customVersion === undefined) return findVersion(number, line, number.value ?? defaultVersion[line]);
  const entry = argument.field("customVersion") as Argument<GatewayFabricCustomVersion>;
  if (number.value !== undefined)
    entry.refuse("is given beside version", "remove one of the two: a known version needs its number only");
  const version = entry.field("version");
  version.matches(versionNumber);
  entry.field("gatewayApiVersion").matches(versionNumber);
  entry.field("imageTag").matches(formats.imageTag);
  entry.field("secretNameLimit").integer(1, 253);
  if (version.value !== undefined && !version.value.startsWith(`${line}.`))
    version.refuse(`is not of the ${line}.x line`, otherLine[line]);
  const base = findVersion(entry.field("behavesLike"), line, customVersion.behavesLike);
  const { tlsTermination } = featuresOf(customVersion.version ?? base.version);
  return {
    ...customVersion,
    line,
    // A length that is none is a fault already.
    secretNameLimit: isLength(customVersion.secretNameLimit) ? customVersion.secretNameLimit : 253,
    behavesLike: base.version,
    inferenceExtensionVersion: base.inferenceExtensionVersion,
    // The data plane's own, whatever the flags of the control plane.
    features: { ...base.features, tlsTermination },
  };
}

const isLength = (length: number | undefined) => length !== undefined && length >= 1 && length <= 253;

const versionNumber: Format = {
  test: (text) => /^\d+\.\d+\.\d+$/.test(text),
  wrong: "is not a version",
  remedy: "write three numbers between dots: `2.6.8`",
};

const otherLine: Record<GatewayFabricLine, string> = {
  1: "use GatewayFabric for 2.x: between the lines lies an uninstall and a reinstall",
  2: "use GatewayFabricV1 for 1.x: between the lines lies an uninstall and a reinstall",
};

function findVersion(argument: Argument<string | undefined>, line: GatewayFabricLine, version: string) {
  const found = knownVersions.find((one) => one.version === version);
  if (found?.line === line) return found;
  const ofLine = knownVersions.filter((one) => one.line === line);
  if (found) argument.refuse(`is ${version}, of the ${found.line}.x line`, otherLine[line]);
  else
    argument.refuse(
      `is ${JSON.stringify(version)}, which is not known here`,
      `write one of ${ofLine.map((one) => one.version).join(", ")}, or describe it in customVersion`,
    );
  return ofLine[ofLine.length - 1]!;
}

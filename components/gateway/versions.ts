import type { Refuser } from "../foundation";

/** The two lines of NGINX Gateway Fabric: in 1, one pod is control plane and data plane; in 2, the control plane makes the data plane of each Gateway. */
export type GatewayFabricLine = 1 | 2;

/** What not every version can do, and the first that can. */
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
  wafPolicies: "2.6.0",
  /** Every field of the readiness probe is written out. */
  fullReadinessProbe: "2.6.0",
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
  /** How long names of the Secrets for NGINX Plus may be. */
  secretNameLimit: number;
  /** What it can do. */
  features: Record<GatewayFabricFeature, boolean>;
}

/** A version that the library does not know, in full. */
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
  /** How long names of the Secrets for NGINX Plus may be; 52 up to 2.6.7, 253 where a longer name of a copy is shortened well. */
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
    secretNameLimit: atLeast(version, "2.3.0") ? 52 : 253,
    features: Object.fromEntries(
      Object.entries(firstVersions).map(([feature, first]) => [feature, atLeast(version, first)]),
    ) as Record<GatewayFabricFeature, boolean>,
  }),
);

/** The version that is taken when none is given. */
export const defaultVersion: Record<GatewayFabricLine, string> = { 1: "1.6.2", 2: "2.6.7" };

/** The first version that has a feature, for an error. */
export const firstVersionWith = (feature: GatewayFabricFeature): string => firstVersions[feature];

/** Reads the version of one line: a known one by its number, or a custom entry in full. */
export function readVersion(
  refuse: Refuser,
  line: GatewayFabricLine,
  given: { version?: string; customVersion?: GatewayFabricCustomVersion },
): GatewayFabricVersion {
  const { version, customVersion } = given;
  if (customVersion === undefined) return knownVersion(refuse, line, "version", version ?? defaultVersion[line]);
  if (version !== undefined)
    refuse("customVersion", "is given beside version", "remove one of the two: a known version needs its number only");
  const { behavesLike, ...entry } = customVersion;
  for (const property of entryFields)
    if (typeof customVersion[property] !== "string" || customVersion[property] === "")
      refuse(
        `customVersion.${property}`,
        "is missing",
        "write the whole entry: nothing is guessed for a version that is not known",
      );
  if (!Number.isInteger(entry.secretNameLimit) || entry.secretNameLimit < 1 || entry.secretNameLimit > 253)
    refuse(
      "customVersion.secretNameLimit",
      "is no length of a name",
      "write 52, or up to 253 where the version has no such limit",
    );
  const base = knownVersion(refuse, line, "customVersion.behavesLike", behavesLike);
  if (!entry.version.startsWith(`${line}.`))
    refuse("customVersion.version", `is not of the ${line}.x line`, otherLine[line]);
  return { ...entry, line, features: base.features };
}

const entryFields = [
  "version",
  "chartVersion",
  "imageTag",
  "gatewayApiVersion",
  "plusRelease",
  "kubernetes",
  "behavesLike",
] as const;

const otherLine: Record<GatewayFabricLine, string> = {
  1: "use GatewayFabric for 2.x: between the lines lies an uninstall and a reinstall",
  2: "use GatewayFabricV1 for 1.x: between the lines lies an uninstall and a reinstall",
};

function knownVersion(
  refuse: Refuser,
  line: GatewayFabricLine,
  property: string,
  version: string,
): GatewayFabricVersion {
  const found = knownVersions.find((one) => one.version === version);
  if (found?.line === line) return found;
  if (found) refuse(property, `is ${version}, of the ${found.line}.x line`, otherLine[line]);
  const known = knownVersions.filter((one) => one.line === line).map((one) => one.version);
  return refuse(
    property,
    `is "${version}", which is not known here`,
    `write one of ${known.join(", ")}, or describe it in customVersion`,
  );
}

/** Whether one version, as three numbers, is another or later. */
function atLeast(version: string, first: string): boolean {
  const [one, other] = [version, first].map((text) => text.split(".").map(Number)) as [number[], number[]];
  const index = one.findIndex((number, position) => number !== other[position]);
  return index === -1 || one[index]! > other[index]!;
}

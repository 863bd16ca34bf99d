import { type Argument, type Format, formats } from "../foundation";
import {
  defaultVersion,
  featuresOf,
  type GatewayFabricAdditions,
  type GatewayFabricFeature,
  type GatewayFabricLine,
  type GatewayFabricVersion,
  knownVersions,
} from "./versions";

/** A version that the library does not know, in full: nothing is guessed. */
export interface GatewayFabricCustomVersion extends GatewayFabricAdditions {
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
  /** The known version that it is like: flags, permissions, objects and chart keys are those of that version, but for the arguments below. */
  behavesLike: string;
  /** Features that it has and `behavesLike` has not, by their names in the table of features: `snippets`. An unknown name is refused with the list. @default none */
  addedFeatures?: string[];
  /** Features that it has not and `behavesLike` has. @default none */
  removedFeatures?: string[];
  /** Version of the InferencePool CRD. @default that of `behavesLike` */
  inferenceExtensionVersion?: string;
}

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
  entry.field("inferenceExtensionVersion").matches(versionNumber);
  for (const flag of entry.field("flags").entries()) flag.matches(flagFormat);
  for (const url of entry.field("crds").entries()) url.matches(urlFormat);
  const base = findVersion(entry.field("behavesLike"), line, customVersion.behavesLike);
  checkFeatures(entry, base);
  const { addedFeatures = [], removedFeatures = [], flags, rules, chartKeys, crds, ...own } = customVersion;
  const { tlsTermination } = featuresOf(customVersion.version ?? base.version);
  const changed = (features: string[], value: boolean) =>
    Object.fromEntries(features.map((feature) => [feature, value]));
  return {
    ...own,
    line,
    // A length that is none is a fault already.
    secretNameLimit: isLength(customVersion.secretNameLimit) ? customVersion.secretNameLimit : 253,
    behavesLike: base.version,
    inferenceExtensionVersion: customVersion.inferenceExtensionVersion ?? base.inferenceExtensionVersion,
    features: {
      ...base.features,
      // The data plane's own, whatever the flags of the control plane.
      tlsTermination,
      ...changed(addedFeatures, true),
      ...changed(removedFeatures, false),
    },
    additions: { flags, rules, chartKeys, crds },
  };
}

/** Refuses features that do not exist, that are added to a version that has them, and that are removed from one that has not. */
function checkFeatures(entry: Argument<GatewayFabricCustomVersion>, base: GatewayFabricVersion): void {
  for (const [field, has] of [
    ["addedFeatures", true],
    ["removedFeatures", false],
  ] as const)
    for (const feature of entry.field(field).entries())
      if (!Object.keys(base.features).includes(feature.value))
        feature.refuse(
          `is ${JSON.stringify(feature.value)}, no feature that versions differ in`,
          `write some of ${Object.keys(base.features).sort().join(", ")}`,
        );
      else if (base.features[feature.value as GatewayFabricFeature] === has)
        feature.refuse(
          `is ${feature.value}, which ${base.version} ${has ? "has" : "has not"}`,
          "leave it out: customVersion names differences from behavesLike",
        );
}

const urlFormat: Format = {
  test: (text) => /^https:\/\/[^/\s]+\/\S*[^/\s]$/.test(text),
  wrong: "is not the URL of a file",
  remedy: "write it with `https://`, a host and the path of the file",
};

const flagFormat: Format = {
  test: (text) => /^--[a-z][a-z0-9-]*(=\S*)?$/.test(text),
  wrong: "is not a flag",
  remedy: "write it as a command line has it: `--cluster-domain=cluster.local`",
};

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

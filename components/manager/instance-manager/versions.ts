import type { Refuser } from "../../foundation";
import { compareVersions } from "../../helm";
import { takesUsageReports } from "../../nginx/management";

/** One version of Instance Manager. */
export interface InstanceManagerVersion {
  version: string;
  chartVersion: string;
  /** Tag of the images of its parts. */
  imageTag: string;
}

/** A version that the library does not know, in full. Its chart is taken to have the keys of 2.2.2. */
export interface InstanceManagerCustomVersion {
  /** The version: `2.22.3`. */
  version: string;
  /** Version of the chart `nim`. */
  chartVersion: string;
  /** Tag of the images of its parts. */
  imageTag: string;
}

const chartVersions: Record<string, string> = { "2.22.0": "2.2.0", "2.22.1": "2.2.1", "2.22.2": "2.2.2" };
const defaultVersion = "2.22.2";

/** The first chart that leaves every certificate to others. */
const firstChart = "2.2.0";

/** Reads the version: a known one by its number, or a custom entry in full. */
export function readInstanceManagerVersion(
  refuse: Refuser,
  { version, customVersion }: { version?: string; customVersion?: InstanceManagerCustomVersion },
): InstanceManagerVersion {
  if (customVersion === undefined) return knownVersion(refuse, version ?? defaultVersion);
  if (version !== undefined)
    refuse("customVersion", "is given beside version", "remove one of the two: a known version needs its number only");
  for (const property of ["version", "chartVersion", "imageTag"] as const)
    if (typeof customVersion[property] !== "string" || customVersion[property] === "")
      refuse(
        `customVersion.${property}`,
        "is missing",
        "write the whole entry: nothing is guessed for a version that is not known",
      );
  if (!isVersion(customVersion.version))
    refuse("customVersion.version", `is ${JSON.stringify(customVersion.version)}`, "write three numbers: 2.22.3");
  if (!isVersion(customVersion.chartVersion))
    refuse(
      "customVersion.chartVersion",
      `is ${JSON.stringify(customVersion.chartVersion)}`,
      "write three numbers: 2.2.3",
    );
  refuseOld(refuse, "customVersion.version", customVersion.version);
  if (compareVersions(customVersion.chartVersion, firstChart) < 0)
    refuse(
      "customVersion.chartVersion",
      `is ${customVersion.chartVersion}, which makes its certificates itself`,
      `use ${firstChart} or later`,
    );
  return customVersion;
}

function knownVersion(refuse: Refuser, version: string): InstanceManagerVersion {
  const chartVersion = chartVersions[version];
  if (chartVersion !== undefined) return { version, chartVersion, imageTag: version };
  const [named] = Object.entries(chartVersions).find(([, chart]) => chart === version) ?? [];
  if (named !== undefined) refuse("version", `is ${version}, that of the chart`, `write Instance Manager's: ${named}`);
  if (isVersion(version)) refuseOld(refuse, "version", version);
  return refuse(
    "version",
    `is ${JSON.stringify(version)}, which is not known here`,
    `write one of ${Object.keys(chartVersions).join(", ")}, or describe it in customVersion`,
  );
}

/** Refuses versions for what they lack, the weightiest first. */
function refuseOld(refuse: Refuser, property: string, version: string): void {
  takesUsageReports(refuse, property)(version);
  if (compareVersions(version, "2.20.1") < 0)
    refuse(
      property,
      `is ${version}, which trusts licensing certificates that F5 replaced in February 2026`,
      "use 2.22.0 or later: it licenses nothing any more (the first with the new ones is 2.20.1, chart nim 2.0.1)",
    );
  if (compareVersions(version, "2.22.0") < 0)
    refuse(property, `is ${version}, whose chart makes its certificates itself`, "use 2.22.0 or later");
}

const isVersion = (text: string) => /^\d+\.\d+\.\d+$/.test(text);

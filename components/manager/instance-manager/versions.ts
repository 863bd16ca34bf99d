import type { Argument, Format } from "../../foundation";
import { compareVersions } from "../../helm";
import { checkInstanceManagerVersion } from "../../nginx";

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

/** Versions of Instance Manager with those of their charts. */
export const chartVersions: Record<string, string> = { "2.22.0": "2.2.0", "2.22.1": "2.2.1", "2.22.2": "2.2.2" };
/** Version that is taken when none is given. */
export const defaultVersion = "2.22.2";

/** First version, and its chart, that leaves every certificate to others. */
const firstVersion = "2.22.0";
const firstChart = "2.2.0";

const threeNumbers = /^\d+\.\d+\.\d+$/;

const imageTags: Format = {
  test: (text) => /^\w[\w.-]{0,127}$/.test(text),
  wrong: "is not the tag of an image",
  remedy: "write letters, digits, `_`, `.` and `-`: 2.22.3",
};

type Versioned = { version?: string; customVersion?: InstanceManagerCustomVersion };

/** Returns the version: a known one by its number, or a custom entry as it is. */
export function resolveVersion(argument: Argument<Versioned>): InstanceManagerVersion {
  const { version = defaultVersion, customVersion } = argument.value;
  argument.field("customVersion").given((custom) => {
    if (argument.value.version !== undefined)
      custom.refuse("is given beside version", "remove one of the two: a known version needs its number only");
    checkCustom(custom);
  });
  if (customVersion) return customVersion;
  const chartVersion = chartVersions[version];
  if (chartVersion === undefined) refuseUnknown(argument.field("version") as Argument<string>);
  return { version, chartVersion: chartVersion ?? firstChart, imageTag: version };
}

function checkCustom(custom: Argument<InstanceManagerCustomVersion>): void {
  const chart = custom.field("chartVersion");
  for (const [number, example] of [
    [custom.field("version"), "2.22.3"],
    [chart, "2.2.3"],
  ] as const)
    number.matches({
      test: (text) => threeNumbers.test(text),
      wrong: `is ${JSON.stringify(number.value)}`,
      remedy: `write three numbers: ${example}`,
    });
  custom.field("imageTag").matches(imageTags);
  refuseOld(custom.field("version"));
  if (isVersion(chart.value) && compareVersions(chart.value, firstChart) < 0)
    chart.refuse(`is ${chart.value}, which makes its certificates itself`, `use ${firstChart} or later`);
}

function refuseUnknown(version: Argument<string>): void {
  const [named] = Object.entries(chartVersions).find(([, chart]) => chart === version.value) ?? [];
  if (named !== undefined)
    version.refuse(`is ${version.value}, that of the chart`, `write Instance Manager's: ${named}`);
  else if (!refuseOld(version))
    version.refuse(
      `is ${JSON.stringify(version.value)}, which is not known here`,
      `write one of ${Object.keys(chartVersions).join(", ")}, or describe it in customVersion`,
    );
}

/** Refuses versions for what they lack, the weightiest first. Returns whether it did. */
function refuseOld(version: Argument<string>): boolean {
  const { value } = version;
  if (!isVersion(value) || compareVersions(value, firstVersion) >= 0) return false;
  if (compareVersions(value, "2.18.0") < 0) checkInstanceManagerVersion(value, version);
  else if (compareVersions(value, "2.20.1") < 0)
    version.refuse(
      `is ${value}, which trusts licensing certificates that F5 replaced in February 2026`,
      "use 2.22.0 or later, which needs no licence (the first with the new certificates is 2.20.1, chart nim 2.0.1)",
    );
  else version.refuse(`is ${value}, whose chart makes its certificates itself`, "use 2.22.0 or later");
  return true;
}

const isVersion = (text: string | undefined): text is string => text !== undefined && threeNumbers.test(text);

import { continueAfterFault, type Refuser } from "../foundation";
import { type Chart, type ChartValues, checkRawValues, isMap } from "./raw-values";

/** One key of a chart, the argument that decides it, and its value; undefined leaves it to the chart. */
export interface ChartSetting {
  key: string;
  argument: string;
  value: unknown;
}

export const setting = (key: string, argument: string, value: unknown): ChartSetting => ({ key, argument, value });

/**
 * Returns the settings and the user's own values as one tree.
 *
 * @param missing refuses a setting for which the chart of the version has no key
 */
export function valuesOf(
  refuse: Refuser,
  chart: Chart,
  settings: ChartSetting[],
  raw: ChartValues = {},
  missing: (setting: ChartSetting) => void,
): ChartValues {
  let values: ChartValues = {};
  for (const one of settings) {
    if (one.value === undefined) continue;
    if (!hasKey(chart, one.key)) {
      continueAfterFault(() => missing(one));
      continue;
    }
    values = merged(values, tree(one.key.split("."), one.value)) as ChartValues;
  }
  const decided = Object.fromEntries(settings.map(({ key, argument }) => [key, argument]));
  return merged(values, checkRawValues(refuse, chart, raw, decided)) as ChartValues;
}

/** Returns whether the chart has the key: by itself, as a group of others, or as one of the user's own in a map. */
const hasKey = ({ keys }: Chart, key: string): boolean =>
  [...keys].some(
    ([known, shape]) =>
      known === key || known.startsWith(`${key}.`) || (shape === "map" && key.startsWith(`${known}.`)),
  );

/** Returns `["a", "b"]` and a value as `{ a: { b: value } }`. */
const tree = ([key, ...rest]: string[], value: unknown): ChartValues => ({
  [key!]: rest.length === 0 ? value : tree(rest, value),
});

/** Returns both trees as one; where both have a key, with the other's value. */
export const mergeValues = (ours: ChartValues, others: ChartValues) => merged(ours, others) as ChartValues;

function merged(ours: unknown, others: unknown): unknown {
  if (!isMap(ours) || !isMap(others)) return others;
  const both = { ...ours };
  for (const [key, value] of Object.entries(others)) both[key] = key in both ? merged(both[key], value) : value;
  return both;
}

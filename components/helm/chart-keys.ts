import { editDistance } from "../foundation";
import { compareVersions } from "../versions";

/** Form of a key of a chart: one value, a list, or a map with keys of the user's own. */
export type ChartKeyShape = "value" | "list" | "map";

/** A key of a chart, and the version that brought it. */
export interface ChartKey {
  path: string;
  shape: ChartKeyShape;
  since: string;
}

/**
 * Reads a table of keys.
 *
 * @param keysSince by the version that brought them, lines of `parent: key key …`; a key ends in `[]` when it is a list, and in `*` when it is a map with keys of the user's own
 */
export const readChartKeys = (keysSince: Record<string, string>): ChartKey[] =>
  Object.entries(keysSince).flatMap(([since, text]) =>
    text
      .trim()
      .split("\n")
      .flatMap((row) => {
        const [, parent, keys] = /^\s*(?:(\S+): )?(.*)$/.exec(row)!;
        return keys!.split(" ").map((key): ChartKey => {
          const name = key.replace(/\*$|\[\]$/, "");
          const shape = key.endsWith("*") ? "map" : key.endsWith("[]") ? "list" : "value";
          return { path: parent === undefined ? name : `${parent}.${name}`, shape, since };
        });
      }),
  );

/** Returns the keys that the chart of a version has, with their shapes. */
export function keysOfVersion(all: ChartKey[], version: string): Map<string, ChartKeyShape> {
  const keys = all.filter(({ since }) => compareVersions(since, version) <= 0);
  // A map is one of the user's own keys only until a version lists what is in it.
  const open = keys.filter(
    ({ path, shape }) => shape !== "map" || !keys.some((key) => key.path.startsWith(`${path}.`)),
  );
  return new Map(open.map(({ path, shape }) => [path, shape]));
}

/** Returns a key that a chart has only in a later version. */
export function laterChartKey(all: ChartKey[], path: string): ChartKey | undefined {
  return all.find((key) => key.path === path || path.startsWith(`${key.path}.`));
}

/** Returns the entry with the longest key that is the path or the beginning of it. */
export function longestPrefix<T>(entries: Record<string, T>, path: string): { key: string; value: T } | undefined {
  const fitting = Object.entries(entries).filter(([key]) => startsPath(path, key));
  const [key, value] = fitting.sort(([one], [other]) => other.length - one.length)[0] ?? [];
  return key === undefined ? undefined : { key, value: value! };
}

/** Returns whether a path is another, or below it. */
export const startsPath = (path: string, start: string) => path === start || path.startsWith(`${start}.`);

/** Returns the candidate with the fewest changed letters; among equals one with the same last part. */
export function nearest(path: string, candidates: string[]): string {
  const last = (text: string) => text.slice(text.lastIndexOf(".") + 1).toLowerCase();
  const distance = (candidate: string) =>
    Math.min(
      editDistance(path.toLowerCase(), candidate.toLowerCase()),
      2 * editDistance(last(path), last(candidate)) + 1,
    );
  return candidates.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
}

import { NginxConfigError } from "./error";
import { bucketSize } from "./hash-sizes";
import { type MapEntry, mapBlock } from "./map";
import type { NginxConfigNode } from "./node";
import { quote, wordFault } from "./quote";
import { directive, evaluated, evaluatedBlock } from "./words";

/** Maps that look up many exact keys at once, and the files that they include. */
export interface ExactMaps {
  /** The nodes, for `http` or `stream`. */
  nodes: NginxConfigNode[];
  /** The files with the keys, each small enough for a ConfigMap. */
  files: { path: string; content: string }[];
  /** Size of the hash tables; undefined where there are none beyond NGINX's own defaults. */
  hash?: MapHash;
}

/** The size of a map's hash table. */
export interface MapHash {
  keys: number;
  /** Bytes of the longest key. */
  longestKey: number;
}

/** An exact entry whose value is known. */
export type KnownEntry = MapEntry & { value: string };

/** Up to so many exact keys, anchored expressions are short to read and as fast. */
export const mostExpressions = 100;
const fileBytes = 900_000;

/**
 * Returns maps that mean the same as those of `mapBlock`, for any number of exact keys.
 *
 * NGINX's hash tables ignore the case of letters. So the table yields the key in its own case, and an expression over
 * "<source> LF <key> LF <number of the value>" asks whether the two are equal. Keys that differ in case alone, and those with a dollar
 * sign, which the table's values cannot hold, stay anchored expressions.
 *
 * The expression captures, and no string of ours uses a capture: see `captureFree`.
 *
 * @param folder where the files will be, for this map alone
 */
export function exactMaps(source: string, variable: string, entries: KnownEntry[], folder: string): ExactMaps {
  const hashed = hashable(entries);
  if (hashed.size <= mostExpressions) return { nodes: [mapBlock(source, variable, entries)], files: [] };
  const [spelling, otherwise] = [`${variable}_key`, `${variable}_otherwise`];
  const values = [...new Set(Array.from(hashed, ({ value }) => value))];
  const numbers = new Map(values.map((value, index) => [value, index]));
  const files = inFiles(
    Array.from(hashed, ({ exact, value }) => line(exact!, `${exact}\n${numbers.get(value)}`)),
    folder,
  );
  return {
    files,
    hash: {
      keys: hashed.size,
      longestKey: Array.from(hashed).reduce((most, { exact }) => Math.max(most, Buffer.byteLength(exact!)), 0),
    },
    nodes: [
      evaluatedBlock(
        "map",
        [source, spelling],
        files.map(({ path }) => directive("include", path)),
      ),
      mapBlock(
        source,
        otherwise,
        entries.filter((entry) => !hashed.has(entry)),
      ),
      evaluatedBlock(
        "map",
        [`${source}\n${spelling}`, variable],
        [
          evaluated("default", otherwise),
          // Possessive, so that no client id makes it try twice.
          ...values.map((value, index) => ({ name: `~^([^\\n]++)\\n\\1\\n${index}\\z`, args: [value] })),
        ],
      ),
    ],
  };
}

/** `map_hash_max_size` and `map_hash_bucket_size`, with which NGINX finds a table at its first try. */
export function mapHashNodes(tables: (MapHash | undefined)[]): NginxConfigNode[] {
  const known = tables.filter((table): table is MapHash => table !== undefined);
  if (known.length === 0) return [];
  const most = (of: (table: MapHash) => number) => known.reduce((highest, table) => Math.max(highest, of(table)), 0);
  return [
    directive("map_hash_max_size", `${Math.max(2048, 2 * most(({ keys }) => keys))}`),
    directive(
      "map_hash_bucket_size",
      `${bucketSize(
        most(({ longestKey }) => longestKey),
        16,
      )}`,
    ),
  ];
}

/** The exact entries that can stand in one table: no two of them equal but for case. */
function hashable(entries: KnownEntry[]): Set<KnownEntry> {
  const firsts = new Map<string, KnownEntry>();
  const alone = new Set<KnownEntry>();
  for (const entry of entries) {
    if (entry.exact === undefined || entry.variables || /[$\n]/.test(entry.exact)) continue;
    const key = withoutCase(entry.exact);
    const first = firsts.get(key);
    if (first) {
      alone.delete(first);
    } else {
      firsts.set(key, entry);
      alone.add(entry);
    }
  }
  return alone;
}

/** As NGINX does it: the letters of ASCII alone. */
const withoutCase = (key: string) =>
  /[^ -~]/.test(key) ? key.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : key.toLowerCase();

const special = /^(?:[~\\]|(?:include|default|hostnames|volatile)$)/i;

const line = (key: string, value: string) =>
  `${word(special.test(key) ? `\\${key}` : key, "a map's key")} ${word(value, "a map's value")};\n`;

function word(text: string, where: string): string {
  const fault = wordFault(text);
  if (fault) throw new NginxConfigError(where, fault.wrong, fault.remedy);
  return quote(text);
}

/** The lines in as few files as hold them, each within a ConfigMap's size. */
function inFiles(lines: string[], folder: string): { path: string; content: string }[] {
  const contents: string[][] = [];
  let room = 0;
  for (const text of lines) {
    const bytes = Buffer.byteLength(text);
    if (bytes > room) {
      contents.push([]);
      room = fileBytes;
    }
    contents[contents.length - 1]!.push(text);
    room -= bytes;
  }
  return contents.map((part, index) => ({ path: `${folder}/${index}.conf`, content: part.join("") }));
}

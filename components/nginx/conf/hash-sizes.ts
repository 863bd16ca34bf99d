import type { NginxConfigNode } from "./node";
import { directive } from "./words";

// A hash table of NGINX has buckets of 64 bytes by default, in which a name of 46 bytes fits.
const longestName = 46;
// Its table of variables has room for its own and about so many more, its table of server names for so many.
const [mostVariables, mostServerNames] = [32, 256];

/** Returns the nodes of an `http` or `stream` block after the sizes of hash tables that they need beyond NGINX's defaults. */
export const withHashSizes = (nodes: NginxConfigNode[]): NginxConfigNode[] => [...hashSizeNodes(nodes), ...nodes];

/**
 * Returns `variables_hash_*` and `server_names_hash_*` where names have no room in NGINX's own tables: NGINX would warn, or not start.
 *
 * A directive that the nodes already have is left to them.
 *
 * @param nodes nodes of an `http` or `stream` block
 */
export function hashSizeNodes(nodes: NginxConfigNode[]): NginxConfigNode[] {
  const variables = new Set(nodes.flatMap(variablesIn));
  const serverNames = new Set(nodes.flatMap(serverNamesIn));
  return [
    ...sizes("variables_hash", variables, mostVariables, Math.max(1024, 4 * variables.size)),
    ...sizes("server_names_hash", serverNames, mostServerNames, Math.max(512, 4 * serverNames.size)),
  ].filter(({ name }) => !nodes.some((given) => given.name === name));
}

/** Returns the two directives of a table, with buckets for eight of the longest name. */
function sizes(table: string, names: Set<string>, most: number, maximum: number): NginxConfigNode[] {
  const longest = Array.from(names).reduce((length, name) => Math.max(length, Buffer.byteLength(name)), 0);
  if (longest <= longestName && names.size <= most) return [];
  return [directive(`${table}_max_size`, `${maximum}`), directive(`${table}_bucket_size`, `${bucketSize(longest, 8)}`)];
}

/** Returns the bytes of a bucket for so many elements: each is a pointer, a length and the name, rounded up to 8; a bucket ends in a pointer and has whole cache lines. */
export const bucketSize = (longest: number, elements: number): number =>
  Math.ceil((elements * (8 + Math.ceil((longest + 2) / 8) * 8) + 8) / 64) * 64;

/** Returns the variables that a node and the nodes in it set or read. */
function variablesIn({ args = [], block = [], variables }: NginxConfigNode): string[] {
  const words = variables ? args.filter((word): word is string => typeof word === "string") : [];
  return [
    ...words.flatMap((word) => [...word.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!)),
    ...block.flatMap(variablesIn),
  ];
}

// An output may be any name of DNS, and those have up to 253 characters.
const unknownName = "?".repeat(253);

/** Returns the names of the servers of a node; regular expressions are in no table. */
function serverNamesIn({ name, args = [], block = [] }: NginxConfigNode): string[] {
  if (name === "server_name")
    return args.map((word) => (typeof word === "string" ? word : unknownName)).filter((word) => !word.startsWith("~"));
  return block.flatMap(serverNamesIn);
}

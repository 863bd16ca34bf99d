import { directive, type NginxConfigNode } from "../../nginx";

// NGINX's own table has buckets of 64 bytes, in which a name of 46 letters fits, and is large enough for its own variables and so many more.
const [longestName, mostNames] = [46, 32];

/** Returns `variables_hash_max_size` and `variables_hash_bucket_size`, where the names of our variables have no room in NGINX's own table, or it would warn of its size. */
export function variablesHashNodes(nodes: NginxConfigNode[]): NginxConfigNode[] {
  if (nodes.some(({ name }) => name.startsWith("variables_hash_"))) return [];
  const names = new Set(nodes.flatMap(namesIn));
  const longest = Array.from(names).reduce((most, name) => Math.max(most, name.length), 0);
  if (longest <= longestName && names.size <= mostNames) return [];
  // An element is a pointer, a length and the name, rounded up to 8; a bucket ends in a pointer and has whole cache lines.
  const element = 8 + Math.ceil((longest + 2) / 8) * 8;
  return [
    directive("variables_hash_max_size", `${Math.max(1024, 4 * names.size)}`),
    directive("variables_hash_bucket_size", `${Math.ceil((8 * element + 8) / 64) * 64}`),
  ];
}

/** Returns the variables that a node and the nodes in it set or read. */
function namesIn({ args = [], block = [], variables }: NginxConfigNode): string[] {
  const words = variables ? args.filter((word): word is string => typeof word === "string") : [];
  return [
    ...words.flatMap((word) => [...word.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!)),
    ...block.flatMap(namesIn),
  ];
}

import type { NginxConfigNode } from "./node";
import { evaluated } from "./words";

/**
 * Returns a log format with one JSON object a line.
 *
 * @param texts fields in quotes, which are valid JSON for any value, an empty one too
 * @param numbers fields after them whose values NGINX itself writes as numbers
 */
export function jsonLogFormat(
  name: string,
  texts: Record<string, string>,
  numbers: Record<string, string> = {},
): NginxConfigNode {
  const fields = [
    ...Object.entries(texts).map(([field, value]) => `"${field}":"${value}"`),
    ...Object.entries(numbers).map(([field, value]) => `"${field}":${value}`),
  ];
  return evaluated("log_format", name, "escape=json", `{${fields.join(",")}}`);
}

import type { Input } from "@pulumi/pulumi";
import { NginxConfigError } from "./error";
import type { NginxConfigNode } from "./node";
import { evaluatedBlock } from "./words";

/** One line of a map: exactly one of `exact`, `prefix`, `regex` and `default`, and the value. */
export interface MapEntry {
  /** Whole value of the source; case-sensitive. */
  exact?: string;
  /** Beginning of the source's value; case-sensitive. */
  prefix?: string;
  /** A regular expression (PCRE) that the source's whole value matches; without capture groups. */
  regex?: string;
  /** `true`: the value for whatever no other entry takes. */
  default?: boolean;
  /** The variable's value. */
  value: Input<string>;
  /** `true`: `$name` in the value is a variable. @default false */
  variables?: boolean;
}

/**
 * A `map` that means what it says: keys match exactly, prefixes and expressions are anchored, and an exact key goes before the longest
 * prefix, that before regular expressions in their order.
 *
 * @param source what is looked up, with variables: `$mqtt_preread_clientid`
 * @param variable the variable that gets the value, with its `$`
 */
export function mapBlock(source: string, variable: string, entries: MapEntry[]): NginxConfigNode {
  const bytes = (text: string | undefined) => Buffer.byteLength(text ?? "");
  const ordered = [
    ...entries.filter((entry) => entry.default),
    ...entries.filter((entry) => entry.exact !== undefined),
    ...entries
      .filter((entry) => entry.prefix !== undefined)
      .sort((one, other) => bytes(other.prefix) - bytes(one.prefix)),
    ...entries.filter((entry) => entry.regex !== undefined),
  ];
  return evaluatedBlock(
    "map",
    [source, variable],
    ordered.map((entry) => mapEntry(mapKey(entry), entry)),
  );
}

/** Returns the node of one line of a map, by its key as NGINX reads it. */
export const mapEntry = (
  key: string,
  { value, variables }: Pick<MapEntry, "value" | "variables">,
): NginxConfigNode => ({
  name: key,
  args: [value],
  variables,
});

function mapKey({ exact, prefix, regex }: MapEntry): string {
  if (exact !== undefined) return exactKey(exact);
  if (prefix !== undefined) return `~^${escapeRegex(prefix)}`;
  // \z and not $: that would let a line feed through.
  if (regex !== undefined) return `~^(?:${captureFree(regex)})\\z`;
  return "default";
}

// A key in map_hash takes its bytes and two more, rounded up to 8, and 16 around them; a bucket has 64.
const longestHashKey = 46;

/** A hash key where NGINX compares all of it; it ignores the case of letters there, so what has letters becomes an expression. */
function exactKey(key: string): string {
  if (/[A-Za-z]/.test(key) || Buffer.byteLength(key) > longestHashKey) return `~^${escapeRegex(key)}\\z`;
  return /^[~\\]/.test(key) ? `\\${key}` : key;
}

/** The text as a regular expression that matches it and nothing else. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}

/**
 * The expression itself, when it can be anchored and leaves no captures behind.
 *
 * Captures of a map's expression outlive it: where the variable follows other captures in a string, NGINX before R36 P7 and 37.0.3.1
 * writes past its buffer (CVE-2026-42533).
 */
export function captureFree(regex: string): string {
  const fault = regexFault(regex);
  if (fault) throw new NginxConfigError("a map's regular expression", fault.wrong, fault.remedy);
  return regex;
}

/** Returns why a regular expression cannot stand in a map, or undefined. */
export function regexFault(regex: string): { wrong: string; remedy: string } | undefined {
  let depth = 0;
  for (let at = 0; at < regex.length; at++) {
    const rest = regex.slice(at);
    if (rest[0] === "\\") {
      if (/^\\[QE]/.test(rest)) return { wrong: "quotes with \\Q or \\E", remedy: "escape each character with \\" };
      if (rest.length === 1) return { wrong: "ends in \\", remedy: "write \\\\ for a backslash" };
      at++;
    } else if (rest[0] === "[") {
      const characterClass = /^\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/s.exec(rest);
      if (!characterClass) return { wrong: "has a [ without its ]", remedy: "write \\[ for a bracket" };
      at += characterClass[0].length - 1;
    } else if (rest[0] === "(") {
      if (!/^\(\?(?:[:=!>]|<[=!]|[ims-]+[:)])/.test(rest))
        return {
          wrong: "has a group that captures, comments or controls matching",
          remedy: "write (?:…) in place of (…), and \\( for a parenthesis",
        };
      if (!/^\(\?[ims-]+\)/.test(rest)) depth++;
      else at = regex.indexOf(")", at);
    } else if (rest[0] === ")" && --depth < 0) break;
  }
  if (depth !== 0) return { wrong: "has parentheses that do not pair", remedy: "write \\( or \\) for a parenthesis" };
  return undefined;
}

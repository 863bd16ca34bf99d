/** What a YAML file of scalars, lists and maps holds. */
export type YamlValue = string | number | boolean | YamlValue[] | { [key: string]: YamlValue };

/**
 * Prints a map as YAML in block style, so that every reader of YAML 1.1 and 1.2 reads the same values: a string that any of
 * them could take for something else stands in double quotes.
 */
export function printYaml(map: { [key: string]: YamlValue }): string {
  return Object.keys(map).length === 0 ? "{}\n" : `${mapLines(map).join("\n")}\n`;
}

function mapLines(map: { [key: string]: YamlValue }): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (!isCollection(value)) return [`${scalar(key)}: ${scalar(value)}`];
    const lines = collectionLines(value);
    return lines.length === 0 ? [`${scalar(key)}: ${empty(value)}`] : [`${scalar(key)}:`, ...indented(lines)];
  });
}

function listLines(list: YamlValue[]): string[] {
  return list.flatMap((value) => {
    if (!isCollection(value)) return [`- ${scalar(value)}`];
    const [first, ...others] = collectionLines(value);
    return first === undefined ? [`- ${empty(value)}`] : [`- ${first}`, ...indented(others)];
  });
}

const isCollection = (value: YamlValue) => typeof value === "object";
const collectionLines = (value: YamlValue) =>
  Array.isArray(value) ? listLines(value) : mapLines(value as { [key: string]: YamlValue });
const empty = (value: YamlValue) => (Array.isArray(value) ? "[]" : "{}");
const indented = (lines: string[]) => lines.map((line) => `  ${line}`);

/** A word with a letter or `/` first, that no reader of YAML reads as a boolean or null, or anything else but a string. */
const plain = /^[a-z/][a-z0-9/._-]*$/i;
// `e0` is a number to readers of YAML 1.1 that want no digit before the exponent.
const reserved = /^(?:true|false|yes|no|on|off|null|y|n|e[-+]?[0-9]+)$/i;

function scalar(value: YamlValue): string {
  if (typeof value !== "string") return String(value);
  if (plain.test(value) && !reserved.test(value)) return value;
  // A JSON string is a double-quoted YAML one; what YAML does not print raw is escaped beyond what JSON asks for.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

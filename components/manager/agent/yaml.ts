/** Values of a YAML file. */
export type YamlValue = string | number | boolean | YamlValue[] | { [key: string]: YamlValue };

/** A word with a letter or `/` first, which no reader of YAML takes for anything but a text. */
const plain = /^[a-z/][a-z0-9/._-]*$/i;
// `e0` is a number to readers of YAML 1.1 that want no digit before the exponent.
const reserved = /^(?:true|false|yes|no|on|off|null|y|n|e[-+]?[0-9]+)$/i;

/** Characters that YAML does not print raw. They are in quoted texts only. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Prints a map so that every reader of YAML 1.1 and 1.2 reads the same values: a text that one of them could take for something else is quoted. */
export function printYaml(map: { [key: string]: YamlValue }): string {
  // Loaded only where a file is printed: it takes longer to load than this library.
  const { Document, visit } = require("yaml") as typeof import("yaml");
  const document = new Document(map, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && (!plain.test(node.value) || reserved.test(node.value)))
        node.type = "QUOTE_DOUBLE";
    },
  });
  return document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })
    .replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

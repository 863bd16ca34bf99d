import { directive, escapeRegex, evaluated, evaluatedBlock, mapEntry, type NginxConfigNode } from "../../nginx";
import type { MqttCertificateMatch } from "../args";
import { certificateMatch, commonNameVariable, subjectFields, subjectVariable } from "../certificate-fields";

// One value of a subject with its escapes; a comma or a plus sign without one ends it, so there is one way only to match it.
const value = "(?:[^,+\\\\]|\\\\.)*";
const before = `(?:${value}[,+])*?`;
const end = "(?:[,+]|\\z)";

/** Returns an expression for a subject that has this attribute once, with a value that `inner` matches. */
const once = (attribute: string, inner: string) =>
  `~^(?!${before}${attribute}=${value}[,+]${before}${attribute}=)${before}${attribute}=${inner}${end}`;

/** Returns the key of a map of subjects for a match of one of its fields. */
export function subjectKey(match: MqttCertificateMatch): string {
  const [field, text] = certificateMatch(match)!;
  const attribute = subjectFields[field as keyof typeof subjectFields];
  if (text.exact !== undefined) return once(attribute, escapeRegex(rfc2253(text.exact)));
  return once(attribute, `${escapeRegex(rfc2253(text.prefix!, true))}${value}`);
}

/** Returns a map of subjects: exact texts first, then the longest beginnings. */
export function subjectMap(
  variable: string,
  entries: { match: MqttCertificateMatch; value: string; variables?: boolean }[],
  otherwise: { value: string; variables?: boolean },
): NginxConfigNode {
  const rank = ({ match }: { match: MqttCertificateMatch }) => {
    const text = certificateMatch(match)![1];
    return text.exact !== undefined ? -Infinity : -Buffer.byteLength(text.prefix!);
  };
  // Array.sort keeps the order of equals.
  const ordered = [...entries].sort((one, other) => (rank(one) === rank(other) ? 0 : rank(one) - rank(other)));
  return evaluatedBlock(
    "map",
    [subjectVariable, variable],
    [mapEntry("default", otherwise), ...ordered.map((entry) => mapEntry(subjectKey(entry.match), entry))],
  );
}

/** Sets `commonNameVariable`. The value is a capture alone, so that it is in no string with another capture (CVE-2026-42533). */
export const commonNameMap: NginxConfigNode = evaluatedBlock(
  "map",
  [subjectVariable, commonNameVariable],
  [directive("default", ""), evaluated(once("CN", "(?<mqtt_common_name>[^,+\\\\]+)"), "$mqtt_common_name")],
);

/** Returns a text as it is written in a subject: OpenSSL escapes the characters of RFC 2253, and all beyond ASCII byte by byte. */
function rfc2253(text: string, goesOn = false): string {
  const characters = Array.from(text);
  return characters
    .map((character, index) => {
      const first = index === 0;
      const last = index === characters.length - 1 && !goesOn;
      if (/[,+"\\<>;]/.test(character) || (first && /[ #]/.test(character)) || (last && character === " "))
        return `\\${character}`;
      if (character > "~")
        return Array.from(Buffer.from(character), (octet) => `\\${octet.toString(16).toUpperCase()}`).join("");
      return character;
    })
    .join("");
}

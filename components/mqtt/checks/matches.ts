import type { Argument } from "../../foundation";
import { regexFault } from "../../nginx";
import type { MqttCertificateMatch, MqttClientIdMatch } from "../args";
import { type AlternativeName, certificateFields, isAlternativeName } from "../certificate-fields";

// A client id is at most 65,535 bytes on the wire, and control characters are refused in it.
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Checks a match of client ids or user names; returns it as one text, or undefined after a fault. */
export const checkMatch = (match: Argument<MqttClientIdMatch>) => checkText(match, ["exact", "prefix", "regex"]);

/** Checks a match of a certificate; returns it as one text, or undefined after a fault. */
export function checkCertificateMatch(match: Argument<MqttCertificateMatch>): string | undefined {
  const given = certificateFields.filter((field) => match.value[field] !== undefined);
  const [field] = given;
  if (given.length !== 1 || field === undefined)
    return void match.refuse(`has ${given.length} of ${certificateFields.join(", ")}`, "give exactly one of them");
  const text = checkSubjectMatch(match.field(field) as Argument<MqttClientIdMatch>);
  if (text === undefined) return undefined;
  if (isAlternativeName(field) && !checkAlternativeName(match.field(field) as Argument<MqttClientIdMatch>, field))
    return undefined;
  return `${field} ${text}`;
}

/** Returns whether a match of a certificate has one field and one text. */
export function isCertificateMatch(match: MqttCertificateMatch): boolean {
  const given = certificateFields.filter((field) => match[field] !== undefined);
  const { exact, prefix } = (given[0] && match[given[0]]) ?? {};
  return given.length === 1 && (exact === undefined) !== (prefix === undefined);
}

/** Checks a match of one field, or of a tenant's user names; returns it as one text, or undefined after a fault. */
export const checkSubjectMatch = (match: Argument<MqttClientIdMatch>) => checkText(match, ["exact", "prefix"]);

/** Returns the text of a match as an argument, where it has exactly one of these kinds. */
function checkText(match: Argument<MqttClientIdMatch>, kinds: (keyof MqttClientIdMatch)[]): string | undefined {
  const given = kinds.filter((kind) => match.value[kind] !== undefined);
  const [kind] = given;
  if (given.length !== 1 || kind === undefined) {
    const names = `${kinds.slice(0, -1).join(", ")} and ${kinds[kinds.length - 1]}`;
    return void match.refuse(`has ${given.length} of ${names}`, "give exactly one of them");
  }
  const text = match.field(kind);
  const value = text.value!;
  const bytes = Buffer.byteLength(value);
  if (value === "")
    return void text.refuse("is empty", `clients without ${matched(match.path)} take the default route`);
  if (controlCharacter.test(value))
    return void text.refuse("has a control character", "remove it: no client id with one is accepted");
  if (bytes > 1024) return void text.refuse(`has ${bytes} bytes`, "write at most 1024: NGINX reads no longer words");
  const fault = kind === "regex" && regexFault(value);
  if (fault) return void text.refuse(fault.wrong, fault.remedy);
  return `${kind} ${value}`;
}

const matched = (path: string) =>
  path.endsWith("clientId") ? "a client id" : path.endsWith("username") ? "a user name" : "it";

const shapes: Record<AlternativeName, { exact: RegExp; wrong: string; remedy: string }> = {
  dnsName: {
    exact: /^[^*]/,
    wrong: "begins with *, which stands for itself here",
    remedy: "write the whole name, or its beginning as a prefix",
  },
  uri: {
    exact: /^[A-Za-z][-+.A-Za-z0-9]*:/,
    wrong: "has no scheme, and every URI in a certificate has one",
    remedy: "write it whole: spiffe://example.com/sensor-1",
  },
  emailAddress: {
    exact: /[^@]@[^@]/,
    wrong: "has no @ between two parts",
    remedy: "write the whole address, or its beginning as a prefix",
  },
};

/** Checks that certificates can have the alternative name, and that njs reads it. */
function checkAlternativeName(match: Argument<MqttClientIdMatch>, name: AlternativeName): boolean {
  const text = match.field(match.value.exact === undefined ? "prefix" : "exact");
  if (/[^!-~]/.test(text.value!)) {
    text.refuse(
      "has a space or a letter beyond ASCII, and alternative names with one match nothing",
      "write it as the certificate has it: DNS names beyond ASCII begin with xn--, URIs have percent signs",
    );
    return false;
  }
  const { exact, wrong, remedy } = shapes[name];
  if (match.value.exact === undefined || exact.test(match.value.exact)) return true;
  text.refuse(wrong, remedy);
  return false;
}

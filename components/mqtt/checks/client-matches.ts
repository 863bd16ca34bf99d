import type { Argument } from "../../foundation";
import { regexFault } from "../../nginx";
import type { MqttCertificateMatch, MqttClientIdMatch, MqttSubjectMatch } from "../args";
import { type AlternativeName, certificateFields, isAlternativeName } from "../certificate-fields";
import { readOnlyField } from "./names";

// A client id is at most 65,535 bytes on the wire, and control characters are refused in it.
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Checks a match of client ids or user names by its text: exact, a prefix or a regular expression. */
export const checkMatch = (match: Argument<MqttClientIdMatch>) => checkText(match, ["exact", "prefix", "regex"]);

/** Checks a match of one field of a certificate, or of a tenant's user names. */
export const checkSubjectMatch = (match: Argument<MqttSubjectMatch>) => checkText(match, ["exact", "prefix"]);

/** Checks a match of a certificate: one field, and a text that certificates can have in it. */
export function checkCertificateMatch(match: Argument<MqttCertificateMatch>): void {
  const field = readOnlyField(match, certificateFields);
  if (field === undefined) return;
  const text = match.field(field) as Argument<MqttSubjectMatch>;
  if (text.passes(checkSubjectMatch) && isAlternativeName(field)) checkAlternativeName(text, field);
}

function checkText(match: Argument<MqttClientIdMatch>, kinds: (keyof MqttClientIdMatch)[]): void {
  const kind = readOnlyField(match, kinds);
  if (kind === undefined) return;
  const text = match.field(kind) as Argument<string>;
  const bytes = Buffer.byteLength(text.value);
  const fault = kind === "regex" && regexFault(text.value);
  if (text.value === "")
    text.refuse("is empty", `clients without ${describeMatched(match.path)} take the default route`);
  else if (controlCharacter.test(text.value))
    text.refuse("has a control character", "remove it: no client id with one is accepted");
  else if (bytes > 1024) text.refuse(`has ${bytes} bytes`, "write at most 1024: NGINX reads no longer words");
  else if (fault) text.refuse(fault.wrong, fault.remedy);
}

const describeMatched = (path: string) =>
  path.endsWith("clientId") ? "a client id" : path.endsWith("username") ? "a user name" : "this field";

/** Form of whole alternative names of each kind. */
const wholeNames: Record<AlternativeName, { pattern: RegExp; wrong: string; remedy: string }> = {
  dnsName: {
    pattern: /^[^*]/,
    wrong: "begins with *, which stands for itself here",
    remedy: "write the whole name, or its beginning as a prefix",
  },
  uri: {
    pattern: /^[A-Za-z][-+.A-Za-z0-9]*:/,
    wrong: "has no scheme, and every URI in a certificate has one",
    remedy: "write it whole: spiffe://example.com/sensor-1",
  },
  emailAddress: {
    pattern: /[^@]@[^@]/,
    wrong: "has no @ between two parts",
    remedy: "write the whole address, or its beginning as a prefix",
  },
};

/** Checks that certificates can have the alternative name, and that njs reads it. */
function checkAlternativeName(match: Argument<MqttSubjectMatch>, name: AlternativeName): void {
  const { exact, prefix } = match.value;
  const text = match.field(exact === undefined ? "prefix" : "exact");
  const { pattern, wrong, remedy } = wholeNames[name];
  if (/[^!-~]/.test(exact ?? prefix!))
    text.refuse(
      "has a space or a letter beyond ASCII, and alternative names with one match nothing",
      "write it as the certificate has it: DNS names beyond ASCII begin with xn--, URIs have percent signs",
    );
  else if (exact !== undefined && !pattern.test(exact)) text.refuse(wrong, remedy);
}

import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import type { PropertyMap } from "../../property-values";

/** The provider's subject fields in the order in which Go writes them, with their OIDs. */
const SUBJECT: [field: string, oid: string][] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
];
const EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

export function subjectName(subject: PropertyMap): x509.Name {
  const parts: x509.JsonNameParams = [];
  for (const [field, oid] of SUBJECT) {
    const values = [subject[field] ?? []].flat().filter((value) => value !== "") as string[];
    if (values.length > 0) parts.push({ [oid]: values.map(directoryString) });
  }
  if (subject.emailAddress) parts.push({ [EMAIL_ADDRESS]: [{ ia5String: String(subject.emailAddress) }] });
  return new x509.Name(parts);
}

/** Go writes PrintableString where the text allows it. */
function directoryString(text: string) {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? { printableString: text } : { utf8String: text };
}

/** Extension of the DNS names, IP addresses and URIs; critical where nothing else names the subject (RFC 5280 §4.2.1.6). */
export function subjectAlternativeNames(
  names: readonly x509.JsonGeneralName[],
  subject: x509.Name,
): x509.SubjectAlternativeNameExtension[] {
  if (names.length === 0) return [];
  return [new x509.SubjectAlternativeNameExtension([...names], subject.toJSON().length === 0)];
}

export function alternativeNames(inputs: PropertyMap): x509.JsonGeneralName[] {
  const ipAddresses = list(inputs.ipAddresses);
  const wrong = ipAddresses.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new Error(`ipAddresses has "${wrong}", which is not an IP address`);
  return [
    ...list(inputs.dnsNames).map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ...list(inputs.uris).map((value) => ({ type: "url" as const, value })),
  ];
}

export function list(value: PropertyMap[string] | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

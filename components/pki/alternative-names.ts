import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import type { Argument, Refuser } from "../foundation";

/** Subject alternative names, RFC 5280 §4.2.1.6. */
export interface AlternativeNames {
  /** DNS names; `*.example.com` stands for one more label on the left. @default none */
  dnsNames?: Input<string>[];
  /** IPv4 and IPv6 addresses. @default none */
  ipAddresses?: Input<string>[];
  /** URIs, for example the SPIFFE ID of a workload. @default none */
  uris?: Input<string>[];
}

/** Checks the form of each name. */
export function checkAlternativeNames(names: Argument<AlternativeNames>): void {
  for (const list of ["dnsNames", "ipAddresses", "uris"] as const)
    for (const name of names.field(list).entries())
      name.known((text, argument) => {
        const fault = forms[list](text);
        if (fault) argument.refuse(...fault);
      });
}

/** Checks that a certificate has a name that was asked for: `openssl x509 -req` drops the names unless it is told to copy extensions. */
export function checkHasName(
  refuse: Refuser,
  certificateProperty: string,
  certificate: X509Certificate,
  property: string,
  name: string,
): void {
  if (!has[listOf(property)](certificate, name))
    refuse(
      certificateProperty,
      `has a certificate without the name in ${property}`,
      "sign csrPem with its subjectAltName, for example with `openssl x509 -req -copy_extensions copy`",
    );
}

/** Every name by where it stands in the arguments, for example `dnsNames[0]`. */
export function namesByProperty({ dnsNames, ipAddresses, uris }: AlternativeNames): Record<string, Input<string>> {
  return Object.fromEntries(
    Object.entries({ dnsNames, ipAddresses, uris }).flatMap(([list, names]) =>
      (names ?? []).map((name, index) => [`${list}[${index}]`, name]),
    ),
  );
}

function listOf(property: string): keyof AlternativeNames {
  return property.slice(0, property.indexOf("[")) as keyof AlternativeNames;
}

/** Returns the fault of a name and what to write, or undefined for a good one. */
const forms: Record<keyof AlternativeNames, (text: string) => [wrong: string, remedy: string] | undefined> = {
  dnsNames(text) {
    if (isIP(text)) return ["is an IP address", "write it in ipAddresses: a client looks for it only there"];
    const labels = text.split(".");
    const [first, ...others] = labels;
    if (first === "*" ? others.length < 2 : first?.includes("*"))
      return ["has a wildcard that no client accepts", "write `*` as the whole first label before at least two more"];
    const plain = first === "*" ? others : labels;
    return text.length <= 253 && plain.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
      ? undefined
      : ["is not a DNS name", "write letters, digits and `-` between dots, without scheme, port or trailing dot"];
  },
  ipAddresses: (text) =>
    isIP(text) && !text.includes("%")
      ? undefined
      : ["is not an IP address", "write an IPv4 or IPv6 address without port, zone or prefix length"],
  uris: (text) =>
    /^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(text) && URL.canParse(text)
      ? undefined
      : ["is not an absolute URI in ASCII", "write for example `spiffe://example.com/ns/edge/sa/proxy`"],
};

const has: Record<keyof AlternativeNames, (certificate: X509Certificate, name: string) => boolean> = {
  dnsNames: (certificate, name) => listed(certificate, "DNS", name),
  ipAddresses: (certificate, name) => certificate.checkIP(name) !== undefined,
  uris: (certificate, name) => listed(certificate, "URI", name),
};

function listed({ subjectAltName }: X509Certificate, type: string, name: string): boolean {
  // Node writes a name that has a comma or a quote as a JSON string.
  return (subjectAltName ?? "")
    .split(", ")
    .some((entry) => entry === `${type}:${name}` || entry === `${type}:"${name}"`);
}

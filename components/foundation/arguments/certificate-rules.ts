import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../inputs";
import type { Argument } from "./argument";
import { factsOf } from "./facts";

/** Role of a certificate's holder in a TLS handshake. */
export type CertificateRole = "server" | "client";

/**
 * Checks that a certificate, by the name of its Secret, is for the role in which it is used.
 *
 * A name given as a plain text says nothing of the certificate and is not checked.
 */
export function checkCertificateRole(
  secretName: Argument<pulumi.Input<string> | undefined>,
  role: CertificateRole,
): void {
  const facts = factsOf(secretName.value);
  const usage = facts?.certificate?.usage;
  if (usage === undefined || usage === role || usage === "serverAndClient") return;
  secretName.refuse(
    `is of ${facts!.component}, a certificate for a ${usage}`,
    `give one with usage "${role}" or "serverAndClient"`,
  );
}

/**
 * Checks that the DNS names of a certificate, by the name of its Secret, cover a host name by which clients call.
 *
 * @param hostName `*.` at the beginning stands for any labels; of such a name the certificate has to cover a part
 */
export function checkCertificateNames(
  secretName: Argument<pulumi.Input<string> | undefined>,
  hostName: pulumi.Input<string> | undefined,
): void {
  const facts = factsOf(secretName.value);
  const names = facts?.certificate?.dnsNames;
  if (names === undefined || hostName === undefined) return;
  const check = (known: readonly string[], host: string) => {
    if (!known.some((name) => coversHost(name, host)))
      secretName.refuse(
        `is of ${facts!.component}, which is for ${known.length === 0 ? "no DNS name" : known.join(", ")}`,
        `add ${host} to its dnsNames: clients accept no other certificate`,
      );
  };
  if ([hostName, ...names].every(isPlainInput)) check(names as string[], hostName as string);
  else pulumi.all([pulumi.all([...names]), hostName]).apply(([known, host]) => check(known, host));
}

/** Returns whether a DNS name of a certificate, perhaps with `*` as its first label, covers a host, or a part of the hosts below a wildcard (RFC 9525 §6.3). */
export function coversHost(dnsName: string, hostName: string): boolean {
  const [name, host] = [dnsName.toLowerCase(), hostName.toLowerCase()];
  if (name === host) return true;
  if (host.startsWith("*.")) return name.endsWith(host.slice(1));
  // A wildcard of a certificate stands for one label.
  return name.startsWith("*.") && host.slice(host.indexOf(".")) === name.slice(1) && host.includes(".");
}

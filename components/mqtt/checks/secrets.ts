import type { Input } from "@pulumi/pulumi";
import { type Argument, factsOf, type SecretReference } from "../../foundation";
import { CertificateUsage } from "../../pki";

/** Checks that a certificate is for this side of a TLS handshake. NginxPlus checks the Secret. */
export function checkUsage(reference: Argument<SecretReference>, usage: "server" | "client"): void {
  const name = reference.field("secretName");
  const { component, certificate } = factsOf(name.value) ?? {};
  if (certificate && certificate.usage !== usage && certificate.usage !== CertificateUsage.serverAndClient)
    name.refuse(
      `is of ${component}, whose usage is "${certificate.usage}"`,
      `make a Certificate with usage "${usage}" for it`,
    );
}

/** Checks a text that holds PEM blocks of this kind. */
export function checkPem(text: Argument<Input<string> | undefined>, label: "CERTIFICATE" | "X509 CRL"): void {
  const kind = label === "CERTIFICATE" ? "certificate" : "revocation list";
  text.known((known, argument) => {
    if (!known.includes(`-----BEGIN ${label}-----`))
      argument.refuse(`holds no PEM ${kind}`, "give the contents of the file, not its path");
  });
}

import { X509Certificate } from "node:crypto";
import type { Input } from "@pulumi/pulumi";
import { checked, type Refuser, readTogether } from "../../foundation";
import { extendedKeyUsageIds } from "../../pki/profiles";

/** Checks that a certificate is a server's and carries each name; `names` are by the property of `hostname` that has them, "" for `hostname` itself. */
export function checkServerCertificate(
  refuse: Refuser,
  property: string,
  certificatePem: Input<string> | undefined,
  names: Record<string, Input<string>>,
): void {
  if (certificatePem === undefined) return;
  const inputs: Record<string, Input<string>> = { ...names, pem: certificatePem };
  readTogether(inputs, (texts) => {
    const certificate = read(refuse, property, texts.pem!, "server");
    if (!certificate) return;
    // A name in the subject alone is one that agents, which are Go programs, do not look at.
    for (const part of Object.keys(names))
      if (!certificate.checkHost(texts[part]!, { subject: "never" }))
        refuse(
          property,
          `does not carry hostname${part && `.${part}`}, "${texts[part]}", as a DNS name`,
          "put that name into the dnsNames of the certificate, or correct hostname",
        );
  });
}

/** Checks that a certificate is a client's. */
export function checkClientCertificate(
  refuse: Refuser,
  property: string,
  certificatePem: Input<string> | undefined,
): void {
  if (certificatePem !== undefined) checked(certificatePem, (pem) => void read(refuse, property, pem, "client"));
}

/** Reads one certificate and checks its usage; undefined for the "" of a Secret that something else keeps. */
function read(refuse: Refuser, property: string, pem: string, usage: "server" | "client"): X509Certificate | undefined {
  if (pem === "") return undefined;
  const certificate = parsed(pem);
  if (!certificate)
    return refuse(property, "is not a certificate in PEM", "write the contents of the file, or leave it out");
  // Node calls the extended key usages keyUsage; a certificate without any is for every use.
  const usages = certificate.keyUsage as string[] | undefined;
  if (usages && !extendedKeyUsageIds[usage].every((id) => usages.includes(id)))
    refuse(property, `is not for a ${usage}`, `issue it with usage "${usage}"`);
  return certificate;
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

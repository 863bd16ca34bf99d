import { X509Certificate } from "node:crypto";
import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";

/** The distinguished name of a certificate, RFC 5280 §4.1.2.6. */
export interface CertificateSubject {
  /** Common name (CN), at most 64 characters. */
  commonName: Input<string>;
  /** Organization (O), at most 64 characters. @default none */
  organization?: Input<string>;
  /** Organizational unit (OU), at most 64 characters. @default none */
  organizationalUnit?: Input<string>;
  /** Country (C), two letters of ISO 3166. @default none */
  country?: Input<string>;
  /** State or province (ST), at most 128 characters. @default none */
  province?: Input<string>;
  /** Locality (L), at most 128 characters. @default none */
  locality?: Input<string>;
}

/** Upper bounds of RFC 5280, appendix A.1. */
const bounds = {
  commonName: 64,
  organization: 64,
  organizationalUnit: 64,
  country: 2,
  province: 128,
  locality: 128,
} satisfies Record<keyof CertificateSubject, number>;

/** Checks a subject that is required, whatever the type says. */
export function checkSubject(subject: Argument<CertificateSubject | undefined>): void {
  if (subject.value === undefined)
    subject.field("commonName").refuse("is missing", "write a name by which people know the holder");
  for (const [part, bound] of Object.entries(bounds))
    subject.field(part as keyof CertificateSubject).known((text, argument) => {
      if (text.trim() === "" || [...text].length > bound)
        argument.refuse(`is empty or longer than ${bound} characters`, "shorten it, or leave it out if it is optional");
      else if (part === "country" && !/^[A-Z]{2}$/.test(text))
        argument.refuse("is not a country code", "write two capital letters of ISO 3166, for example `DE`");
    });
}

/** The parts of a subject as certificates abbreviate them, RFC 4514 §3. */
const abbreviations: Record<keyof CertificateSubject, string> = {
  commonName: "CN",
  organization: "O",
  organizationalUnit: "OU",
  country: "C",
  province: "ST",
  locality: "L",
};

export const subjectParts = Object.keys(abbreviations) as (keyof CertificateSubject)[];

/** Returns whether a subject is that of the holder of a certificate, as OpenSSL compares: without regard to case and spaces. */
export function isSubjectOf(certificatePem: string, subject: Partial<Record<string, string>>): boolean {
  const held = readSubject(certificatePem);
  if (held === undefined) return false;
  const parts = Object.entries(abbreviations).flatMap(([part, short]) => {
    const text = subject[part];
    return text === undefined ? [] : [[short, text] as const];
  });
  return (
    parts.length === Object.keys(held).length && parts.every(([short, text]) => plain(held[short]) === plain(text))
  );
}

const plain = (text: unknown) =>
  typeof text === "string" ? text.trim().replace(/\s+/g, " ").toLowerCase() : undefined;

/** The parts of a certificate's subject; undefined for what is no certificate, of which the TLS provider tells. */
function readSubject(certificatePem: string): Record<string, unknown> | undefined {
  try {
    return { ...new X509Certificate(certificatePem).toLegacyObject().subject };
  } catch {
    return undefined;
  }
}

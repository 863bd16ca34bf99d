import type { MqttCertificateMatch, MqttCertificateUsername, MqttSubjectMatch } from "./args";

/** Fields of the subject, and their attribute types. */
export const subjectFields = { commonName: "CN", organizationalUnit: "OU", organization: "O" } as const;

/** Variable with the subject, in the form of RFC 2253: `CN=sensor-1,OU=a,O=Example`. */
export const subjectVariable = "$ssl_client_s_dn";

/** Variable with the common name, where it is one and needs no escapes; empty otherwise. */
export const commonNameVariable = "$mqtt_certificate_common_name";

/** Alternative names that matches read, in the order of the routes, and the variables with the only name of each kind. */
export const alternativeNames = {
  dnsName: "$mqtt_certificate_dns_name",
  uri: "$mqtt_certificate_uri",
  emailAddress: "$mqtt_certificate_email_address",
} as const;
export type AlternativeName = keyof typeof alternativeNames;

/** Returns whether a field of a certificate is an alternative name. */
export const isAlternativeName = (field: string | undefined): field is AlternativeName =>
  field === "dnsName" || field === "uri" || field === "emailAddress";

/** Fields of a certificate that matches read. */
export type CertificateField = keyof typeof subjectFields | AlternativeName;
export const certificateFields = [
  ...Object.keys(subjectFields),
  ...Object.keys(alternativeNames),
] as CertificateField[];

/** Variables of the fields that can become a user name. */
export const usernameVariables: Record<MqttCertificateUsername, string> = {
  commonName: commonNameVariable,
  subject: subjectVariable,
  ...alternativeNames,
};

/** Returns the field that a match is about, and its text. */
export function certificateMatch(match: MqttCertificateMatch): [CertificateField, MqttSubjectMatch] | undefined {
  for (const field of certificateFields) if (match[field] !== undefined) return [field, match[field]!];
  return undefined;
}

import type { MqttCertificateUsername } from "./mqtt-credentials-args";
import type { MqttCertificateMatch, MqttSubjectMatch } from "./mqtt-route-args";

/** Fields of the subject, and what it calls them. */
export const subjectFields = { commonName: "CN", organizationalUnit: "OU", organization: "O" } as const;

/** The variable with the subject, in the form of RFC 2253: `CN=sensor-1,OU=a,O=Example`. */
export const subjectVariable = "$ssl_client_s_dn";

/** The common name, where it is one and needs no escapes; empty otherwise. */
export const commonNameVariable = "$mqtt_certificate_common_name";

/** The alternative names by which a certificate is told, in the order in which routes ask for them, and the variables with the only one of each kind. */
export const alternativeNames = {
  dnsName: "$mqtt_certificate_dns_name",
  uri: "$mqtt_certificate_uri",
  emailAddress: "$mqtt_certificate_email_address",
} as const;
export type AlternativeName = keyof typeof alternativeNames;

/** Whether a field of a certificate is an alternative name. */
export const isAlternativeName = (field: string | undefined): field is AlternativeName =>
  field !== undefined && field in alternativeNames;

/** The fields by which a certificate is told. */
export type CertificateField = keyof typeof subjectFields | AlternativeName;
export const certificateFields = [
  ...Object.keys(subjectFields),
  ...Object.keys(alternativeNames),
] as CertificateField[];

/** What of a certificate becomes a user name, by its variable. */
export const usernameVariables: Record<MqttCertificateUsername, string> = {
  commonName: commonNameVariable,
  subject: subjectVariable,
  ...alternativeNames,
};

/** The field that a match is about. */
export function onlyField(match: MqttCertificateMatch): [CertificateField, MqttSubjectMatch] | undefined {
  for (const field of certificateFields) if (match[field] !== undefined) return [field, match[field]!];
  return undefined;
}

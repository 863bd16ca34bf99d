import { X509Certificate } from "node:crypto";
import type { Input } from "@pulumi/pulumi";
import { type Argument, coversHost, factsOf, formats, mapInputs } from "../foundation";
import {
  type CertificateReference,
  extendedKeyUsageIds,
  type HostCertificate,
  readCertificates,
  readPrivateKey,
} from "../pki";

/** A certificate whose names and usage are checked where its text is known; a Certificate is one. */
export interface VerifiableCertificate extends CertificateReference {
  /** The certificate alone, PEM: its usage and its names are checked. @default "", and they are not checked */
  certificatePem?: Input<string>;
}

/** Purpose of a certificate: the holder's role in TLS, and the arguments with the names that its peers verify. */
interface Purpose {
  usage: "server" | "client";
  names?: Argument<Input<string> | undefined>[];
}

/** Checks the usage and the names of a certificate in a Secret, by its facts, or by its text where that is given. */
export function checkSecretCertificate(
  certificate: Argument<VerifiableCertificate | undefined>,
  { usage, names = [] }: Purpose,
): void {
  const { secretName, certificatePem } = certificate.value ?? {};
  const leaf = certificate.field("certificatePem");
  const given = certificatePem === undefined ? certificate.field("secretName") : leaf;
  if (checkByFacts([secretName, certificatePem], given, { usage, names }) || certificatePem === undefined) return;
  mapInputs({ pem: certificatePem, ...valuesOf(names) }, (texts: Record<string, string | undefined>) => {
    // A Secret that something else keeps has no text.
    if (!texts.pem) return;
    const parsed = parse(texts.pem);
    if (parsed) checkLeaf(parsed, leaf, { usage, names }, texts);
    else leaf.refuse("is not a certificate in PEM", "write the contents of the file, or leave it out");
  });
}

/** Checks a certificate in files of a host: its text, its key, its usage and its names. */
export function checkHostCertificate(
  certificate: Argument<HostCertificate | undefined>,
  { usage, names = [] }: Purpose,
): void {
  const { chainPem, privateKeyPem } = certificate.value ?? {};
  const [chain, key] = [certificate.field("chainPem"), certificate.field("privateKeyPem")];
  const known = checkByFacts([chainPem], chain, { usage, names });
  mapInputs({ chainPem, privateKeyPem, ...valuesOf(names) }, (texts: Record<string, string | undefined>) => {
    const { chainPem: chainText, privateKeyPem: keyText } = texts;
    const [leaf] =
      chainText === undefined ? [] : (chain.read((refuse) => readCertificates(refuse, chain.path, chainText)) ?? []);
    if (leaf && !known) checkLeaf(leaf, chain, { usage, names }, texts);
    key.attempt((refuse) => {
      if (keyText === undefined) return;
      const read = readPrivateKey(refuse, key.path, keyText);
      if (leaf && !leaf.checkPrivateKey(read))
        key.refuse("is the key of another certificate", "write the key of the first certificate in chainPem");
    });
  });
}

/** Names of a front by which clients verify its certificates. */
interface ServerNames {
  manager: Input<string>;
  agents: Input<string>;
}

/** Checks the server certificates of a front: `certificate` has the name of agents too unless `agentCertificate` is given. */
export function checkServerCertificates<C extends object>(
  front: Argument<{ certificate?: C; agentCertificate?: C }>,
  hostname: Argument<ServerNames | undefined>,
  check: (certificate: Argument<C | undefined>, purpose: Purpose) => void,
): void {
  const [manager, agents] = [hostname.field("manager"), hostname.field("agents")];
  const own = front.value.agentCertificate !== undefined;
  check(front.field("certificate"), { usage: "server", names: own ? [manager] : [manager, agents] });
  check(front.field("agentCertificate"), { usage: "server", names: [agents] });
}

/** Checks that the certificate whose facts a value carries has the name that is verified. */
export function checkBackendName(backend: Argument<unknown>, serverName: Argument<Input<string> | undefined>): void {
  checkByFacts([backend.value], serverName, { usage: "server", names: [serverName] }, (name) => [
    `is ${JSON.stringify(name)}, which the certificate there does not carry`,
    "write one of the dnsNames of that certificate",
  ]);
}

const valuesOf = (names: Argument<Input<string> | undefined>[]) =>
  Object.fromEntries(names.map(({ path, value }) => [path, value]));

type NameFault = (name: string, path: string) => [wrong: string, remedy: string];

const withoutName: NameFault = (name, path) => [
  `does not carry ${path}, ${JSON.stringify(name)}, as a DNS name`,
  "put that name into the dnsNames of the certificate, or correct the name",
];

/** Checks usage and names where a component of this program made the certificate. Returns whether it did. */
function checkByFacts(
  outputs: unknown[],
  argument: Argument<unknown>,
  { usage, names = [] }: Purpose,
  nameFault = withoutName,
): boolean {
  const facts = outputs.map((output) => factsOf(output)?.certificate).find((known) => known !== undefined);
  if (facts === undefined) return false;
  if (facts.usage !== usage && facts.usage !== "serverAndClient") refuseUsage(argument, usage);
  const dnsNames = Object.fromEntries(facts.dnsNames.map((name, index) => [`${index}`, name]));
  for (const { path, value } of names)
    mapInputs({ name: value, ...dnsNames }, (texts: Record<string, string | undefined>) => {
      const { name, ...carried } = texts;
      if (isNamed(name) && !Object.values(carried).some((dnsName) => coversHost(dnsName!, name)))
        argument.refuse(...nameFault(name, path));
    });
  return true;
}

function checkLeaf(
  certificate: X509Certificate,
  argument: Argument<unknown>,
  { usage, names = [] }: Purpose,
  texts: Record<string, string | undefined>,
): void {
  // Node calls the extended key usages keyUsage; a certificate without any is for every use.
  const usages = certificate.keyUsage as string[] | undefined;
  if (usages && !extendedKeyUsageIds[usage].every((id) => usages.includes(id))) refuseUsage(argument, usage);
  // Agents, which are Go programs, do not look at a name in the subject.
  for (const { path } of names) {
    const name = texts[path];
    if (isNamed(name) && !certificate.checkHost(name, { subject: "never" }))
      argument.refuse(...withoutName(name, path));
  }
}

const refuseUsage = (argument: Argument<unknown>, usage: string) =>
  argument.refuse(`is not for a ${usage}`, `issue it with usage "${usage}"`);

/** Whether a name can be looked for. One that is no host name is refused where it stands. */
const isNamed = (name: string | undefined): name is string => name !== undefined && formats.hostName.test(name);

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/**
 * Checks that connections to Instance Manager have TLS, or are plain on purpose.
 *
 * @param needed whether there are connections that can have TLS
 * @param fields arguments that TLS needs at least
 */
export function checkTlsOrPlain(
  front: Argument<{ backendTls?: object; unsafePlainBackends?: boolean }>,
  fields: string,
  needed = true,
): void {
  const { backendTls, unsafePlainBackends } = front.value;
  if (needed && !backendTls && !unsafePlainBackends)
    front
      .field("backendTls")
      .refuse(
        "is missing",
        `give ${fields} (or, where anyone may read and change the traffic, unsafePlainBackends: true)`,
      );
  if (backendTls && unsafePlainBackends)
    front.field("unsafePlainBackends").refuse("is true beside backendTls", "leave one of the two out");
}

import { isIPv4, isIPv6 } from "node:net";
import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import {
  checked,
  checkPlain,
  type LicenseReference,
  type Refuser,
  referenceTo,
  type SecretReference,
  subdomainName,
} from "../foundation";
import { takesUsageReports } from "../nginx/management";
import type { CertificateReference } from "../pki";
import { firstVersionWith, type GatewayFabricVersion } from "./versions";

/** How NGINX Plus in the data plane proves its licence and reports its usage. */
export interface GatewayUsageReporting {
  /** The licence: a LicenseSecret, or the Secret of another, with the token under `license.jwt`. Flag `--usage-report-secret`. */
  license: LicenseReference;
  /**
   * Host, with a port where it is not 443, that usage is reported to: NGINX Instance Manager where the cluster cannot reach F5. Flag `--usage-report-endpoint`.
   * @default "product.connect.nginx.com"
   */
  endpoint?: Input<string>;
  /** Version of the NGINX Instance Manager at `endpoint`, for example an InstanceManager's `version`: one before 2.18 takes no reports, and is refused. @default not known, and not checked */
  instanceManagerVersion?: Input<string>;
  /** The name server that finds the endpoint: host or address, with a port where it is not 53. Flag `--usage-report-resolver`. @default those of the pod */
  resolver?: Input<string>;
  /** `true`: any certificate of the endpoint is accepted, so whoever answers there learns the licence. Flag `--usage-report-skip-verify`. @default false */
  insecureSkipVerify?: boolean;
  /** Secret whose `ca.crt` has the authorities of the endpoint's certificate. Flag `--usage-report-ca-secret`. @default the image's own */
  trustedCertificates?: SecretReference;
  /** Secret (`tls.crt`, `tls.key`) with the certificate shown to the endpoint; another than `trustedCertificates`. Flag `--usage-report-client-ssl-secret`. @default none */
  clientCertificate?: CertificateReference;
  /**
   * Whether traffic waits until the first report has arrived; `false` starts a grace period of 180 days. From 2.2.0 on. Flag `--usage-report-enforce-initial-report`.
   * @default true
   */
  enforceInitialReport?: boolean;
}

/** A Secret by the argument that names it. */
export interface NamedSecret {
  property: string;
  name: Input<string>;
}

/**
 * Checks the reporting of usage: at once what is plain, otherwise when it is known, and then by what is returned.
 *
 * @param pullSecrets pull secrets of the data plane, which 2.x copies beside those of the licence
 * @returns the reporting with checked texts in place of those that were given
 */
export function checkUsage(
  refuse: Refuser,
  version: GatewayFabricVersion,
  usage: GatewayUsageReporting,
  pullSecrets: Input<string>[] = [],
): GatewayUsageReporting {
  const { license, endpoint, resolver, trustedCertificates, clientCertificate, enforceInitialReport } = usage;
  checkPlain(refuse, {
    "usage.license": license,
    "usage.trustedCertificates": trustedCertificates,
    "usage.clientCertificate": clientCertificate,
  });
  if (license?.secretName === undefined)
    refuse("usage.license", "is missing", "give a LicenseSecret: NGINX Plus does not start without its licence");
  if (license.key !== undefined)
    checked(license.key, (key) => {
      if (key !== "license.jwt")
        refuse(
          "usage.license.key",
          "is not license.jwt",
          "keep the token under license.jwt: Gateway Fabric looks for no other key",
        );
    });
  if (enforceInitialReport !== undefined && !version.features.enforceInitialReport)
    refuse(
      "usage.enforceInitialReport",
      `is not in ${version.version}`,
      `leave it out, or use version ${firstVersionWith("enforceInitialReport")} or later: before, traffic always waits for the first report`,
    );
  if (usage.instanceManagerVersion !== undefined) {
    if (endpoint === undefined)
      refuse(
        "usage.instanceManagerVersion",
        "is given without endpoint",
        "write where that Instance Manager is, or leave it out",
      );
    checked(usage.instanceManagerVersion, takesUsageReports(refuse, "usage.instanceManagerVersion"));
  }
  const secrets = checkSecretNames(refuse, version, [
    { property: "usage.license.secretName", name: license.secretName },
    ...(trustedCertificates
      ? [{ property: "usage.trustedCertificates.secretName", name: trustedCertificates.secretName }]
      : []),
    ...(clientCertificate
      ? [{ property: "usage.clientCertificate.secretName", name: clientCertificate.secretName }]
      : []),
    ...pullSecrets.map((name, index) => ({ property: `imagePullSecrets[${index}]`, name })),
  ]);
  return {
    ...usage,
    license: { ...referenceTo(license), secretName: secrets.shift()! },
    ...(endpoint !== undefined && { endpoint: checked(endpoint, hostAndPort(refuse, "usage.endpoint", 443)) }),
    ...(resolver !== undefined && { resolver: checked(resolver, hostAndPort(refuse, "usage.resolver", 53)) }),
    ...(trustedCertificates && {
      trustedCertificates: { ...referenceTo(trustedCertificates), secretName: secrets.shift()! },
    }),
    ...(clientCertificate && {
      clientCertificate: { ...referenceTo(clientCertificate), secretName: secrets.shift()! },
    }),
  };
}

/** Checks names of Secrets that Gateway Fabric looks up, each alone and against the others; returns the checked names. */
export function checkSecretNames(
  refuse: Refuser,
  version: GatewayFabricVersion,
  secrets: NamedSecret[],
): Input<string>[] {
  const checkOne = ({ property }: NamedSecret, name: string) => {
    subdomainName(refuse, property)(name);
    if (name.length > version.secretNameLimit)
      refuse(
        property,
        `is ${name.length} characters long`,
        `write at most ${version.secretNameLimit}: ${version.version} cannot shorten the name of its copy of a longer one`,
      );
  };
  const checkBoth = (one: NamedSecret, other: NamedSecret, names: [string, string]) => {
    if (names[0] === names[1])
      refuse(
        other.property,
        `is that of ${one.property}`,
        "keep them in separate Secrets: of one that is both, Gateway Fabric uses only one half",
      );
    if (version.line === 2 && (names[0].endsWith(names[1]) || names[1].endsWith(names[0])))
      refuse(
        other.property,
        `and ${one.property} end alike`,
        "write names of which none ends in another: 2.x finds the copies of a deleted Secret by the end of their names",
      );
  };
  return secrets.map((secret, index) => {
    const before = secrets.slice(0, index);
    const plain = before.filter(({ name }) => isPlain(name));
    if (isPlain(secret.name)) {
      checkOne(secret, secret.name);
      for (const one of plain) checkBoth(one, secret, [one.name as string, secret.name]);
      if (plain.length === before.length) return secret.name;
    }
    return pulumi
      .all([pulumi.output(secret.name), pulumi.all(before.map(({ name }) => name))])
      .apply(([name, names]) => {
        checkOne(secret, name);
        for (const [position, one] of before.entries()) checkBoth(one, secret, [names[position]!, name]);
        return name;
      });
  });
}

const isPlain = (name: Input<string>): name is string => typeof name === "string";

/** Checks a host with or without a port, as Gateway Fabric's own flags do, which read the port as a signed number of 16 bits. */
function hostAndPort(refuse: Refuser, property: string, port: number): (text: string) => void {
  return (text) => {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
      refuse(property, "has a scheme", `write the host alone, or host and port: nim.example.com:${port}`);
    if (text.includes("/"))
      refuse(property, "has a path", `write the host alone, or host and port: nim.example.com:${port}`);
    if (/[\s,]/.test(text))
      refuse(property, "is more than one host", "write one host, or host and port, without whitespace");
    if (isIPv6(text.replace(/^\[|\]$/g, "")))
      refuse(
        property,
        "is an IPv6 address without a port",
        `write it with brackets and port, as nothing else passes both checks: [2001:db8::1]:${port}`,
      );
    const [, bracketed, plain, given] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? [];
    if (given !== undefined && !(/^\d{1,5}$/.test(given) && Number(given) >= 1 && Number(given) <= 65535))
      refuse(property, "has a port that is none", "write a port from 1 to 32767");
    if (given !== undefined && Number(given) > 32767)
      refuse(
        property,
        `has the port ${Number(given)}`,
        "write a port from 1 to 32767: Gateway Fabric takes no higher one",
      );
    const isHost =
      bracketed === undefined ? plain !== undefined && (isIPv4(plain) || isSubdomain(plain)) : isIPv6(bracketed);
    if (!isHost)
      refuse(
        property,
        "is no host",
        "write a lower-case host name or an address, with a port where it is not the default",
      );
  };
}

const isSubdomain = (text: string) =>
  text.length <= 253 && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/.test(text);

/** The flags of the control plane, in upstream's order. */
export function usageFlags(version: GatewayFabricVersion, usage: GatewayUsageReporting): Input<string>[] {
  const { license, endpoint, resolver, trustedCertificates, clientCertificate, enforceInitialReport = true } = usage;
  const flag = (name: string, value: Input<string>) =>
    !isPlain(value) ? pulumi.interpolate`--usage-report-${name}=${value}` : `--usage-report-${name}=${value}`;
  return [
    flag("secret", license.secretName),
    ...(endpoint === undefined ? [] : [flag("endpoint", endpoint)]),
    ...(resolver === undefined ? [] : [flag("resolver", resolver)]),
    ...(usage.insecureSkipVerify ? ["--usage-report-skip-verify"] : []),
    ...(trustedCertificates ? [flag("ca-secret", trustedCertificates.secretName)] : []),
    ...(clientCertificate ? [flag("client-ssl-secret", clientCertificate.secretName)] : []),
    ...(version.features.enforceInitialReport ? [`--usage-report-enforce-initial-report=${enforceInitialReport}`] : []),
  ];
}

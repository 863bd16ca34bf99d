import { isIPv6 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import {
  type Argument,
  checkCertificateRole,
  checkSameNamespace,
  formats,
  isPlainInput,
  type LicenseReference,
  referenceTo,
  type SecretReference,
} from "../foundation";
import { checkInstanceManagerVersion } from "../nginx";
import type { CertificateReference } from "../pki";
import { firstVersionWith, type GatewayFabricVersion } from "./versions";

/** Licence and usage reports of NGINX Plus in the data plane. */
export interface GatewayUsageReporting {
  /** Licence of NGINX Plus: a LicenseSecret, or the Secret of another, with the token under `license.jwt`. Flag `--usage-report-secret`. */
  license: LicenseReference;
  /**
   * Host, with a port where it is not 443, to which usage is reported: NGINX Instance Manager where the cluster cannot reach F5. Flag `--usage-report-endpoint`.
   * @default "product.connect.nginx.com"
   */
  usageEndpoint?: pulumi.Input<string>;
  /** Version of the NGINX Instance Manager at `usageEndpoint`, for example an InstanceManager's `version`. One before 2.18 takes no reports, and is refused. @default not known, and not checked */
  instanceManagerVersion?: pulumi.Input<string>;
  /** Name server that finds the endpoint: host or address, with a port where it is not 53. Flag `--usage-report-resolver`. @default those of the pod */
  resolver?: pulumi.Input<string>;
  /** `true`: any certificate of the endpoint is accepted, so any server at that address learns the licence. Flag `--usage-report-skip-verify`. @default false */
  unsafeSkipVerification?: boolean;
  /** Secret whose `ca.crt` has the authorities of the endpoint's certificate. Flag `--usage-report-ca-secret`. @default the image's own */
  trustedCertificates?: SecretReference;
  /** Secret (`tls.crt`, `tls.key`) with the certificate shown to the endpoint; another than `trustedCertificates`. Flag `--usage-report-client-ssl-secret`. @default none */
  clientCertificate?: CertificateReference;
  /**
   * `true`: traffic waits until the first report has arrived. `false` starts a grace period of 180 days. From 2.2.0 on. Flag `--usage-report-enforce-initial-report`.
   * @default true
   */
  enforceInitialReport?: boolean;
}

/** Reporting of usage as both lines make it: nothing of it is looked up in the arguments again. */
export interface ResolvedUsage {
  /** Secret with the licence. */
  license: SecretReference;
  usageEndpoint?: pulumi.Input<string>;
  resolver?: pulumi.Input<string>;
  unsafeSkipVerification: boolean;
  trustedCertificates?: SecretReference;
  clientCertificate?: SecretReference;
  /** As the user wrote it; undefined leaves it to the version. */
  enforceInitialReport?: boolean;
}

/** Checks the reporting of usage of pods in a namespace, and returns it. */
export function resolveUsage(
  usage: Argument<GatewayUsageReporting>,
  version: GatewayFabricVersion,
  namespace: pulumi.Input<string>,
): ResolvedUsage {
  usage.field("license").check(
    (license) => checkSameNamespace(license.field("secretName"), namespace),
    (license) =>
      license.field("key").known((key, argument) => {
        if (key !== "license.jwt")
          argument.refuse(
            "is not license.jwt",
            "keep the token under license.jwt: Gateway Fabric looks for no other key",
          );
      }),
  );
  checkSameNamespace(usage.field("trustedCertificates").field("secretName"), namespace);
  usage.field("clientCertificate").check((client) => {
    checkSameNamespace(client.field("secretName"), namespace);
    checkCertificateRole(client.field("secretName"), "client");
  });
  if (usage.value.enforceInitialReport === false && !version.features.enforceInitialReport)
    usage
      .field("enforceInitialReport")
      .refuse(
        `is not in ${version.version}`,
        `leave it out, or use version ${firstVersionWith("enforceInitialReport")} or later: before, traffic always waits for the first report`,
      );
  usage.field("usageEndpoint").known(checkHostAndPort(443));
  usage.field("resolver").known(checkHostAndPort(53));
  usage.check(checkInstanceManager);
  const { license, usageEndpoint, resolver, unsafeSkipVerification = false, enforceInitialReport } = usage.value;
  const { trustedCertificates, clientCertificate } = usage.value;
  return {
    license: referenceTo(license ?? {}),
    usageEndpoint,
    resolver,
    unsafeSkipVerification,
    trustedCertificates: trustedCertificates && referenceTo(trustedCertificates),
    clientCertificate: clientCertificate && referenceTo(clientCertificate),
    enforceInitialReport,
  };
}

function checkInstanceManager(usage: Argument<GatewayUsageReporting>): void {
  const version = usage.field("instanceManagerVersion");
  if (version.value === undefined) return;
  if (usage.value.usageEndpoint === undefined)
    version.refuse("is given without usageEndpoint", "write where that Instance Manager is, or leave it out");
  version.known(checkInstanceManagerVersion);
}

/** Checks a host as Gateway Fabric's own flags do, which read the port as a signed number of 16 bits. */
const checkHostAndPort = (defaultPort: number) => (text: string, argument: Argument<string>) => {
  const { test, wrong } = formats.hostAndOptionalPort;
  if (!test(text))
    argument.refuse(
      wrong,
      `write one host without scheme or path: \`nim.example.com\`, \`nim.example.com:${defaultPort}\` or \`[2001:db8::1]:${defaultPort}\``,
    );
  else if (/[A-Z]/.test(text) && !text.startsWith("["))
    argument.refuse("has capital letters", "write it in lower case: Gateway Fabric takes no others");
  else if (isIPv6(text.replace(/^\[|\]$/g, "")))
    argument.refuse(
      "is an IPv6 address without a port",
      `write it with its port, since Gateway Fabric takes nothing else: [2001:db8::1]:${defaultPort}`,
    );
  const port = Number(/:(\d+)$/.exec(text)?.[1] ?? defaultPort);
  if (port > 32767 && port <= 65535)
    argument.refuse(`has the port ${port}`, "write a port from 1 to 32767: Gateway Fabric takes no higher one");
};

/** A Secret's name, where it may be left out. */
export type SecretName = Argument<pulumi.Input<string> | undefined>;

/** Checks names of Secrets that Gateway Fabric looks up: each alone, and against those before it. */
export function checkSecretNames(version: GatewayFabricVersion, secrets: SecretName[]): void {
  for (const [index, secret] of secrets.entries()) {
    secret.known((name, argument) => {
      if (!formats.dnsSubdomain.test(name)) argument.refuse(formats.dnsSubdomain.wrong, formats.dnsSubdomain.remedy);
      else if (name.length > version.secretNameLimit)
        argument.refuse(
          `is ${name.length} characters long`,
          `write at most ${version.secretNameLimit}: ${version.version} cannot shorten the name of its copy of a longer one`,
        );
    });
    for (const before of secrets.slice(0, index)) checkApart(version, before, secret);
  }
}

/** Checks two names against each other, at once or as soon as both are known. */
function checkApart(version: GatewayFabricVersion, before: SecretName, secret: SecretName): void {
  if (before.value === undefined || secret.value === undefined) return;
  const check = (one: string, other: string) => {
    if (one === other)
      secret.refuse(
        `is that of ${before.path}`,
        "keep them in separate Secrets: of one that is both, Gateway Fabric uses only one half",
      );
    else if (version.line === 2 && one !== "" && other !== "" && (one.endsWith(other) || other.endsWith(one)))
      secret.refuse(
        `and ${before.path} end alike`,
        "write names of which none ends in another: 2.x finds the copies of a deleted Secret by the end of their names",
      );
  };
  if (isPlainInput(before.value) && isPlainInput(secret.value)) check(before.value, secret.value);
  else pulumi.all([before.value, secret.value]).apply(([one, other]) => check(one, other));
}

/** Returns the flags of the control plane, in upstream's order. */
export function usageFlags(version: GatewayFabricVersion, usage: ResolvedUsage): pulumi.Input<string>[] {
  const { license, usageEndpoint, resolver, trustedCertificates, clientCertificate } = usage;
  const flag = (name: string, value: pulumi.Input<string> | undefined) =>
    value === undefined
      ? []
      : [
          typeof value === "string"
            ? `--usage-report-${name}=${value}`
            : pulumi.interpolate`--usage-report-${name}=${value}`,
        ];
  return [
    ...flag("secret", license.secretName),
    ...flag("endpoint", usageEndpoint),
    ...flag("resolver", resolver),
    ...(usage.unsafeSkipVerification ? ["--usage-report-skip-verify"] : []),
    ...flag("ca-secret", trustedCertificates?.secretName),
    ...flag("client-ssl-secret", clientCertificate?.secretName),
    ...(version.features.enforceInitialReport
      ? [`--usage-report-enforce-initial-report=${usage.enforceInitialReport ?? true}`]
      : []),
  ];
}

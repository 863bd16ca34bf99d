import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats } from "../../foundation";
import { checkClientCertificate, checkSecret, checkSecretName } from "../pod-rules";
import { readAuthority } from "./upstream";
import type {
  SpireAwsPrivateAuthority,
  SpireCertManagerAuthority,
  SpireDiskAuthority,
  SpireUpstreamAuthority,
  SpireVaultAuthority,
} from "./upstream-args";

const kinds = ["disk", "certManager", "vault", "awsPrivateAuthority"] as const;
const logins = ["kubernetesLogin", "appRoleLogin", "certificateLogin", "tokenLogin"] as const;

/** An upstream authority with the length of its chain. */
export interface ResolvedUpstream extends SpireUpstreamAuthority {
  /** Number of authorities from the one that signs SPIRE's to the root, without the root. */
  chainLength: number;
  /** Returns the files of an issuer, which are checked as soon as they are known. */
  authorityFiles?: () => Record<string, Input<string>>;
}

/**
 * Applies the rules of an upstream authority.
 *
 * @param refuseCaTtl refuses the life of SPIRE's CA
 */
export function resolveUpstream(
  upstream: Argument<SpireUpstreamAuthority | undefined>,
  namespace: Input<string>,
  caTtlSeconds: number,
  refuseCaTtl: (wrong: string, remedy: string) => void,
): ResolvedUpstream | undefined {
  if (upstream.value === undefined) return undefined;
  const given = kinds.filter((kind) => upstream.value![kind] !== undefined);
  upstream.check(
    () => upstream.exactlyOne(kinds, "give one of them, or leave upstreamAuthority out for a self-signed CA"),
    () => upstream.field("disk").given((disk) => checkDisk(disk, namespace, caTtlSeconds, refuseCaTtl)),
    () => upstream.field("certManager").given(checkCertManager),
    () => upstream.field("vault").given((vault) => checkVault(vault, namespace)),
    () => upstream.field("awsPrivateAuthority").given((aws) => checkAws(aws, namespace)),
  );
  const lengths = given.map((kind) => resolveChainLength(upstream.field(kind) as Argument<SpireDiskAuthority>));
  const chainLength = lengths[0] ?? 0;
  const issuer = upstream.value.disk?.issuer;
  return {
    ...upstream.value,
    chainLength,
    ...(issuer && {
      authorityFiles: () => readAuthority(upstream.field("disk") as Argument<SpireDiskAuthority>, issuer, chainLength),
    }),
  };
}

/** Returns the length of the chain: that of an issuer of this library, otherwise the argument. */
function resolveChainLength(authority: Argument<SpireDiskAuthority>): number | undefined {
  const { chainLength, issuer } = authority.value;
  const argument = authority.field("chainLength");
  const length = chainLength ?? issuer?.chainLength;
  if (length === undefined)
    argument.refuse(
      "is missing",
      "write the number of authorities from the one that signs SPIRE's CA to the root, without the root: it determines the verification depth of NGINX",
    );
  argument.integer(0, 8);
  if (Number.isInteger(chainLength) && issuer?.chainLength !== undefined && issuer.chainLength !== chainLength)
    argument.refuse(`is ${chainLength}, but the issuer's chain has ${issuer.chainLength}`, "leave it out");
  return length;
}

function checkDisk(
  disk: Argument<SpireDiskAuthority>,
  namespace: Input<string>,
  caTtlSeconds: number,
  refuseCaTtl: (wrong: string, remedy: string) => void,
): void {
  disk.exactlyOne(
    ["issuer", "existing"],
    "give a CertificateAuthority, or name an existing Secret with tls.crt, tls.key and bundle.crt",
  );
  disk.field("existing").given((secret) => checkSecretName(secret.field("name"), namespace));
  disk.field("issuer").given((authority) => {
    if (authority.value.subordinateAuthorities === 0)
      authority.refuse(
        "allows no authority below it, and SPIRE's is one",
        "give the CertificateAuthority subordinateAuthorities: 1 (its root is replaced)",
      );
    authority.field("renewalWindowHours").known((hours) => {
      if (caTtlSeconds > hours * 3600)
        refuseCaTtl(
          `is ${caTtlSeconds}, more than the issuer's renewalWindowHours, ${hours}`,
          "shorten it, or roll the issuer over earlier: SPIRE's CA would end with its issuer",
        );
    });
  });
}

function checkCertManager(certManager: Argument<SpireCertManagerAuthority>): void {
  certManager.field("issuerName").matches(formats.dnsSubdomain);
  certManager.field("namespace").matches(formats.dnsLabel);
}

const vaultAddress: Format = {
  test: (text) => {
    const [, host] = /^https:\/\/([^/?#@\s]+)\/?$/.exec(text) ?? [];
    return host !== undefined && formats.hostAndOptionalPort.test(host);
  },
  wrong: "is not the address of a Vault with TLS",
  remedy: "write `https://`, its host and its port: `https://vault.example.com:8200`",
};

function checkVault(vault: Argument<SpireVaultAuthority>, namespace: Input<string>): void {
  vault.field("address").matches(vaultAddress);
  vault.exactlyOne(logins, "give one of the four logins");
  checkSecret(vault.field("trustedCertificates"), namespace);
  checkSecret(vault.field("appRoleLogin").field("secret"), namespace);
  checkClientCertificate(vault.field("certificateLogin").field("certificate"), namespace);
  checkSecret(vault.field("tokenLogin"), namespace);
}

function checkAws(aws: Argument<SpireAwsPrivateAuthority>, namespace: Input<string>): void {
  checkSecret(aws.field("credentials"), namespace);
  aws.field("certificateAuthorityArn").known((arn, argument) => {
    const [, inRegion] =
      /^arn:aws[a-z-]*:acm-pca:([a-z0-9-]+):\d{12}:certificate-authority\/[0-9a-f-]+$/.exec(arn) ?? [];
    if (inRegion === undefined)
      argument.refuse(
        "is not the ARN of a private authority",
        "write `arn:aws:acm-pca:<region>:<account>:certificate-authority/<id>`",
      );
    else
      aws.field("region").known((region, given) => {
        if (region !== inRegion) given.refuse(`is ${region}, but the authority is in ${inRegion}`, `write ${inRegion}`);
      });
  });
}

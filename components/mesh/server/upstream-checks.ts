import { checked, checkInteger, checkPlain, type Refuser, subdomainName } from "../../foundation";
import { chainLengthOf } from "./upstream";
import type {
  SpireAwsPrivateAuthority,
  SpireDiskAuthority,
  SpireUpstreamAuthority,
  SpireVaultAuthority,
} from "./upstream-args";

const path = "upstreamAuthority";
const kinds = ["disk", "certManager", "vault", "awsPrivateAuthority"] as const;

/** Checks the upstream authority, and says how many authorities stand between SPIRE's own and the root. */
export function checkUpstream(
  refuse: Refuser,
  upstream: SpireUpstreamAuthority | undefined,
  caTtlSeconds: number,
): number {
  if (upstream === undefined) return 0;
  const given = kinds.filter((kind) => upstream[kind] !== undefined);
  if (given.length !== 1)
    refuse(
      path,
      given.length === 0 ? "is empty" : `has ${given.join(" and ")}`,
      `give exactly one of ${kinds.join(", ")}, or leave it out for a CA that signs itself`,
    );
  const { disk, certManager, vault, awsPrivateAuthority } = upstream;
  checkPlain(
    refuse,
    Object.fromEntries(
      Object.entries(upstream[given[0]!]!)
        .filter(([, value]) => typeof value === "object" || typeof value === "number")
        .filter(([property]) => structural.includes(property))
        .map(([property, value]) => [`${path}.${given[0]}.${property}`, value]),
    ),
  );
  if (disk) checkDisk(refuse, disk, caTtlSeconds);
  if (certManager?.issuerName !== undefined)
    checked(certManager.issuerName, subdomainName(refuse, `${path}.certManager.issuerName`));
  if (vault) checkVault(refuse, vault);
  if (awsPrivateAuthority) checkAws(refuse, awsPrivateAuthority);
  return checkChainLength(refuse, upstream, given[0]!);
}

const structural = [
  "issuer",
  "existing",
  "chainLength",
  "kubernetesLogin",
  "appRoleLogin",
  "certificateLogin",
  "tokenLogin",
  "trustedCertificates",
  "credentials",
];

function checkChainLength(refuse: Refuser, upstream: SpireUpstreamAuthority, kind: string): number {
  const property = `${path}.${kind}.chainLength`;
  const length = chainLengthOf(upstream);
  if (length === undefined)
    return refuse(
      property,
      "is missing",
      "write how many authorities there are from the one that signs SPIRE's to the root, without the root: NGINX has to verify that deep",
    );
  checkInteger(refuse, property, length, 0, 8);
  const known = upstream.disk?.issuer?.chainLength;
  if (known !== undefined && known !== length)
    refuse(property, `is ${length}, but the issuer's chain has ${known}`, "leave it out");
  return length;
}

function checkDisk(refuse: Refuser, { issuer, existing }: SpireDiskAuthority, caTtlSeconds: number): void {
  if ((issuer === undefined) === (existing === undefined))
    refuse(
      `${path}.disk.issuer`,
      issuer === undefined ? "is missing" : "is given beside existing",
      "give a CertificateAuthority, or name an existing Secret with tls.crt, tls.key and bundle.crt: one of the two",
    );
  if (existing) checked(existing.name, subdomainName(refuse, `${path}.disk.existing.name`));
  if (!issuer) return;
  if (issuer.subordinateAuthorities === 0)
    refuse(
      `${path}.disk.issuer`,
      "allows no authority below it, and SPIRE's is one",
      "give the CertificateAuthority subordinateAuthorities: 1 (its root is made anew)",
    );
  checked(issuer.renewalWindowHours, (hours) => {
    if (caTtlSeconds > hours * 3600)
      refuse(
        "lifetimes.caTtlSeconds",
        `is ${caTtlSeconds}, more than the issuer's renewalWindowHours, ${hours}`,
        "shorten it, or roll the issuer over earlier: SPIRE's CA would end with its issuer",
      );
  });
}

const logins = ["kubernetesLogin", "appRoleLogin", "certificateLogin", "tokenLogin"] as const;

function checkVault(refuse: Refuser, vault: SpireVaultAuthority): void {
  checked(vault.address, (address) => {
    if (!/^https:\/\/[^/?#@\s]+\/?$/.test(address))
      refuse(
        `${path}.vault.address`,
        "is not the address of a Vault with TLS",
        "write `https://`, its host and its port: `https://vault.example.com:8200`",
      );
  });
  const given = logins.filter((login) => vault[login] !== undefined);
  if (given.length !== 1)
    refuse(
      `${path}.vault`,
      given.length === 0 ? "has no way to log in" : `has ${given.join(" and ")}`,
      `give exactly one of ${logins.join(", ")}`,
    );
}

function checkAws(refuse: Refuser, { region, certificateAuthorityArn }: SpireAwsPrivateAuthority): void {
  const property = `${path}.awsPrivateAuthority.certificateAuthorityArn`;
  checked(certificateAuthorityArn, (arn) => {
    const [, inRegion] =
      /^arn:aws[a-z-]*:acm-pca:([a-z0-9-]+):\d{12}:certificate-authority\/[0-9a-f-]+$/.exec(arn) ?? [];
    if (inRegion === undefined)
      refuse(
        property,
        "is not the ARN of a private authority",
        "write `arn:aws:acm-pca:<region>:<account>:certificate-authority/<id>`",
      );
    checked(region, (given) => {
      if (given !== inRegion)
        refuse(
          `${path}.awsPrivateAuthority.region`,
          `is ${given}, but the authority is in ${inRegion}`,
          `write ${inRegion}`,
        );
    });
  });
}

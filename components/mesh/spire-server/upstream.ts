import { createPrivateKey } from "node:crypto";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Argument, makeSecret, mapInput } from "../../foundation";

import type { CertificateIssuer } from "../../pki";
import { block, type HclNode, optionalText, text, when } from "../hcl";
import { serverLayout } from "./layout";
import type {
  SpireAwsPrivateAuthority,
  SpireDiskAuthority,
  SpireUpstreamAuthority,
  SpireVaultAppRoleLogin,
  SpireVaultAuthority,
} from "./upstream-args";
import type { ResolvedUpstream } from "./upstream-resolve";

type EnvVar = types.input.core.v1.EnvVar;
type Volume = types.input.core.v1.Volume;

/** A folder below that of the upstream authority, with a Secret or token. */
export interface UpstreamFolder {
  name: string;
  volume: Omit<Volume, "name">;
}

/** Folders and environment variables of the pod for an upstream authority. */
export interface UpstreamParts {
  folders: UpstreamFolder[];
  env: EnvVar[];
}

const folder = serverLayout.upstreamFolder;

/** Keys of the Secret with an authority on disk. */
const diskKeys = { chain: "tls.crt", key: "tls.key", bundle: "bundle.crt" } as const;

/** Returns the plugin of the upstream authority, or none for a self-signed CA. */
export function upstreamNode(upstream: SpireUpstreamAuthority | undefined, namespace: pulumi.Input<string>): HclNode[] {
  const plugin = (name: string, nodes: HclNode[]) => [block("UpstreamAuthority", [block("plugin_data", nodes)], name)];
  if (upstream?.disk)
    return plugin("disk", [
      text("cert_file_path", `${folder}/authority/${diskKeys.chain}`),
      text("key_file_path", `${folder}/authority/${diskKeys.key}`),
      text("bundle_file_path", `${folder}/authority/${diskKeys.bundle}`),
    ]);
  if (upstream?.certManager) {
    const { issuerName, issuerKind = "Issuer", issuerGroup = "cert-manager.io", ...rest } = upstream.certManager;
    return plugin("cert-manager", [
      text("issuer_name", issuerName),
      text("issuer_kind", issuerKind),
      text("issuer_group", issuerGroup),
      text("namespace", rest.namespace ?? namespace),
    ]);
  }
  if (upstream?.vault) return plugin("vault", vaultNodes(upstream.vault));
  return upstream?.awsPrivateAuthority ? plugin("aws_pca", awsNodes(upstream.awsPrivateAuthority)) : [];
}

function vaultNodes(vault: SpireVaultAuthority): HclNode[] {
  const { kubernetesLogin, appRoleLogin, certificateLogin } = vault;
  const login = () => {
    if (kubernetesLogin)
      return block("k8s_auth", [
        ...optionalText("k8s_auth_mount_point", kubernetesLogin.mountPoint),
        text("k8s_auth_role_name", kubernetesLogin.role),
        text("token_path", `${folder}/login/token`),
      ]);
    if (certificateLogin)
      return block("cert_auth", [
        ...optionalText("cert_auth_mount_point", certificateLogin.mountPoint),
        ...optionalText("cert_auth_role_name", certificateLogin.role),
        text("client_cert_path", `${folder}/login/tls.crt`),
        text("client_key_path", `${folder}/login/tls.key`),
      ]);
    // The other logins have their secrets in the environment.
    return appRoleLogin
      ? block("approle_auth", optionalText("approle_auth_mount_point", appRoleLogin.mountPoint))
      : block("token_auth", []);
  };
  return [
    text("vault_addr", vault.address),
    text("pki_mount_point", vault.pkiMountPoint ?? "pki"),
    ...optionalText("namespace", vault.vaultNamespace),
    ...when(vault.trustedCertificates !== undefined, text("ca_cert_path", `${folder}/vault/ca.crt`)),
    login(),
  ];
}

const subordinateTemplate = "SubordinateCACertificate_PathLen0/V1";

function awsNodes(aws: SpireAwsPrivateAuthority): HclNode[] {
  const template = mapInput(
    aws.certificateAuthorityArn,
    (arn) => `arn:${arn.split(":")[1]}:acm-pca:::template/${subordinateTemplate}`,
  );
  return [
    text("region", aws.region),
    text("certificate_authority_arn", aws.certificateAuthorityArn),
    text("ca_signing_template_arn", aws.signingTemplateArn ?? template),
    ...optionalText("signing_algorithm", aws.signingAlgorithm),
    ...optionalText("assume_role_arn", aws.assumeRoleArn),
  ];
}

/** Returns the volumes and variables that the plugin reads. `authority` is the name of the Secret with an authority on disk. */
export function renderUpstreamParts(
  upstream: SpireUpstreamAuthority | undefined,
  authority: pulumi.Input<string> | undefined,
): UpstreamParts {
  if (authority !== undefined)
    return { folders: [secretFolder("authority", authority, Object.values(diskKeys))], env: [] };
  if (upstream?.vault) return renderVaultParts(upstream.vault);
  const credentials = upstream?.awsPrivateAuthority?.credentials;
  if (!credentials) return { folders: [], env: [] };
  return {
    folders: [],
    env: [
      fromSecret("AWS_ACCESS_KEY_ID", credentials.secretName, "accessKeyId"),
      fromSecret("AWS_SECRET_ACCESS_KEY", credentials.secretName, "secretAccessKey"),
    ],
  };
}

function renderVaultParts(vault: SpireVaultAuthority): UpstreamParts {
  const { trustedCertificates, kubernetesLogin, appRoleLogin, certificateLogin, tokenLogin } = vault;
  const folders = trustedCertificates ? [secretFolder("vault", trustedCertificates.secretName, ["ca.crt"])] : [];
  if (kubernetesLogin)
    folders.push({
      name: "login",
      volume: {
        projected: {
          sources: [
            {
              serviceAccountToken: {
                path: "token",
                audience: kubernetesLogin.audience ?? "vault",
                expirationSeconds: 7200,
              },
            },
          ],
        },
      },
    });
  if (certificateLogin)
    folders.push(secretFolder("login", certificateLogin.certificate.secretName, ["tls.crt", "tls.key"]));
  return {
    folders,
    env: [
      ...(appRoleLogin ? appRoleVariables(appRoleLogin) : []),
      ...(tokenLogin ? [fromSecret("VAULT_TOKEN", tokenLogin.secretName, "token")] : []),
    ],
  };
}

const appRoleVariables = ({ secret }: SpireVaultAppRoleLogin) => [
  fromSecret("VAULT_APPROLE_ID", secret.secretName, "roleId"),
  fromSecret("VAULT_APPROLE_SECRET_ID", secret.secretName, "secretId"),
];

/** Returns the revisions of the Secrets that the server reads at start, so that a change rolls the pods. The Secret of an authority on disk has a new name instead. */
export function collectUpstreamRevisions({ vault, awsPrivateAuthority }: SpireUpstreamAuthority = {}) {
  const secrets = [
    vault?.trustedCertificates,
    vault?.appRoleLogin?.secret,
    vault?.certificateLogin?.certificate,
    vault?.tokenLogin,
    awsPrivateAuthority?.credentials,
  ];
  return secrets.flatMap((secret) => (secret ? [{ revision: secret.revision }] : []));
}

const secretFolder = (name: string, secretName: pulumi.Input<string>, keys: string[]): UpstreamFolder => ({
  name,
  volume: { secret: { secretName, items: keys.map((key) => ({ key, path: key })) } },
});

const fromSecret = (name: string, secret: pulumi.Input<string>, key: string): EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});

/** Makes the Secret with an authority on disk, unless there is an existing one, and returns its name. */
export function makeAuthoritySecret(
  name: string,
  { disk, authorityFiles }: ResolvedUpstream,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> | undefined {
  if (disk?.existing) return disk.existing.name;
  return authorityFiles && makeSecret(`${name}-authority`, "Opaque", authorityFiles(), { namespace }, opts).secretName;
}

/** Returns the three files of the plugin, with the chain and the roots of the issuer. */
export function readAuthority(
  disk: Argument<SpireDiskAuthority>,
  { certificatePem, chain, privateKeyPem, bundle }: CertificateIssuer,
  chainLength: number,
): Record<string, pulumi.Input<string>> {
  const path = pulumi.all([certificatePem, chain]).apply(([certificate, intermediates]) => {
    if (certificate === "")
      disk.field("issuer").refuse("has no certificate yet", "have its csrPem signed by its offline root");
    const length = intermediates.split("-----BEGIN CERTIFICATE-----").length - 1;
    if (length !== chainLength)
      disk
        .field("chainLength")
        .refuse(
          `is ${chainLength}, but the issuer's chain has ${length}`,
          `write ${length}: with a wrong number NGINX would not verify deep enough`,
        );
    return intermediates === "" ? certificate : intermediates;
  });
  const key = pulumi.secret(privateKeyPem).apply((pem) => {
    if (!["ec", "rsa"].includes(keyType(pem) ?? ""))
      disk
        .field("issuer")
        .refuse("has a private key that SPIRE cannot use", "make the authority with an ECDSA or RSA key");
    return pem;
  });
  return { [diskKeys.chain]: path, [diskKeys.key]: key, [diskKeys.bundle]: bundle };
}

/** Returns the kind of a private key, undefined for other text. The parser's error would quote the key, so it is dropped. */
function keyType(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SpireServer } from "../../../components/mesh";
import { type Refusal, testRefusals } from "../refusals";
import { least } from "./server-fixture";

const refused = (rule: string, args: object, error: string, more: Partial<Refusal> = {}): Refusal => ({
  rule,
  component: SpireServer,
  args: { ...least, ...args },
  error,
  ...more,
});
/** A rule about an argument that cannot be an Output. */
const plainly = (rule: string, args: object, error: string) => refused(rule, args, error, { plain: true });

/** An issuer in plain values, for rules that are checked before a resource is registered. */
const issuer = {
  certificatePem: "PEM",
  privateKeyPem: "PEM",
  chain: "PEM",
  bundle: "PEM",
  renewalWindowHours: 2160,
  chainLength: 1,
};
const disk = (rule: string, args: object, error: string) => plainly(rule, { upstreamAuthority: { disk: args } }, error);
const vault = (rule: string, args: object, error: string) =>
  plainly(
    rule,
    {
      upstreamAuthority: {
        vault: { address: "https://vault.test", tokenLogin: { secretName: "token" }, chainLength: 1, ...args },
      },
    },
    error,
  );
const aws = (rule: string, args: object, error: string) =>
  refused(
    rule,
    {
      upstreamAuthority: {
        awsPrivateAuthority: {
          region: "eu-central-1",
          certificateAuthorityArn: "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/12ac02bc",
          chainLength: 0,
          ...args,
        },
      },
    },
    error,
  );
const mysql = (rule: string, database: object, error: string, more: Partial<Refusal> = {}) =>
  refused(rule, { dataStore: { mysql: database } }, error, more);
const password = 's3cr"t-word';

describe("names", () => {
  testRefusals([
    refused("no namespace", { namespace: undefined }, "namespace is missing; write a string: Namespace of the server"),
    refused(
      "a namespace of the agents with a dot",
      { agentNamespace: "spire.system" },
      "agentNamespace is not a DNS-1123 label; write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ),
    refused(
      "no trust domain",
      { trustDomain: undefined },
      "trustDomain is missing; write a string: Name of the trust domain (`trust_domain`), a name of your own",
    ),
    refused(
      "a trust domain in capitals",
      { trustDomain: "Mesh.test" },
      "trustDomain is not the name of a trust domain; write at most 255 lower-case letters, digits, `.`, `-` and `_`, for example `mesh.corp.example.com`",
    ),
    refused(
      "the trust domain of documentation",
      { trustDomain: "example.org" },
      "trustDomain is example.org, a trust domain of examples; write a name of your own, or for a trial unsafeExampleTrustDomain: true",
    ),
    plainly(
      "no cluster name",
      { clusterName: undefined },
      "clusterName is missing; write a string: Name of the cluster, different in each cluster of a trust domain",
    ),
    plainly(
      "a cluster name with a slash",
      { clusterName: "eu/1" },
      "clusterName is not a name that a SPIFFE ID can have; write at most 63 letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit",
    ),
    plainly(
      "a class with a space",
      { className: "my class" },
      "className is not the name of a class; write at most 63 letters, digits, `.`, `_` and `-`",
    ),
    plainly(
      "storage that is an Output as a whole",
      { storage: pulumi.output({ unsafeEphemeral: true }) },
      "storage is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
    plainly(
      "an issuer that is an Output as a whole",
      { upstreamAuthority: { disk: pulumi.output({ issuer }) } },
      "upstreamAuthority.disk is one output as a whole, so what is in it is not known yet; give the list or object itself, and make outputs or secrets of the values in it",
    ),
  ]);
});

describe("storage and replicas", () => {
  testRefusals([
    plainly(
      "tutorials#48: no storage",
      { storage: undefined },
      "storage is missing; give a volume { size, storageClass }, or for a trial unsafeEphemeral: true; only a database with keyManager memory needs none",
    ),
    plainly(
      "keys on disk without storage",
      { storage: undefined, dataStore: { mysql: { existing: { name: "database" } } } },
      "storage is missing; give a volume { size, storageClass }, or for a trial unsafeEphemeral: true; only a database with keyManager memory needs none",
    ),
    plainly(
      "empty storage",
      { storage: {} },
      "storage.volume is missing, as is unsafeEphemeral; give { size, storageClass }, or for a trial unsafeEphemeral: true",
    ),
    plainly(
      "two kinds of storage",
      { storage: { volume: { size: "1Gi" }, unsafeEphemeral: true } },
      "storage.unsafeEphemeral is given beside volume; give { size, storageClass }, or for a trial unsafeEphemeral: true",
    ),
    refused(
      "a size in words",
      { storage: { volume: { size: "1 GB" } } },
      "storage.volume.size is not the size of a volume; write for example `1Gi`",
    ),
    plainly(
      "SCM#450: replicas without a shared database",
      { replicas: 3 },
      "replicas is 3, and each would have its own data store; write 1, or give a database in dataStore",
    ),
    plainly("no replica", { replicas: 0 }, "replicas is 0; write a whole number from 1 to 9"),
    plainly(
      "two databases",
      { dataStore: { mysql: { existing: { name: "a" } }, postgresql: { existing: { name: "b" } } } },
      "dataStore.mysql is given beside postgresql; remove one of the two: SPIRE has one data store",
    ),
    mysql(
      "no connection string",
      {},
      "dataStore.mysql.connectionString is missing, as is existing; write the connection string, or name an existing Secret",
    ),
    mysql(
      "a connection string beside a Secret",
      { connectionString: "a", existing: { name: "b" } },
      "dataStore.mysql.existing is given beside connectionString; write the connection string, or name an existing Secret",
    ),
    mysql(
      "a password with a quote",
      { connectionString: `spire:${password}@tcp(db)/spire?parseTime=true` },
      "dataStore.mysql.connectionString has a quote, a backslash, a line break or `${` in it, which would end the text in SPIRE's configuration; write it as a URL, with such characters of the password percent-encoded, or choose another password",
      { secrets: [password] },
    ),
    mysql(
      "MySQL without parseTime",
      { connectionString: "spire:secret-word@tcp(db)/spire" },
      "dataStore.mysql.connectionString has no parseTime=true; add it behind the `?`: SPIRE does not start without it",
      { secrets: ["secret-word"] },
    ),
    refused(
      "certificates that are not in PostgreSQL's connection string",
      { dataStore: { postgresql: { connectionString: "host=db", trustedCertificates: { secretName: "ca" } } } },
      "dataStore.postgresql.connectionString has no sslrootcert=/run/spire/database/authorities/ca.crt; add it: otherwise the certificates are not used",
    ),
    mysql(
      "a Secret in capitals",
      { existing: { name: "Database" } },
      "dataStore.mysql.existing.name is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
  ]);
});

describe("enums and lifetimes", () => {
  testRefusals([
    plainly(
      "a key manager of a cloud",
      { keyManager: "aws_kms" },
      'keyManager is "aws_kms"; write one of "disk", "memory"',
    ),
    plainly(
      "a kind of key",
      { caKeyType: "ed25519" },
      'caKeyType is "ed25519"; write one of "ec-p256", "ec-p384", "rsa-2048", "rsa-4096"',
    ),
    plainly(
      "a kind of key for tokens",
      { jwtSvids: { keyType: "rsa" } },
      'jwtSvids.keyType is "rsa"; write one of "ec-p256", "ec-p384", "rsa-2048", "rsa-4096"',
    ),
    plainly("a log level", { logLevel: "info" }, 'logLevel is "info"; write one of "DEBUG", "INFO", "WARN", "ERROR"'),
    plainly("an unknown value of crds", { crds: "yes" }, 'crds is "yes"; write one of "install", "existing"'),
    plainly(
      "an SVID longer than a sixth of the CA's lifetime",
      { lifetimes: { caTtlSeconds: 7200, svidTtlSeconds: 3600 } },
      "lifetimes.svidTtlSeconds is 3600, more than a sixth of caTtlSeconds, 7200; write at most 1200, or increase caTtlSeconds: SPIRE would only warn, and issue certificates with a shorter lifetime",
    ),
    plainly(
      "an SVID of eight days",
      { lifetimes: { caTtlSeconds: 8_640_000, svidTtlSeconds: 691_200 } },
      "lifetimes.svidTtlSeconds is 691200; write a whole number from 60 to 604800",
    ),
    plainly(
      "an issuer of disabled tokens",
      { jwtSvids: { enabled: false, issuer: "https://spire.test" } },
      "jwtSvids.issuer is given beside enabled: false; remove one of the two",
    ),
    plainly(
      "labels without monitors",
      { monitoring: { labels: { release: "x" } } },
      "monitoring.labels is given without prometheusOperator; set prometheusOperator: true, or leave the labels out",
    ),
    plainly(
      "deletion of existing CRDs",
      { crds: "existing", deleteCrds: true },
      'deleteCrds is given beside crds "existing"; remove one of the two: CRDs that are there are left alone',
    ),
  ]);

  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-crds-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  testRefusals([
    plainly(
      "a folder without the CRDs",
      { crdSource: folder },
      "crdSource has no spire-controller-manager-0.6.6.yaml; write " +
        ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"]
          .map(
            (kind) =>
              `https://raw.githubusercontent.com/spiffe/spire-controller-manager/v0.6.6/config/crd/bases/spire.spiffe.io_${kind}.yaml`,
          )
          .join(", ") +
        " into it, one behind the other",
    ),
  ]);
});

describe("upstream authorities", () => {
  testRefusals([
    plainly(
      "none of the kinds",
      { upstreamAuthority: {} },
      "upstreamAuthority.disk is missing, as is certManager, vault, awsPrivateAuthority; give one of them, or leave upstreamAuthority out for a self-signed CA",
    ),
    plainly(
      "two kinds",
      { upstreamAuthority: { disk: { issuer }, certManager: { issuerName: "corp", chainLength: 1 } } },
      "upstreamAuthority.certManager is given beside disk; give one of them, or leave upstreamAuthority out for a self-signed CA",
    ),
    disk(
      "spire#5828: a disk without authority",
      { chainLength: 1 },
      "upstreamAuthority.disk.issuer is missing, as is existing; give a CertificateAuthority, or name an existing Secret with tls.crt, tls.key and bundle.crt",
    ),
    disk(
      "an issuer beside a Secret",
      { issuer, existing: { name: "ca" } },
      "upstreamAuthority.disk.existing is given beside issuer; give a CertificateAuthority, or name an existing Secret with tls.crt, tls.key and bundle.crt",
    ),
    disk(
      "an issuer without subordinate authorities",
      { issuer: { ...issuer, subordinateAuthorities: 0 } },
      "upstreamAuthority.disk.issuer allows no authority below it, and SPIRE's is one; give the CertificateAuthority subordinateAuthorities: 1 (its root is replaced)",
    ),
    disk(
      "a Secret with a chain of unknown length",
      { existing: { name: "ca" } },
      "upstreamAuthority.disk.chainLength is missing; write the number of authorities from the one that signs SPIRE's CA to the root, without the root: it determines the verification depth of NGINX",
    ),
    disk(
      "a length that is not the issuer's",
      { issuer, chainLength: 0 },
      "upstreamAuthority.disk.chainLength is 0, but the issuer's chain has 1; leave it out",
    ),
    disk(
      "half an authority",
      { existing: { name: "ca" }, chainLength: 0.5 },
      "upstreamAuthority.disk.chainLength is 0.5; write a whole number from 0 to 8",
    ),
    plainly(
      "a CA with a longer lifetime than its issuer guarantees",
      { upstreamAuthority: { disk: { issuer: { ...issuer, renewalWindowHours: 12 } } } },
      "lifetimes.caTtlSeconds is 86400, more than the issuer's renewalWindowHours, 12; shorten it, or roll the issuer over earlier: SPIRE's CA would end with its issuer",
    ),
    refused(
      "an issuer of cert-manager in capitals",
      { upstreamAuthority: { certManager: { issuerName: "Corp", chainLength: 1 } } },
      "upstreamAuthority.certManager.issuerName is not a DNS-1123 subdomain; write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
    ),
    vault(
      "no login to Vault",
      { tokenLogin: undefined },
      "upstreamAuthority.vault.kubernetesLogin is missing, as is appRoleLogin, certificateLogin, tokenLogin; give one of the four logins",
    ),
    vault(
      "two logins to Vault",
      { kubernetesLogin: { role: "spire" } },
      "upstreamAuthority.vault.tokenLogin is given beside kubernetesLogin; give one of the four logins",
    ),
    vault(
      "Vault without TLS",
      { address: "http://vault.test:8200" },
      "upstreamAuthority.vault.address is not the address of a Vault with TLS; write `https://`, its host and its port: `https://vault.example.com:8200`",
    ),
    vault(
      "Vault without chain length",
      { chainLength: undefined },
      "upstreamAuthority.vault.chainLength is missing; write a number: Number of authorities from the one that signs SPIRE's CA to the root, without the root",
    ),
    aws(
      "an ARN of something else",
      { certificateAuthorityArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1" },
      "upstreamAuthority.awsPrivateAuthority.certificateAuthorityArn is not the ARN of a private authority; write `arn:aws:acm-pca:<region>:<account>:certificate-authority/<id>`",
    ),
    aws(
      "another region than the authority's",
      { region: "eu-west-1" },
      "upstreamAuthority.awsPrivateAuthority.region is eu-west-1, but the authority is in eu-central-1; write eu-central-1",
    ),
  ]);
});

describe("plugins", () => {
  const plugin = (name: string, label?: string) => ({
    name,
    ...(label && { labels: [label] }),
    block: [{ name: "plugin_data", block: [] }],
  });
  testRefusals([
    plainly(
      "spire#2608: k8s_sat",
      { plugins: [plugin("NodeAttestor", "k8s_sat")] },
      "plugins[0].name is NodeAttestor, which dataStore, keyManager, upstreamAuthority and clusterName configure; write one of BundlePublisher, CredentialComposer, Notifier",
    ),
    plainly(
      "a plugin without name",
      { plugins: [plugin("Notifier")] },
      'plugins[0] is not a plugin; give a block with one label, the name of the plugin: Notifier "name" { … }',
    ),
    plainly(
      "the notifier that the mesh replaces",
      { plugins: [plugin("Notifier", "k8sbundle")] },
      "plugins[0].labels[0] is k8sbundle, which is configured already; remove the plugin: bundleConfigMapName says where the bundle is",
    ),
    plainly(
      "a node with two values",
      { plugins: [{ ...plugin("Notifier", "x"), text: "y" }] },
      "plugins[0] has text and block; give exactly one of text, texts, number, flag, environment, block",
    ),
  ]);
});

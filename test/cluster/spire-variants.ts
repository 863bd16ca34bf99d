import type { SpireAgentArgs, SpireServerArgs, SpireUpstreamAuthority } from "../../components/mesh";

/** Minimum arguments of a SpireServer. */
export const leastServer: SpireServerArgs = {
  namespace: "spire-server",
  agentNamespace: "spire-system",
  trustDomain: "mesh.test",
  clusterName: "test",
  storage: { volume: { size: "1Gi" } },
};

const secret = { secretName: "login" };
const chainLength = 1;
const vault = { address: "https://vault.test:8200", chainLength };
const certificateAuthorityArn = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/12ac02bc-d425";

/** Every kind of upstream authority, with minimum and maximum arguments. */
export const upstreams: Record<string, SpireUpstreamAuthority> = {
  disk: { disk: { existing: { name: "authority" }, chainLength } },
  "cert-manager": { certManager: { issuerName: "corp", chainLength } },
  "cert-manager, every option": {
    certManager: {
      issuerName: "corp",
      issuerKind: "ClusterIssuer",
      issuerGroup: "issuers.example.com",
      namespace: "requests",
      chainLength,
    },
  },
  "Vault by Kubernetes": {
    vault: {
      ...vault,
      pkiMountPoint: "mesh",
      vaultNamespace: "team",
      trustedCertificates: { secretName: "vault-ca" },
      kubernetesLogin: { role: "spire", mountPoint: "clusters/one", audience: "vault" },
    },
  },
  "Vault by AppRole": { vault: { ...vault, appRoleLogin: { secret, mountPoint: "roles" } } },
  "Vault by certificate": {
    vault: { ...vault, certificateLogin: { certificate: secret, role: "a", mountPoint: "b" } },
  },
  "Vault by token": { vault: { ...vault, tokenLogin: secret } },
  "AWS Private CA": { awsPrivateAuthority: { region: "eu-west-1", certificateAuthorityArn, chainLength } },
  "AWS Private CA, every option": {
    awsPrivateAuthority: {
      region: "eu-west-1",
      certificateAuthorityArn,
      signingTemplateArn: "arn:aws:acm-pca:::template/SubordinateCACertificate_PathLen1/V1",
      signingAlgorithm: "SHA256WITHECDSA",
      assumeRoleArn: "arn:aws:iam::123456789012:role/spire",
      credentials: secret,
      chainLength,
    },
  },
};

const existing = { name: "database" };
const certificates = { trustedCertificates: { secretName: "database-ca" }, clientCertificate: secret };

/** Servers whose configurations differ. */
export const servers: Record<string, Partial<SpireServerArgs>> = {
  "nothing but defaults": {},
  "keys in memory": { keyManager: "memory" },
  PostgreSQL: { dataStore: { postgresql: { existing } } },
  MySQL: { dataStore: { mysql: { existing } } },
  "MySQL with certificates": { dataStore: { mysql: { existing, ...certificates } } },
  "no JSON Web Tokens": { jwtSvids: { enabled: false } },
  "every option": {
    replicas: 3,
    dataStore: { postgresql: { existing, ...certificates } },
    keyManager: "memory",
    lifetimes: { caTtlSeconds: 172_800, svidTtlSeconds: 7200, jwtSvidTtlSeconds: 60 },
    caKeyType: "rsa-4096",
    caSubject: { commonName: 'SPIRE "$1" \\ é\n${x', organizations: ["Example", "Test"], countries: ["DE"] },
    jwtSvids: { issuer: "https://spire.test", keyType: "ec-p384" },
    nodeLabelKeys: ["topology.kubernetes.io/zone"],
    logLevel: "DEBUG",
    plugins: [{ name: "CredentialComposer", labels: ["uniqueid"], block: [{ name: "plugin_data", block: [] }] }],
    monitoring: {},
  },
  "only a country": { caSubject: { countries: ["DE"] } },
  ...Object.fromEntries(
    Object.entries(upstreams).map(([name, upstreamAuthority]) => [`upstream ${name}`, { upstreamAuthority }]),
  ),
  ...Object.fromEntries(
    (["ec-p256", "ec-p384", "rsa-2048"] as const).map((caKeyType) => [`a CA key ${caKeyType}`, { caKeyType }]),
  ),
};

/** Agents whose configurations differ. */
export const agents: Record<string, Omit<SpireAgentArgs, "mesh">> = {
  "by the cluster's authority": { kubelet: { clusterAuthority: true } },
  "by other authorities": { kubelet: { authorities: { secretName: "kubelets" }, address: "nodeName" } },
  "by a certificate of the node": { kubelet: { hostCertificate: "/var/lib/kubelet/pki/kubelet.crt" } },
  "on 127.0.0.1": { kubelet: { clusterAuthority: true, address: "loopback" } },
  "every option": {
    kubelet: { unsafeSkipVerification: true, unsafeNodesProxy: true },
    rebootstrapDelaySeconds: 60,
    availabilityTargetSeconds: 86_400,
    logSelectors: ["k8s:ns", "unix"],
    logLevel: "DEBUG",
    plugins: [
      {
        name: "SVIDStore",
        labels: ["gcp_secretmanager"],
        block: [{ name: "plugin_data", block: [{ name: "service_account_file", text: "/tmp/account.json" }] }],
      },
    ],
    monitoring: {},
  },
};

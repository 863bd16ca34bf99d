import { acceptFaults } from "../known-faults";
import { mesh } from "../mesh/mesh-fixture";
import { earlierTemplate, explicit, least as leastSidecar, whole } from "../mesh/sidecar-fixture";
import type { ValidArguments } from "./index";

const resources = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } };
const pods = {
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "a", operator: "Equal", value: "b", effect: "NoExecute", tolerationSeconds: 60 }],
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { a: "b" } } },
      ],
    },
  },
  priorityClassName: "high",
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
  ],
};
const earlierSidecars = [{ template: earlierTemplate, until: "2027-01-31T00:00:00Z" }];
const images = { registry: "registry.example.com/mirror", spireServer: "spire:1", spiffeHelper: "helper:1" };
const monitoring = { prometheusOperator: true, labels: { release: "prometheus" } };
const plugins = (kind: string) => [
  {
    name: kind,
    labels: ["example"],
    block: [
      {
        name: "plugin_data",
        block: [
          { name: "a", text: "b" },
          { name: "c", texts: ["d", "e"] },
          { name: "f", number: 1 },
          { name: "g", flag: true },
          { name: "h", environment: "TOKEN" },
        ],
      },
    ],
  },
];
const secretVariables = [{ name: "TOKEN", secretName: "plugin", key: "token", revision: "1" }];
const pullSecrets = { imagePullSecrets: ["registry"] };

const settings = {
  ...pods,
  ...pullSecrets,
  clusterDomain: "cluster.local",
  className: "mesh",
  replicas: 3,
  storage: { volume: { size: "1Gi", storageClass: "fast" } },
  dataStore: {
    postgresql: {
      connectionString:
        "host=db user=spire sslrootcert=/run/spire/database/authorities/ca.crt sslcert=/run/spire/database/certificate/tls.crt sslkey=/run/spire/database/certificate/tls.key",
      trustedCertificates: { secretName: "database-ca", revision: "1" },
      clientCertificate: { secretName: "database-client", revision: "1" },
    },
  },
  keyManager: "disk",
  upstreamAuthority: {
    vault: {
      address: "https://vault.example.com:8200",
      pkiMountPoint: "pki",
      vaultNamespace: "team",
      trustedCertificates: { secretName: "vault-ca", revision: "1" },
      certificateLogin: { mountPoint: "cert", role: "spire", certificate: { secretName: "vault-client" } },
      chainLength: 1,
    },
  },
  lifetimes: { caTtlSeconds: 86_400, svidTtlSeconds: 3600, jwtSvidTtlSeconds: 300 },
  caKeyType: "ec-p384",
  caSubject: { commonName: "Mesh", organizations: ["Example"], countries: ["DE"] },
  jwtSvids: { enabled: true, issuer: "https://spire.example.com", keyType: "rsa-2048" },
  nodeLabelKeys: ["topology.kubernetes.io/zone"],
  logLevel: "WARN",
  ignoredNamespaces: ["legacy"],
  validatingWebhook: true,
  crds: "install",
  crdSource: "https://crds.example.com",
  deleteCrds: true,
  plugins: plugins("CredentialComposer"),
  secretVariables,
  resources,
  controllerManagerResources: resources,
  serviceAccountAnnotations: { "eks.amazonaws.com/role-arn": "arn" },
};
const agentSettings = {
  ...pods,
  ...pullSecrets,
  kubelet: {
    authorities: { secretName: "kubelets", revision: "1" },
    address: "nodeName",
    unsafeNodesProxy: true,
  },
  rebootstrapDelaySeconds: 60,
  logSelectors: ["k8s:ns", "unix"],
  logLevel: "DEBUG",
  plugins: plugins("SVIDStore"),
  secretVariables,
  resources,
  maxUnavailable: "1",
};
const names = { trustDomain: "mesh.test", unsafeExampleTrustDomain: false, clusterName: "test" };
const server = {
  ...names,
  ...settings,
  namespace: "spire-server",
  agentNamespace: "spire-system",
  images,
  monitoring,
  openshift: true,
};
const upstream = (upstreamAuthority: object) => ({
  ...names,
  namespace: "spire-server",
  storage: { unsafeEphemeral: true },
  upstreamAuthority,
});

const management = {
  usageEndpoint: "nim.example.com",
  resolver: ["192.0.2.53"],
  trustedCertificates: { secretName: "nim-ca", revision: "1" },
  clientCertificate: { secretName: "nim-client", revision: "1" },
  enforceInitialReport: false,
  proxy: { host: "proxy.example.com", port: 3128 },
};
const plus = {
  edition: "plus",
  image: "registry.example.com/nginx-plus:1",
  license: { secretName: "license", key: "license.jwt", revision: "1" },
  management,
  images,
  resources: { proxy: resources, identity: resources },
  ...pullSecrets,
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const meshArguments: ValidArguments = {
  SpireServer: [
    server,
    upstream({ disk: { existing: { name: "authority", revision: "1" }, chainLength: 1 } }),
    upstream({
      certManager: {
        ...{ issuerName: "corp", issuerKind: "ClusterIssuer", issuerGroup: "cert-manager.io" },
        ...{ namespace: "requests", chainLength: 1 },
      },
    }),
    upstream({
      awsPrivateAuthority: {
        region: "eu-west-1",
        certificateAuthorityArn: "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/12ac02bc",
        assumeRoleArn: "arn:aws:iam::123456789012:role/spire",
        credentials: { secretName: "aws", revision: "1" },
        chainLength: 0,
      },
    }),
    {
      ...upstream({ vault: { address: "https://vault", kubernetesLogin: { role: "spire" }, chainLength: 1 } }),
      dataStore: { mysql: { existing: { name: "database", key: "dsn", revision: "1" } } },
    },
  ],
  SpireAgent: [
    { ...agentSettings, mesh, images, monitoring, openshift: true },
    {
      mesh: { ...mesh, caTtlSeconds: 8_640_000 },
      kubelet: { hostCertificate: "/var/lib/kubelet/pki/kubelet.crt" },
      availabilityTargetSeconds: 86_400,
    },
  ],
  SpiffeCsiDriver: [
    {
      ...pods,
      ...pullSecrets,
      namespace: "spire-system",
      name: "csi.test",
      kubeletFolder: "/var/lib/k0s/kubelet",
      openshift: true,
      images,
      resources,
    },
  ],
  WorkloadIdentity: [
    {
      mesh,
      namespaces: ["shop"],
      podSelector: { matchLabels: { a: "b" }, matchExpressions: [{ key: "c", operator: "In", values: ["d"] }] },
      dnsNameTemplates: ["{{ .PodSpec.ServiceAccountName }}.{{ .PodMeta.Namespace }}.mesh.test"],
      serviceNames: true,
      containerName: "app",
      ttlSeconds: 3600,
      jwtTtlSeconds: 300,
      hint: "web",
      fallback: true,
    },
    { mesh, namespaceSelector: { matchLabels: { a: "b" } }, everyPod: true },
  ],
  Sidecar: [
    {
      ...whole,
      name: "shop-sidecar",
      clusterDomain: "cluster.example.com",
      resolver: ["192.0.2.53"],
      drainSeconds: 60,
      idleSeconds: 600,
      connections: 2048,
      headerKilobytes: 100,
      firstPort: 20_000,
    },
    { ...explicit, image: "nginx:1.22.1", openSourceVersion: "1.22.1", registry: "registry.example.com" },
    {
      ...leastSidecar,
      ...plus,
      ...acceptFaults,
      release: "R36 P8",
      redirect: { image: "iptables:1" },
      snippets: {
        http: [{ name: "map", args: ["$a", "$b"], variables: true, block: [{ name: "default", args: ["c"] }] }],
        stream: [{ name: "server", block: [{ name: "listen", args: ["127.0.0.1:9000"] }] }],
      },
    },
  ],
  SidecarInjector: [
    {
      kubernetesVersion: "1.36",
      strictNamespaces: ["shop"],
      ...plus,
      redirectImage: "iptables:1",
      firstPort: 20_000,
      earlierSidecars,
    },
    { kubernetesVersion: "v1.37.1", edition: "oss", registry: "registry.example.com" },
  ],
  ServiceMesh: [
    {
      ...names,
      server: settings,
      agent: agentSettings,
      csiDriver: { kubeletFolder: "/var/lib/kubelet", ...pullSecrets },
      injection: { kubernetesVersion: "1.36", strictNamespaces: ["shop"], sidecars: plus, earlierSidecars },
      sidecarIdentity: false,
      serverNamespace: "spire-server",
      systemNamespace: "spire-system",
      images,
      monitoring,
      openshift: true,
    },
    { ...names, server: { storage: { volume: { size: "1Gi" } } }, agent: { kubelet: { clusterAuthority: true } } },
  ],
};

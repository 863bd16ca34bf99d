import type { ValidArguments } from "./index";

const reference = (name: string) => ({ secretName: name, revision: "1" });
const parts = ["authority", "core", "dpm", "ingestion", "integrations", "secmon", "apigw", "proxy"];
const issuer = {
  certificatePem: "PEM",
  privateKeyPem: "PEM",
  chain: "",
  bundle: "PEM",
  renewalWindowHours: 8760,
  chainLength: 0,
};

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const managerArguments: ValidArguments = {
  InstanceManager: [
    {
      namespace: "nim",
      name: "nim",
      customVersion: { version: "2.22.3", chartVersion: "2.2.3", imageTag: "2.22.3" },
      registry: "registry.example.com/mirror",
      chartRepository: "https://charts.example.com/stable",
      imagePullSecrets: ["regcred"],
      existingCertificates: Object.fromEntries(parts.map((part) => [part, reference(`vault-${part}`)])),
      certificate: reference("public"),
      hostnames: ["nim.example.com"],
      admin: { password: "correct horse battery" },
      clickHouse: {
        external: {
          host: "clickhouse.example.com",
          port: 9000,
          username: "nim",
          existing: { name: "clickhouse", key: "password", revision: "1" },
        },
      },
      persistence: {
        storageClass: "fast",
        claims: { coreDatabase: { size: "2Gi" }, dpmStreaming: { existingClaim: "streaming" } },
      },
      mode: "connected",
      outboundProxy: { host: "proxy.example.com", port: 3128, protocol: "http" },
      networkPolicies: true,
      clients: [{ cidr: "192.0.2.0/24" }, { namespaceLabels: { team: "edge" }, podLabels: { app: "ci" } }],
      service: { name: "nim", type: "LoadBalancer", annotations: { a: "b" }, externalTrafficPolicy: "Local" },
      exposed: true,
      unsafeAllowAgentsWithoutCertificate: true,
      tolerations: [{ key: "nim", operator: "Exists" }],
      openshift: true,
      logLevel: "warn",
      helmValues: { core: { resources: { limits: { memory: "2Gi" } } }, podLabels: { team: "edge" } },
    },
    {
      namespace: "nim",
      version: "2.22.2",
      issuer,
      internalCertificates: { keyAlgorithm: "ECDSA", ecdsaCurve: "P256", validityHours: 2160, earlyRenewalHours: 720 },
      admin: { passwordGeneration: "2" },
      clickHouse: { internal: { password: "staple", size: "2Gi" } },
      persistence: { unsafeEphemeral: true },
      mode: "disconnected",
    },
  ],
};

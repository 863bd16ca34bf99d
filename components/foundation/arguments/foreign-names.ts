/** Returns names that are fields of a nested argument here. */
const nested = (argument: string, names: string[]) =>
  Object.fromEntries(names.map((name) => [name, `${argument}.${name}`]));

/** Arguments of the pods, by the names that they have at the top of an NginxPlus. */
const ofPods = nested(
  "pods",
  "release unsafeAllowVulnerableRelease image registry imagePullSecrets management replicas autoscaling podDisruptionBudget resources service networkPolicy openshift drainSeconds monitoring nodeSelector tolerations affinity priorityClassName topologySpreadConstraints".split(
    " ",
  ),
);

/** Arguments about agents of an Instance Manager's front. */
const ofAgents = {
  ...nested("agents", ["mtls", "unsafeAllowAgentsWithoutCertificate", "verifyDepth", "revocation"]),
  agentMtls: "agents.mtls",
  agentVerifyDepth: "agents.verifyDepth",
  agentRevocation: "agents.revocation",
  agentSilenceSeconds: "agents.silenceSeconds",
  agentPauseSeconds: "agents.pauseSeconds",
};

/** Names that an argument has elsewhere, by the interface in which they do not exist: what to write here instead. */
export const foreignNames: Record<string, Record<string, string>> = {
  InstanceManagerArgs: {
    adminPasswordHash: "admin.passwordHash",
    certificateAuthorities: "certificateAuthoritiesPem",
    externalCerts: "existingCertificates",
    externalClickhouse: "clickHouse.external",
    nmsClickhouse: "clickHouse",
    proxyConfig: "outboundProxy",
    releaseName: "name",
    serverName: "hostnames",
    tlsSecret: "certificate.secretName",
    values: "helmValues",
  },
  InstanceManagerExternalClickHouse: { existingPassword: "existing" },
  InstanceManagerInternalClickHouse: { existingPassword: "existing" },
  NginxAgentFleetArgs: {
    v3: "v2: NGINX Instance Manager knows no agent 3, and for NGINX One there is NginxAgentConfiguration",
  },
  NginxAgentTls: {
    ca: "trustedCertificatesPath",
    cert: "clientCertificate.certificatePath",
    insecureSkipVerify: "unsafeSkipVerification",
    key: "clientCertificate.keyPath",
    skipVerify: "unsafeSkipVerification",
    skip_verify: "unsafeSkipVerification",
  },
  NginxAgentV2: { config_dirs: "configDirectories", grpcPort: "port", host: "hostname", sni: "hostname" },
  NginxAgentV3: { allowed_directories: "allowedDirectories", auxiliary_command: "auxiliary", host: "hostname" },
  HostManagement: {
    endpoint: "host.management.usageEndpoint",
    insecureSkipVerify: "host.management.unsafeSkipVerification",
    trustedCertificates: "host.management.trustedCertificatesPem",
  },
  InstanceManagerBackendTls: {
    authoritiesPem: "backendTls.trustedCertificates, with the secretName of TrustedCertificates",
    trustedCertificatesPem: "backendTls.trustedCertificates, with the secretName of TrustedCertificates",
  },
  InstanceManagerHostAuthorities: {
    authoritiesPem: "agentAuthorities.certificatesPem",
    trustedCertificatesPem: "agentAuthorities.certificatesPem",
  },
  InstanceManagerHostBackendTls: {
    authoritiesPem: "backendTls.trustedCertificatesPem",
    trustedCertificates: "backendTls.trustedCertificatesPem",
  },
  InstanceManagerHostProxyArgs: { ...ofAgents, agentAuthoritiesPem: "agentAuthorities.certificatesPem" },
  InstanceManagerProxyArgs: {
    ...ofPods,
    ...ofAgents,
    agentAuthoritiesPem: "agentAuthorities, with the secretName of TrustedCertificates",
    metrics: "pods.monitoring",
  },
  InstanceManagerV1BackendTls: {
    authoritiesPem: "backendTls.trustedCertificates, with the secretName of TrustedCertificates",
    trustedCertificatesPem: "backendTls.trustedCertificates, with the secretName of TrustedCertificates",
  },
  InstanceManagerV1HostArgs: {
    ...nested("front", ["api", "agents", "status", "headers", "snippets"]),
    agentAuthorities: "agentAuthoritiesPem",
  },
  InstanceManagerV1HostBackendTls: {
    authoritiesPem: "backendTls.trustedCertificatesPem",
    trustedCertificates: "backendTls.trustedCertificatesPem",
  },
  InstanceManagerV1ProxyArgs: {
    ...ofPods,
    agentAuthoritiesPem: "agentAuthorities, with the secretName of TrustedCertificates",
    front: "api, agents, status, headers and snippets, which are not nested here",
    metrics: "pods.monitoring",
  },
  NginxHost: { jwt: "host.license", registry: "no registry: a host has the package of NGINX" },
  NginxPlusArgs: {
    config: "configuration",
    nginxConfig: "configuration",
    imagePullSecret: "imagePullSecrets",
    pullSecrets: "imagePullSecrets",
    licenseSecret: "license",
    metrics: "monitoring",
    observability: "monitoring",
    mgmt: "management",
    usage: "management",
    usageEndpoint: "management.usageEndpoint",
    replicaCount: "replicas",
    pdb: "podDisruptionBudget",
    hpa: "autoscaling",
    volumes: "files or secretMounts",
    terminationGracePeriodSeconds: "drainSeconds",
  },
  NginxManagement: {
    endpoint: "usageEndpoint",
    insecureSkipVerify: "unsafeSkipVerification",
    sslVerify: "unsafeSkipVerification",
    existingSecret: "existing",
  },
  NginxService: { loadBalancerIP: "annotations, by which the cloud's load balancer takes an address" },
  NginxNetworkPolicy: { ingress: "clients", egress: "upstreams", prometheus: "metricsFrom" },
  NginxPort: { containerPort: "targetPort", servicePort: "port" },
  NginxConfigNode: { directive: "name", arguments: "args", children: "block", nodes: "block" },
  NginxSecretMount: { mountPath: "path", secret: "secretName", items: "keys" },
};

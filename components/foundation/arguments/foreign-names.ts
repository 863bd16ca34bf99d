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
};

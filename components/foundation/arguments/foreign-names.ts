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
};

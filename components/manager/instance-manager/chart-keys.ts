import type { Argument } from "../../foundation";
import { type Chart, type ChartValues, isMap, keysOfVersion, longestPrefix, nearest, readChartKeys } from "../../helm";

// Read from values.yaml of 2.2.2, like those of 2.2.0 and 2.2.1, and from what its templates ask for besides: replicaCount, podAnnotations,
// serviceAccount.name, apigw.nginxWorkerConnections, apigw.nginxWorkerRlimitNofile.
const keys = readChartKeys({
  "2.2.0": `
    adminPasswordHash imagePullSecrets[] nameOverride fullnameOverride commonLabels* podLabels* podAnnotations* replicaCount nimLivenessAddress
    openshift: enabled
    openshift.securityContext: runAsUser runAsGroup fsGroup
    global: utility nmsModules*
    nmsClickhouse: mode fullnameOverride tolerations[] resources*
    nmsClickhouse.image: repository tag pullPolicy
    nmsClickhouse.auth: username password existingSecret existingSecretKey
    nmsClickhouse.service: name rpcPort httpPort labels*
    nmsClickhouse.persistence: enabled existingClaim storageClass volumeName accessMode size
    nmsClickhouse.pod: labels*
    nmsClickhouse.securityContext: fsGroup runAsGroup runAsUser
    externalClickhouse: address
    externalClickhouse.auth: username password existingSecret existingSecretKey
    serviceAccount: annotations* labels* name
    apigw: name tlsSecret serverName tolerations[] resources* nginxWorkerConnections nginxWorkerRlimitNofile
    apigw.tlsReload: enabled
    apigw.image: repository tag pullPolicy
    apigw.service: type externalIPs[] httpsPort nodePortHttps labels*
    apigw.pod: labels*
    apigw.securityContext: fsGroup runAsGroup runAsUser
    core: name tolerations[] resources*
    core.image: repository tag pullPolicy
    core.container.port: http db grpc
    core.service: httpPort grpcPort labels*
    core.persistence: enabled claims[] storageClass volumeName
    core.pod: labels*
    core.securityContext: fsGroup runAsGroup runAsUser
    dpm: name tolerations[] resources*
    dpm.image: repository tag pullPolicy
    dpm.container.port: http grpc nats db
    dpm.service: httpPort grpcPort natsPort labels*
    dpm.persistence: enabled claims[] storageClass volumeName
    dpm.pod: labels*
    dpm.securityContext: fsGroup runAsGroup runAsUser
    ingestion: name replicaCount tolerations[] resources*
    ingestion.image: repository tag pullPolicy
    ingestion.container.port: http grpc
    ingestion.service: httpPort grpcPort labels*
    ingestion.pod: labels*
    ingestion.securityContext: fsGroup runAsGroup runAsUser
    secmon: name replicaCount tolerations[] resources*
    secmon.image: repository tag pullPolicy
    secmon.container.port: http
    secmon.service: httpPort labels*
    secmon.pod: labels*
    secmon.securityContext: fsGroup runAsGroup runAsUser
    integrations: name tolerations[] resources*
    integrations.image: repository tag pullPolicy
    integrations.container: modeOfOperation
    integrations.container.port: http db licenseDB
    integrations.service: httpPort labels*
    integrations.persistence: enabled claims[] storageClass volumeName
    integrations.pod: labels*
    integrations.securityContext: fsGroup runAsGroup runAsUser
    utility: name tolerations[]
    utility.image: repository tag pullPolicy
    utility.pod: labels*
    utility.securityContext: fsGroup runAsGroup runAsUser
    nmsVault: enabled fullnameOverride
    nmsVault.image: repository tag pullPolicy
    nmsVault.service: name rpcPort labels*
    nmsVault.pod: labels*
    externalVault: address
    log: encoding level
    networkPolicies: enabled
    agent: secure
    externalCerts.ca: enabled secretName
    externalCerts.core: enabled secretName
    externalCerts.dpm: enabled secretName
    externalCerts.ingestion: enabled secretName
    externalCerts.integrations: enabled secretName
    externalCerts.secmon: enabled secretName
    externalCerts.apigw: enabled secretName
    proxyConfig: proxyEnable proxyHost proxyPort proxyProtocol proxyAuthRequired proxyUsername proxyPassword proxySslVerify`,
});

/** The chart as its values go, for the checks of what a user adds. */
export function nimChart(version: string): Chart {
  const known = keysOfVersion(keys, "2.2.0");
  return { version, keys: known, unknownKey: (path) => `the nearest key is ${nearest(path, [...known.keys()])}` };
}

const renamed: [string, string] = [
  "renames or moves a part that certificates, network policies and proxies find by its name or port",
  "leave it out",
];

/** Keys that no argument decides and no user may set, with the reason, by the beginning of their path. */
const forbidden: Record<string, [wrong: string, remedy: string]> = {
  "agent.secure": [
    "makes the chart's NGINX reject every agent with 401, since it never asks for a certificate",
    "leave it out, and put an InstanceManagerProxy in front",
  ],
  "proxyConfig.proxyAuthRequired": [
    "needs a password that the chart writes in clear text into a ConfigMap",
    "let the proxy know the cluster by its address",
  ],
  "proxyConfig.proxyUsername": ["goes with a password in a ConfigMap", "let the proxy know the cluster by its address"],
  "proxyConfig.proxyPassword": [
    "is written in clear text into a ConfigMap",
    "let the proxy know the cluster by its address",
  ],
  "proxyConfig.proxySslVerify": ["does nothing: the chart takes false for absent", "leave it out"],
  nmsVault: ["is for development only", "keep secrets where you keep your others"],
  "nmsClickhouse.persistence.existingClaim": [
    "does not reach the pod, which goes on looking for the claim clickhouse",
    "make the claim of that name by hand, or leave it out",
  ],
  nameOverride: renamed,
  fullnameOverride: renamed,
  "serviceAccount.name": renamed,
  ...Object.fromEntries(
    ["apigw", "core", "dpm", "ingestion", "secmon", "integrations", "utility"].flatMap((part) => [
      [`${part}.name`, renamed],
      [`${part}.container.port`, renamed],
      ...["httpPort", "grpcPort", "natsPort"].map((port) => [`${part}.service.${port}`, renamed]),
    ]),
  ),
};

/** Refuses values that the chart would take and that break an Instance Manager of this library. */
export function refuseForbidden(values: Argument<ChartValues>, prefix = ""): void {
  for (const [key, value] of values.record<unknown>()) {
    const found = longestPrefix(forbidden, prefix + key);
    if (found) value.refuse(...found.value);
    else if (isMap(value.value)) refuseForbidden(value as Argument<ChartValues>, `${prefix}${key}.`);
  }
}

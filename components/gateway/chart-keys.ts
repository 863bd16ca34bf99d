import {
  type ChartKey,
  type ChartKeyShape,
  keysOfVersion,
  laterChartKey,
  longestPrefix,
  nearest,
  readChartKeys,
  startsPath,
} from "../helm";
import type { GatewayFabricLine } from "./versions";

// By the version that brought them, as readChartKeys reads it.
// Read from each tag's values.yaml, the fields that its values.schema.json lists below nginx.config, and what its templates ask for.
const keysSince: Record<GatewayFabricLine, Record<string, string>> = {
  1: {
    "1.6.1": `
      fullnameOverride nameOverride terminationGracePeriodSeconds tolerations[] nodeSelector* affinity* topologySpreadConstraints[] extraVolumes[]
      nginxGateway: kind gatewayClassName podAnnotations* gatewayClassAnnotations* gatewayControllerName configAnnotations*
      nginxGateway: replicaCount lifecycle* resources* extraVolumeMounts[]
      nginxGateway.config.logging: level
      nginxGateway.leaderElection: enable lockName
      nginxGateway.readinessProbe: enable port initialDelaySeconds
      nginxGateway.image: repository tag pullPolicy
      nginxGateway.securityContext: allowPrivilegeEscalation
      nginxGateway.productTelemetry: enable
      nginxGateway.gwAPIExperimentalFeatures: enable
      nginxGateway.snippetsFilters: enable
      nginx: plus debug lifecycle* extraVolumeMounts[]
      nginx.image: repository tag pullPolicy
      nginx.usage: secretName endpoint resolver skipVerify caSecretName clientSSLSecretName
      nginx.config: disableHTTP2 ipFamily
      nginx.config.logging: errorLevel
      nginx.config.rewriteClientIP: mode setIPRecursively trustedAddresses[]
      nginx.config.telemetry: serviceName spanAttributes[]
      nginx.config.telemetry.exporter: batchCount batchSize endpoint interval
      serviceAccount: annotations* name imagePullSecret imagePullSecrets[]
      service: create type externalTrafficPolicy annotations* loadBalancerIP loadBalancerSourceRanges[] ports[]
      metrics: enable port secure`,
  },
  2: {
    "2.0.0": `
      clusterDomain fullnameOverride nameOverride gateways[]
      nginxGateway: kind gatewayClassName podAnnotations* labels* gatewayClassAnnotations* gatewayControllerName configAnnotations*
      nginxGateway: replicas lifecycle* resources* extraVolumes[] extraVolumeMounts[]
      nginxGateway: terminationGracePeriodSeconds tolerations[] nodeSelector* affinity* topologySpreadConstraints[]
      nginxGateway.config.logging: level
      nginxGateway.service: annotations*
      nginxGateway.serviceAccount: annotations* name imagePullSecret imagePullSecrets[]
      nginxGateway.leaderElection: enable lockName
      nginxGateway.readinessProbe: enable port initialDelaySeconds
      nginxGateway.image: repository tag pullPolicy
      nginxGateway.productTelemetry: enable
      nginxGateway.metrics: enable port secure
      nginxGateway.gwAPIExperimentalFeatures: enable
      nginxGateway.snippetsFilters: enable
      nginx: kind replicas plus imagePullSecret imagePullSecrets[] pod* container* debug
      nginx.image: repository tag pullPolicy
      nginx.usage: secretName endpoint resolver skipVerify caSecretName clientSSLSecretName
      nginx.service: type externalTrafficPolicy loadBalancerIP loadBalancerClass loadBalancerSourceRanges[] nodePorts[]
      nginx.config: disableHTTP2 ipFamily
      nginx.config.logging: agentLevel errorLevel
      nginx.config.metrics: disable port
      nginx.config.nginxPlus: allowedAddresses[]
      nginx.config.rewriteClientIP: mode setIPRecursively trustedAddresses[]
      nginx.config.telemetry: disabledFeatures[] serviceName spanAttributes[]
      nginx.config.telemetry.exporter: batchCount batchSize endpoint interval
      certGenerator: annotations* serverTLSSecretName agentTLSSecretName overwrite`,
    "2.0.1": `
      nginxGateway.service: labels*
      certGenerator: ttlSecondsAfterFinished tolerations[] nodeSelector* affinity* topologySpreadConstraints[]`,
    "2.1.0": `
      nginxGateway: name
      nginxGateway.autoscaling: enable annotations* behavior* metrics[]
      nginxGateway.autoscaling: minReplicas maxReplicas targetCPUUtilizationPercentage targetMemoryUtilizationPercentage
      nginx.autoscaling: enable behavior* metrics[]
      nginx.autoscaling: minReplicas maxReplicas targetCPUUtilizationPercentage targetMemoryUtilizationPercentage
      nginx.nginxOneConsole: dataplaneKeySecretName endpointHost endpointPort skipVerify
      nginx.container: hostPorts[] resources* lifecycle* volumeMounts[] readinessProbe*
      nginx.config: disableSNIHostValidation workerConnections`,
    "2.1.1": `
      nginx: patches[]
      nginx.service: patches[]`,
    "2.2.0": `
      nginxGateway.gwAPIInferenceExtension: enable
      nginx.usage: enforceInitialReport
      nginx.config.dnsResolver: addresses[] cacheTTL disableIPv6 timeout`,
    "2.2.1": `
      nginxGateway.gwAPIInferenceExtension.endpointPicker: disableTLS skipVerify
      certGenerator: enable`,
    "2.3.0": `
      nginx.config.logging.accessLog: disable format`,
    "2.4.0": `
      nginxGateway: watchNamespaces[] priorityClassName
      nginxGateway.snippets: enable
      nginx.config.logging.accessLog: escape`,
    "2.5.0": `
      nginx.autoscaling: annotations*
      nginx.config: serverTokens`,
    "2.6.0": `
      nginxGateway.readinessProbe: periodSeconds failureThreshold timeoutSeconds successThreshold
      nginx: wafContainers*
      extraObjects[]
      nginx.config.waf: bundleFailOpen disableCookieSeed enabled`,
    "2.7.0": `
      serverTLSDomain
      nginxGateway.serviceAccount: automountServiceAccountToken
      nginxGateway.podDisruptionBudget: enable minAvailable maxUnavailable unhealthyPodEvictionPolicy
      nginxGateway.payloadProcessor: enable
      nginxGateway.plmStorage: url credentialsSecretName
      nginxGateway.plmStorage.tls: caSecretName clientSSLSecretName insecureSkipVerify
      nginxGateway.externalLoadBalancer: enable
      nginx.config: useClusterIP workerProcesses workerRlimitNofile
      certGenerator: automountServiceAccountToken extraVolumes[] extraVolumeMounts[]`,
  },
};

/** Keys of 2.x in place of those of 1.6, by the beginning of their path. */
const movedIn2: Record<string, string> = {
  affinity: "nginxGateway.affinity for the control plane, nginx.pod.affinity for the data plane",
  extraVolumes: "nginxGateway.extraVolumes for the control plane, nginx.pod.volumes for the data plane",
  metrics: "nginxGateway.metrics",
  "nginx.extraVolumeMounts": "nginx.container.volumeMounts",
  "nginx.lifecycle": "nginx.container.lifecycle",
  "nginxGateway.replicaCount": "nginxGateway.replicas for the control plane, nginx.replicas for the data plane",
  "nginxGateway.securityContext": "nothing: the control plane no longer reloads NGINX itself",
  nodeSelector: "nginxGateway.nodeSelector for the control plane, nginx.pod.nodeSelector for the data plane",
  serviceAccount: "nginxGateway.serviceAccount",
  "serviceAccount.imagePullSecret":
    "nginx.imagePullSecret for the image of NGINX, nginxGateway.serviceAccount.imagePullSecret for that of the control plane",
  "serviceAccount.imagePullSecrets":
    "nginx.imagePullSecrets for the image of NGINX, nginxGateway.serviceAccount.imagePullSecrets for that of the control plane",
  service: "nginx.service",
  "service.annotations": "spec.infrastructure.annotations of the Gateway",
  "service.create": "nothing: every Gateway has a Service",
  "service.ports": "nothing: the listeners of a Gateway are the ports of its Service",
  terminationGracePeriodSeconds:
    "nginxGateway.terminationGracePeriodSeconds for the control plane, nginx.pod.terminationGracePeriodSeconds for the data plane",
  tolerations: "nginxGateway.tolerations for the control plane, nginx.pod.tolerations for the data plane",
  topologySpreadConstraints:
    "nginxGateway.topologySpreadConstraints for the control plane, nginx.pod.topologySpreadConstraints for the data plane",
};

const allKeys: Record<GatewayFabricLine, ChartKey[]> = {
  1: readChartKeys(keysSince[1]),
  2: readChartKeys(keysSince[2]),
};

/** Returns the keys that the chart of a version has, with their shapes. */
export const chartKeys = (line: GatewayFabricLine, version: string): Map<string, ChartKeyShape> =>
  keysOfVersion(allKeys[line], version);

/** Returns the remedy for a key that the chart of a version lacks: its new place, the version that brought it, or the nearest key. */
export function unknownChartKey(line: GatewayFabricLine, version: string, path: string): string {
  const moved = line === 2 ? longestPrefix(movedIn2, path) : undefined;
  if (moved !== undefined) {
    // A group that moved as a whole keeps the names in it.
    const rest = moved.value.includes(" ") ? "" : path.slice(moved.key.length);
    return `${moved.key}${rest} of 1.6 became ${moved.value}${rest}`;
  }
  const later = laterChartKey(allKeys[line], path);
  if (later !== undefined) return `${later.path} came with ${later.since}`;
  const former =
    line === 1 ? Object.entries(movedIn2).find(([, now]) => startsPath(path, now.split(" ")[0]!)) : undefined;
  if (former !== undefined) return `2.x has it; in 1.6 it is ${former[0]}`;
  return `the nearest key is ${nearest(path, [...chartKeys(line, version).keys()])}`;
}

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

/** Names that an argument has elsewhere, by the interface in which they do not exist: what to write here instead. */
export const foreignNames: Record<string, Record<string, string>> = {
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
  ExistingMqttCredentials: { secretName: "name, the name of the Secret" },
  MqttBrokerTls: {
    trustedCertificates: "brokerTls.trustedCertificatesPem",
    insecureSkipVerify: "brokerTls.unsafeSkipVerification",
    insecureSkipVerification: "brokerTls.unsafeSkipVerification",
  },
  MqttClientCertificates: {
    existing: "trustedCertificates, with the Secret's secretName",
    caPem: "trustedCertificatesPem",
  },
  MqttProxyArgs: {
    ...ofPods,
    connectTimeoutSeconds: "timeouts.connectSeconds",
    longestKeepAliveSeconds: "timeouts.longestKeepAliveSeconds",
    maximumConnectKibibytes: "limits.maximumConnectKibibytes",
    brokers: "upstreams",
    servers: "upstreams",
    metrics: "pods.monitoring",
  },
};

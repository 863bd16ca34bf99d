import type { types } from "@pulumi/kubernetes";
import { type Input, interpolate } from "@pulumi/pulumi";
import { defaultSeccomp, restrictedContainer } from "../../foundation";
import { imageName } from "../defaults";
import { usageFlags } from "../usage";
import type { AgentSecrets } from "./certificates";
import { selector } from "./names";
import type { ResolvedGatewayFabric } from "./resolve";

/** Port on which the control plane talks to the agents of the data plane. */
export const agentPort = 8443;

/** Returns the spec of the control plane's Deployment. */
export function deploymentSpec(
  resolved: ResolvedGatewayFabric,
  secrets: AgentSecrets,
): types.input.apps.v1.DeploymentSpec {
  const { names, version, monitoring, placement } = resolved;
  const labels = selector(names);
  return {
    replicas: resolved.replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: {
        ...(monitoring.enabled && {
          annotations: {
            "prometheus.io/port": `${monitoring.port}`,
            "prometheus.io/scrape": "true",
            ...(monitoring.secure && { "prometheus.io/scheme": "https" }),
          },
        }),
        labels,
      },
      spec: {
        ...(version.features.accountTokenOnRequest && { automountServiceAccountToken: true }),
        containers: [container(resolved, secrets)],
        ...placement,
        securityContext: { fsGroup: 1001, runAsNonRoot: true },
        serviceAccountName: names.release,
        terminationGracePeriodSeconds: 30,
        volumes: [{ name: "nginx-agent-tls", secret: { secretName: secrets.server } }],
      },
    },
  };
}

function container(resolved: ResolvedGatewayFabric, secrets: AgentSecrets): types.input.core.v1.Container {
  const { monitoring, healthPort, controlPlaneImage: image } = resolved;
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: "nginx-gateway",
    image: imageName(image),
    imagePullPolicy: image.pullPolicy,
    args: flags(resolved, secrets),
    env: [
      field("POD_NAMESPACE", "metadata.namespace"),
      field("POD_NAME", "metadata.name"),
      field("POD_UID", "metadata.uid"),
      field("INSTANCE_NAME", "metadata.labels['app.kubernetes.io/instance']"),
      { name: "IMAGE_NAME", value: imageName(image) },
    ],
    ports: [
      { name: "agent-grpc", containerPort: agentPort },
      ...(monitoring.enabled ? [{ name: "metrics", containerPort: monitoring.port }] : []),
      { name: "health", containerPort: healthPort },
    ],
    readinessProbe: {
      httpGet: { path: "/readyz", port: "health" },
      initialDelaySeconds: 3,
      ...(resolved.version.features.fullReadinessProbe
        ? { periodSeconds: 10, failureThreshold: 3, successThreshold: 1, timeoutSeconds: 1 }
        : { periodSeconds: 1 }),
    },
    resources: resolved.resources,
    securityContext: {
      ...defaultSeccomp,
      ...restrictedContainer,
      runAsUser: 101,
      runAsGroup: 1001,
    },
    volumeMounts: [{ name: "nginx-agent-tls", mountPath: "/var/run/secrets/ngf" }],
  };
}

/** Returns the arguments of the control plane, in upstream's order. */
function flags(resolved: ResolvedGatewayFabric, { agent }: AgentSecrets): Input<string>[] {
  const { names, version, usage, monitoring, watchNamespaces, inferenceExtension } = resolved;
  const flag = (name: string, value: Input<string>) =>
    typeof value === "string" ? `--${name}=${value}` : interpolate`--${name}=${value}`;
  const when = (condition: boolean, ...given: Input<string>[]) => (condition ? given : []);
  return [
    "controller",
    flag("gateway-ctlr-name", resolved.gatewayControllerName),
    flag("gatewayclass", resolved.gatewayClassName),
    flag("config", names.config),
    flag("service", names.release),
    flag("agent-tls-secret", agent),
    ...when(version.features.domainFlags, "--server-tls-domain=svc", flag("cluster-domain", resolved.clusterDomain)),
    ...(watchNamespaces ? [flag("watch-namespaces", watchNamespaces.join(","))] : []),
    ...resolved.imagePullSecrets.map((secret) => flag("nginx-docker-secret", secret)),
    ...when(resolved.plus, "--nginx-plus"),
    ...(usage ? usageFlags(version, usage) : []),
    ...(monitoring.enabled
      ? [flag("metrics-port", `${monitoring.port}`), ...when(monitoring.secure, "--metrics-secure-serving")]
      : ["--metrics-disable"]),
    flag("health-port", `${resolved.healthPort}`),
    resolved.leaderElection ? flag("leader-election-lock-name", names.leaderElection) : "--leader-election-disable",
    ...when(!resolved.productTelemetry, "--product-telemetry-disable"),
    ...when(resolved.experimentalFeatures, "--gateway-api-experimental-features"),
    ...when(inferenceExtension, "--gateway-api-inference-extension"),
    // The endpoint picker cannot show a certificate that could be verified yet: upstream's only working setting.
    ...when(inferenceExtension && version.features.endpointPickerFlags, "--endpoint-picker-tls-skip-verify=true"),
    ...when(resolved.snippetsFilters, "--snippets-filters"),
    ...when(resolved.snippets, "--snippets"),
    ...when(resolved.openshift, flag("nginx-scc", `${names.constraints}-nginx`)),
    ...(version.additions.flags ?? []),
  ];
}

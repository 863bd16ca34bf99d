import type { types } from "@pulumi/kubernetes";
import { type Input, interpolate } from "@pulumi/pulumi";
import { Edition } from "../../nginx";
import {
  controlPlaneImage,
  gatewayClassName as defaultClassName,
  gatewayControllerName as defaultControllerName,
  healthPort as defaultHealthPort,
  metricsPort as defaultMetricsPort,
  imageName,
} from "../defaults";
import type { GatewayFabricArgs } from "../gateway-fabric-args";
import { type GatewayUsageReporting, usageFlags } from "../usage";
import type { GatewayFabricVersion } from "../versions";
import { type Names, selector } from "./names";

/** Port on which the control plane talks to the agents of the data plane. */
export const agentPort = 8443;

/** What the Deployment is built from, beside the arguments. */
export interface DeploymentParts {
  names: Names;
  version: GatewayFabricVersion;
  /** The reporting of usage; undefined for open-source NGINX. */
  usage?: GatewayUsageReporting;
  /** Name of the Secret with the control plane's certificate. */
  serverSecret: Input<string>;
  /** Name of the Secret with the data plane's certificate. */
  agentSecret: Input<string>;
}

/** Spec of the control plane's Deployment. */
export function deploymentSpec(args: GatewayFabricArgs, parts: DeploymentParts): types.input.apps.v1.DeploymentSpec {
  const labels = selector(parts.names);
  const { metrics = {} } = args;
  return {
    replicas: args.replicas ?? 1,
    selector: { matchLabels: labels },
    template: {
      metadata: {
        ...(metrics.enabled !== false && {
          annotations: {
            "prometheus.io/port": `${metrics.port ?? defaultMetricsPort}`,
            "prometheus.io/scrape": "true",
            ...(metrics.secure && { "prometheus.io/scheme": "https" }),
          },
        }),
        labels,
      },
      spec: {
        ...(parts.version.features.accountTokenOnRequest && { automountServiceAccountToken: true }),
        containers: [container(args, parts)],
        priorityClassName: args.priorityClassName,
        topologySpreadConstraints: args.topologySpreadConstraints,
        affinity: args.affinity,
        tolerations: args.tolerations,
        nodeSelector: args.nodeSelector,
        securityContext: { fsGroup: 1001, runAsNonRoot: true },
        serviceAccountName: parts.names.release,
        terminationGracePeriodSeconds: 30,
        volumes: [{ name: "nginx-agent-tls", secret: { secretName: parts.serverSecret } }],
      },
    },
  };
}

function container(args: GatewayFabricArgs, parts: DeploymentParts): types.input.core.v1.Container {
  const { metrics = {}, healthPort = defaultHealthPort } = args;
  const image = controlPlaneImage(args, parts.version);
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: "nginx-gateway",
    image: imageName(image),
    imagePullPolicy: image.pullPolicy,
    args: flags(args, parts),
    env: [
      field("POD_NAMESPACE", "metadata.namespace"),
      field("POD_NAME", "metadata.name"),
      field("POD_UID", "metadata.uid"),
      field("INSTANCE_NAME", "metadata.labels['app.kubernetes.io/instance']"),
      { name: "IMAGE_NAME", value: imageName(image) },
    ],
    ports: [
      { name: "agent-grpc", containerPort: agentPort },
      ...(metrics.enabled === false ? [] : [{ name: "metrics", containerPort: metrics.port ?? defaultMetricsPort }]),
      { name: "health", containerPort: healthPort },
    ],
    readinessProbe: {
      httpGet: { path: "/readyz", port: "health" },
      initialDelaySeconds: 3,
      ...(parts.version.features.fullReadinessProbe
        ? { periodSeconds: 10, failureThreshold: 3, successThreshold: 1, timeoutSeconds: 1 }
        : { periodSeconds: 1 }),
    },
    resources: args.resources,
    securityContext: {
      seccompProfile: { type: "RuntimeDefault" },
      capabilities: { drop: ["ALL"] },
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsUser: 101,
      runAsGroup: 1001,
    },
    volumeMounts: [{ name: "nginx-agent-tls", mountPath: "/var/run/secrets/ngf" }],
  };
}

/** Arguments of the control plane, in upstream's order. */
function flags(args: GatewayFabricArgs, { names, version, usage, agentSecret }: DeploymentParts): Input<string>[] {
  const { edition = Edition.plus, metrics = {}, watchNamespaces, imagePullSecrets = [] } = args;
  const flag = (name: string, value: Input<string>) =>
    typeof value === "string" ? `--${name}=${value}` : interpolate`--${name}=${value}`;
  const when = (condition: boolean | undefined, ...given: Input<string>[]) => (condition ? given : []);
  return [
    "controller",
    flag("gateway-ctlr-name", args.gatewayControllerName ?? defaultControllerName),
    flag("gatewayclass", args.gatewayClassName ?? defaultClassName),
    flag("config", names.config),
    flag("service", names.release),
    flag("agent-tls-secret", agentSecret),
    ...(watchNamespaces ? [flag("watch-namespaces", watchNamespaces.join(","))] : []),
    ...imagePullSecrets.map((secret) => flag("nginx-docker-secret", secret)),
    ...when(edition === Edition.plus, "--nginx-plus"),
    ...(usage ? usageFlags(version, usage) : []),
    ...(metrics.enabled === false
      ? ["--metrics-disable"]
      : [
          flag("metrics-port", `${metrics.port ?? defaultMetricsPort}`),
          ...when(metrics.secure, "--metrics-secure-serving"),
        ]),
    flag("health-port", `${args.healthPort ?? defaultHealthPort}`),
    args.leaderElection === false
      ? "--leader-election-disable"
      : flag("leader-election-lock-name", names.leaderElection),
    ...when(args.productTelemetry === false, "--product-telemetry-disable"),
    ...when(args.experimentalFeatures, "--gateway-api-experimental-features"),
    ...when(args.inferenceExtension, "--gateway-api-inference-extension"),
    // The endpoint picker cannot show a certificate that could be verified yet: upstream's only working setting.
    ...when(args.inferenceExtension && version.features.endpointPickerFlags, "--endpoint-picker-tls-skip-verify=true"),
    ...when(args.snippetsFilters, "--snippets-filters"),
    ...when(args.snippets, "--snippets"),
    ...when(args.openshift, flag("nginx-scc", `${names.constraints}-nginx`)),
  ];
}

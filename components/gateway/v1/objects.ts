import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretReference } from "../../foundation";
import { checksumAnnotations } from "../../nginx/checksums";
import type { CheckedGatewayFabric } from "../checks";
import { gatewayClassName, gatewayControllerName, metricsPort, releaseName } from "../defaults";
import { GatewayFabricLogLevel } from "../gateway-fabric-args";
import { type GatewayFabricV1Args, NginxErrorLevel } from "../gateway-fabric-v1-args";
import { securityContextConstraints } from "../openshift";
import type { GatewayUsageReporting } from "../usage";
import { bootstrapFiles } from "./bootstrap";
import { alertRules, podMonitorSpec } from "./monitoring";
import { podSpec } from "./pod";
import { clusterRules } from "./rules";
import { serviceSpec } from "./service";

/**
 * Makes every object of Gateway Fabric 1.6.
 *
 * @param component logical name, with which the names of all children begin
 * @param crds what brings the CRDs: custom resources, and the program that looks for them, come after
 * @returns what Gateways wait for
 */
export function makeObjects(
  component: string,
  args: GatewayFabricV1Args,
  { version, usage }: CheckedGatewayFabric,
  opts: { parent: pulumi.Resource; dependsOn?: pulumi.ResourceOptions["dependsOn"] },
  crds: pulumi.Resource[],
): pulumi.Resource[] {
  const { namespace, name = releaseName, metrics = {}, errorLevel, service: serviceArgs = {} } = args;
  const child = { parent: opts.parent };
  const afterCrds = { ...child, dependsOn: crds };
  const selector = selectorOf(name);
  const labels = { ...selector, "app.kubernetes.io/version": version.version };
  // Names that the control plane gets as flags and the cluster's administrators look for: upstream's.
  const named = { name, namespace, labels };

  const serviceAccount = new k8s.core.v1.ServiceAccount(
    `${component}-account`,
    { metadata: named, imagePullSecrets: args.imagePullSecrets?.map((secret) => ({ name: secret })) },
    child,
  );
  const constraints = args.openshift ? `${name}-scc` : undefined;
  if (constraints !== undefined)
    new k8s.apiextensions.CustomResource(
      `${component}-constraints`,
      {
        apiVersion: "security.openshift.io/v1",
        kind: "SecurityContextConstraints",
        metadata: { name: constraints },
        ...securityContextConstraints({
          lastUser: 102,
          volumes: ["emptyDir", "secret", "configMap", "projected"],
          users: [pulumi.interpolate`system:serviceaccount:${namespace}:${name}`],
          capabilities: ["NET_BIND_SERVICE", "KILL"],
        }),
      },
      child,
    );
  const role = new k8s.rbac.v1.ClusterRole(
    `${component}-role`,
    {
      metadata: { name, labels },
      rules: clusterRules({
        plus: usage !== undefined,
        productTelemetry: args.productTelemetry ?? true,
        leaderElection: args.leaderElection ?? true,
        experimental: args.experimentalFeatures ?? false,
        snippetsFilters: args.snippetsFilters ?? false,
        constraints,
      }),
    },
    child,
  );
  const binding = new k8s.rbac.v1.ClusterRoleBinding(
    `${component}-role-binding`,
    {
      metadata: { name, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
    { ...child, dependsOn: [role, serviceAccount] },
  );

  const data = bootstrapFiles(errorLevel ?? NginxErrorLevel.info, usage);
  const bootstrap = new k8s.core.v1.ConfigMap(
    `${component}-bootstrap`,
    { metadata: { namespace, labels }, data },
    child,
  );
  new k8s.core.v1.Service(
    `${component}-service`,
    { metadata: { ...named, annotations: serviceArgs.annotations }, spec: serviceSpec(serviceArgs, selector) },
    child,
  );

  const own = { apiVersion: "gateway.nginx.org/v1alpha1" };
  const config = new k8s.apiextensions.CustomResource(
    `${component}-settings`,
    {
      ...own,
      kind: "NginxGateway",
      metadata: { ...named, name: `${name}-config` },
      spec: { logging: { level: args.logLevel ?? GatewayFabricLogLevel.info } },
    },
    afterCrds,
  );
  const proxy = proxySpec(args);
  if (proxy)
    new k8s.apiextensions.CustomResource(
      `${component}-proxy-settings`,
      { ...own, kind: "NginxProxy", metadata: { name: `${name}-proxy-config`, labels }, spec: proxy },
      afterCrds,
    );
  const gatewayClass = new k8s.apiextensions.CustomResource(
    `${component}-class`,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: args.gatewayClassName ?? gatewayClassName, labels },
      spec: {
        controllerName: args.gatewayControllerName ?? gatewayControllerName,
        ...(proxy && {
          parametersRef: { group: "gateway.nginx.org", kind: "NginxProxy", name: `${name}-proxy-config` },
        }),
      },
    },
    afterCrds,
  );

  const deployment = new k8s.apps.v1.Deployment(
    `${component}-deployment`,
    {
      metadata: named,
      spec: {
        replicas: args.replicas ?? 1,
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: selector,
            annotations: {
              ...(metrics.enabled !== false && {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": `${metrics.port ?? metricsPort}`,
                ...(metrics.secure && { "prometheus.io/scheme": "https" }),
              }),
              ...checksumAnnotations(component, data, mountedSecrets(usage), child),
            },
          },
          spec: podSpec(args, {
            version,
            usage,
            serviceAccountName: name,
            bootstrapName: bootstrap.metadata.name,
          }),
        },
      },
    },
    pulumi.mergeOptions({ dependsOn: opts.dependsOn }, { ...child, dependsOn: [binding, config] }),
  );
  return [gatewayClass, deployment];
}

/** Makes what the Prometheus Operator looks for. */
export function makeMonitoring(
  component: string,
  args: GatewayFabricV1Args,
  { version }: CheckedGatewayFabric,
  opts: pulumi.CustomResourceOptions,
): void {
  const { namespace, name = releaseName, metrics = {} } = args;
  const selector = selectorOf(name);
  const labels = { ...selector, "app.kubernetes.io/version": version.version, ...metrics.labels };
  const common = { apiVersion: "monitoring.coreos.com/v1", metadata: { namespace, labels } };
  new k8s.apiextensions.CustomResource(
    `${component}-pod-monitor`,
    { ...common, kind: "PodMonitor", spec: podMonitorSpec(metrics, selector) },
    opts,
  );
  new k8s.apiextensions.CustomResource(
    `${component}-alerts`,
    { ...common, kind: "PrometheusRule", spec: alertRules(args.gatewayClassName ?? gatewayClassName) },
    opts,
  );
}

/** Labels by which the pods are found. */
const selectorOf = (name: string) => ({ "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name });

/** Spec of the NginxProxy; undefined where upstream has none. */
function proxySpec({ errorLevel, dataPlaneConfig }: GatewayFabricV1Args): Record<string, unknown> | undefined {
  if (errorLevel === undefined && dataPlaneConfig === undefined) return undefined;
  return { ...dataPlaneConfig, ...(errorLevel && { logging: { ...dataPlaneConfig?.logging, errorLevel } }) };
}

/** The Secrets that the pods mount: NGINX reads them when it starts, and no file that stands alone changes while its pod lives. */
const mountedSecrets = (usage: GatewayUsageReporting | undefined): SecretReference[] =>
  usage
    ? [usage.license, usage.trustedCertificates, usage.clientCertificate].filter((secret) => secret !== undefined)
    : [];

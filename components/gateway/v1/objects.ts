import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretReference } from "../../foundation";
import { checksumAnnotations } from "../../nginx";
import { securityContextConstraints } from "../openshift";
import type { ResolvedUsage } from "../usage";
import { bootstrapFiles } from "./bootstrap";
import { alertRules, podMonitorSpec } from "./monitoring";
import { podSpec } from "./pod";
import type { ResolvedGatewayFabricV1 } from "./resolve";
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
  resolved: ResolvedGatewayFabricV1,
  opts: { parent: pulumi.Resource; dependsOn?: pulumi.ResourceOptions["dependsOn"] },
  crds: pulumi.Resource[],
): pulumi.Resource[] {
  const { namespace, release: name, version, usage, monitoring, service } = resolved;
  const child = { parent: opts.parent };
  const afterCrds = { ...child, dependsOn: crds };
  const selector = selectorOf(name);
  const labels = { ...selector, "app.kubernetes.io/version": version.version };
  // Names that the control plane gets as flags and the cluster's administrators look for: upstream's.
  const named = { name, namespace, labels };

  const pullSecrets = resolved.imagePullSecrets.map((secret) => ({ name: secret }));
  const serviceAccount = new k8s.core.v1.ServiceAccount(
    `${component}-account`,
    { metadata: named, imagePullSecrets: pullSecrets.length > 0 ? pullSecrets : undefined },
    child,
  );
  const constraints = resolved.openshift ? `${name}-scc` : undefined;
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
      rules: [
        ...clusterRules({
          plus: resolved.plus,
          productTelemetry: resolved.productTelemetry,
          leaderElection: resolved.leaderElection,
          experimental: resolved.experimentalFeatures,
          snippetsFilters: resolved.snippetsFilters,
          constraints,
        }),
        ...(resolved.version.additions.rules ?? []),
      ],
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

  const data = bootstrapFiles(resolved.errorLevel, usage);
  const bootstrap = new k8s.core.v1.ConfigMap(
    `${component}-bootstrap`,
    { metadata: { namespace, labels }, data },
    child,
  );
  new k8s.core.v1.Service(
    `${component}-service`,
    { metadata: { ...named, annotations: service.annotations }, spec: serviceSpec(service, selector) },
    child,
  );

  const own = { apiVersion: "gateway.nginx.org/v1alpha1" };
  const config = new k8s.apiextensions.CustomResource(
    `${component}-settings`,
    {
      ...own,
      kind: "NginxGateway",
      metadata: { ...named, name: `${name}-config` },
      spec: { logging: { level: resolved.logLevel } },
    },
    afterCrds,
  );
  const { proxy } = resolved;
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
      metadata: { name: resolved.gatewayClassName, labels },
      spec: {
        controllerName: resolved.gatewayControllerName,
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
        replicas: resolved.replicas,
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: selector,
            annotations: {
              ...(monitoring.enabled && {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": `${monitoring.port}`,
                ...(monitoring.secure && { "prometheus.io/scheme": "https" }),
              }),
              ...checksumAnnotations(component, data, mountedSecrets(usage), child),
            },
          },
          spec: podSpec(resolved, bootstrap.metadata.name),
        },
      },
    },
    pulumi.mergeOptions({ dependsOn: opts.dependsOn }, { ...child, dependsOn: [binding, config] }),
  );
  return [gatewayClass, deployment];
}

/** Makes the objects by which the Prometheus Operator collects the metrics, and warns. */
export function makeMonitoring(
  component: string,
  { namespace, release, version, monitoring, gatewayClassName }: ResolvedGatewayFabricV1,
  opts: pulumi.CustomResourceOptions,
): void {
  const selector = selectorOf(release);
  const labels = { ...selector, "app.kubernetes.io/version": version.version, ...monitoring.labels };
  const common = { apiVersion: "monitoring.coreos.com/v1", metadata: { namespace, labels } };
  new k8s.apiextensions.CustomResource(
    `${component}-pod-monitor`,
    { ...common, kind: "PodMonitor", spec: podMonitorSpec(monitoring.secure, selector) },
    opts,
  );
  new k8s.apiextensions.CustomResource(
    `${component}-alerts`,
    { ...common, kind: "PrometheusRule", spec: alertRules(gatewayClassName) },
    opts,
  );
}

/** Returns the labels by which the pods are found. */
export const selectorOf = (release: string) => ({
  "app.kubernetes.io/name": release,
  "app.kubernetes.io/instance": release,
});

/** Returns the Secrets that the pods mount: NGINX reads them when it starts, and a file that is mounted alone never changes in its pod. */
const mountedSecrets = (usage: ResolvedUsage | undefined): SecretReference[] =>
  usage
    ? [usage.license, usage.trustedCertificates, usage.clientCertificate].filter((secret) => secret !== undefined)
    : [];

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { instanceLabel, makeInstance, makeSecret, resolveArguments, withFacts } from "../foundation";
import { alertRules } from "./alerts";
import { checksumAnnotations } from "./checksums";
import { dashboardData } from "./dashboard";
import { blockFile } from "./management";
import { podMonitorSpec, scrapeAnnotations } from "./monitoring";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { podSpec } from "./pod";
import { resolveOwnNginx } from "./resolve";
import { autoscalerSpec, disruptionBudgetSpec } from "./scaling";
import { serviceSpec } from "./service";

/**
 * NGINX Plus, or open-source NGINX, as a Deployment behind a Service, with a configuration that is given as a tree.
 *
 * Pods are ready while NGINX itself answers on port 8080 (`/healthz`). By its documentation, NGINX Plus without a licence or a usage report stops all traffic, this server's too;
 * that was never run.
 */
export class NginxPlus extends pulumi.ComponentResource {
  /** Name of the Service. */
  readonly serviceName: pulumi.Output<string>;
  /** Host name of the Service inside the cluster. */
  readonly host: pulumi.Output<string>;
  /** Name of the Deployment. */
  readonly deploymentName: pulumi.Output<string>;
  /** Name of the ConfigMap with the configuration; files for which it has no room are in others. */
  readonly configMapName: pulumi.Output<string>;

  constructor(name: string, args: NginxPlusArgs, opts?: pulumi.ComponentResourceOptions) {
    const resolved = resolveArguments("NginxPlus", name, "NginxPlusArgs", args, resolveOwnNginx);
    const { namespace, edition, autoscaling, monitoring, management: block } = resolved;
    super("nginx-stacks:index:NginxPlus", name, resolved.recorded, opts);
    const child = { parent: this };
    const instance = makeInstance(name, child);
    const selector = { "app.kubernetes.io/name": "nginx", [instanceLabel]: instance };
    const metadata = { namespace, labels: selector };

    for (const warning of resolved.warnings) pulumi.log.warn(warning, this);
    const made = block && makeSecret(`${name}-management`, "Opaque", { [blockFile]: block }, metadata, child);
    const secrets = resolved.secrets(made);

    const serviceAccount = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const configMaps = resolved.configMaps.map(
      (part, index) =>
        new k8s.core.v1.ConfigMap(
          index === 0 ? `${name}-config` : `${name}-config-${index + 1}`,
          { metadata, data: part },
          child,
        ),
    );
    if (resolved.networkPolicy)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-network-policy`,
        { metadata, spec: { podSelector: { matchLabels: selector }, ...resolved.networkPolicy } },
        child,
      );
    const deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          replicas: resolved.replicas,
          selector: { matchLabels: selector },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: {
            metadata: {
              labels: selector,
              annotations: {
                ...checksumAnnotations(name, resolved.data, secrets, child),
                ...(monitoring && scrapeAnnotations),
              },
            },
            spec: podSpec(resolved, {
              serviceAccountName: serviceAccount.metadata.name,
              configMaps: configMaps.map((configMap, index) => ({
                name: configMap.metadata.name,
                keys: new Set(Object.keys(resolved.configMaps[index]!)),
              })),
              secrets,
              selector,
            }),
          },
        },
      },
      {
        ...child,
        // What the component waits for, its children do not by themselves.
        dependsOn: opts?.dependsOn,
        // The number is the first one only, and then the autoscaler's. Were it left out, Kubernetes would make it 1 in a Deployment that had it.
        ...(autoscaling && { ignoreChanges: ["spec.replicas"] }),
      },
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, name: resolved.service.name, annotations: resolved.service.annotations },
        spec: serviceSpec(resolved.service, resolved.ports, selector),
      },
      child,
    );
    if (resolved.podDisruptionBudget)
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption-budget`,
        { metadata, spec: disruptionBudgetSpec(resolved.podDisruptionBudget, selector) },
        child,
      );
    if (autoscaling)
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        { metadata, spec: autoscalerSpec(autoscaling, edition, deployment.metadata.name) },
        child,
      );
    if (monitoring?.prometheusOperator) {
      const operator = { apiVersion: "monitoring.coreos.com/v1" };
      const labelled = { namespace, labels: { ...selector, ...monitoring.labels } };
      new k8s.apiextensions.CustomResource(
        `${name}-pod-monitor`,
        { ...operator, kind: "PodMonitor", metadata: labelled, spec: podMonitorSpec(selector, instanceLabel) },
        child,
      );
      new k8s.apiextensions.CustomResource(
        `${name}-alerts`,
        {
          ...operator,
          kind: "PrometheusRule",
          metadata: labelled,
          spec: instance.apply((job) => alertRules(resolved, job)),
        },
        child,
      );
      if (monitoring.dashboardLabels)
        new k8s.core.v1.ConfigMap(
          `${name}-dashboard`,
          {
            metadata: { namespace, labels: { ...selector, ...monitoring.dashboardLabels } },
            data: instance.apply((job) => dashboardData(resolved, job, name)),
          },
          child,
        );
    }

    const outputs = {
      serviceName: withFacts(service.metadata.name, { component: `NginxPlus "${name}"`, namespace }),
      host: pulumi.interpolate`${service.metadata.name}.${namespace}.svc`,
      deploymentName: deployment.metadata.name,
      configMapName: configMaps[0]!.metadata.name,
    };
    this.serviceName = outputs.serviceName;
    this.host = outputs.host;
    this.deploymentName = outputs.deploymentName;
    this.configMapName = outputs.configMapName;
    this.registerOutputs(outputs);
  }
}

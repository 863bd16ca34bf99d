import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { makeSecret, resolveArguments } from "../foundation";
import { alertRules } from "./alerts";
import { checksumAnnotations } from "./checksums";
import { dashboardData, dashboardLabel } from "./dashboard";
import { Edition } from "./edition";
import { instanceLabel, instanceName } from "./labels";
import { blockFile } from "./management";
import { podMonitorSpec, scrapeAnnotations } from "./monitoring";
import { fileVolumes, managementVolume, secretVolumes } from "./mounts";
import { networkPolicySpec } from "./network-policy";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { podSpec } from "./pod";
import { defaultRelease } from "./releases";
import { remarks } from "./remarks";
import { containedResolution, resolveNginx } from "./resolve";
import { autoscalerSpec, defaultReplicas, disruptionBudgetSpec } from "./scaling";
import { serviceSpec } from "./service";

/**
 * NGINX Plus, or open-source NGINX, as a Deployment behind a Service, with a configuration that is given as a tree.
 *
 * Pods are ready while NGINX itself answers on port 8080 (`/healthz`): NGINX Plus that has stopped its traffic for want of a licence or a usage report answers nobody.
 * That it stops this server too is what its documentation says of all traffic, and was not seen by the makers of this library, who have no NGINX Plus.
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
    const resolved =
      containedResolution(args) ?? resolveArguments("NginxPlus", name, "NginxPlusArgs", args, resolveNginx);
    const { data, configMaps: parts, management: block } = resolved;
    const { namespace, edition = Edition.plus, release, image, replicas, ports, autoscaling, monitoring } = args;
    super(
      "nginx-stacks:index:NginxPlus",
      name,
      {
        namespace,
        edition,
        release: edition === Edition.plus ? (release ?? defaultRelease) : undefined,
        image,
        replicas,
        ports,
      },
      opts,
    );
    const child = { parent: this };
    const instance = instanceName(name);
    const selector = { "app.kubernetes.io/name": "nginx", [instanceLabel]: instance };
    const metadata = { namespace, labels: selector };

    for (const remark of remarks(args)) pulumi.log.warn(remark, this);
    const made = block && makeSecret(`${name}-management`, "Opaque", { [blockFile]: block }, metadata, child);
    const secrets = secretVolumes(args, managementVolume(args, made));

    const serviceAccount = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const configMaps = parts.map(
      (part, index) =>
        new k8s.core.v1.ConfigMap(
          index === 0 ? `${name}-config` : `${name}-config-${index + 1}`,
          { metadata, data: part },
          child,
        ),
    );
    if (args.networkPolicy)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-network-policy`,
        { metadata, spec: networkPolicySpec(args, selector) },
        child,
      );
    const deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          replicas: replicas ?? autoscaling?.minReplicas ?? defaultReplicas,
          selector: { matchLabels: selector },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: {
            metadata: {
              labels: selector,
              annotations: {
                ...checksumAnnotations(name, data, secrets, child),
                ...(monitoring && scrapeAnnotations),
              },
            },
            spec: podSpec(args, {
              serviceAccountName: serviceAccount.metadata.name,
              configMaps: configMaps.map((configMap, index) => ({
                name: configMap.metadata.name,
                keys: new Set(Object.keys(parts[index]!)),
              })),
              files: fileVolumes(args.files),
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
        metadata: { ...metadata, name: args.service?.name, annotations: args.service?.annotations },
        spec: serviceSpec(args.service ?? {}, ports, selector),
      },
      child,
    );
    if (args.podDisruptionBudget)
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption-budget`,
        { metadata, spec: disruptionBudgetSpec(args.podDisruptionBudget, selector) },
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
        { ...operator, kind: "PrometheusRule", metadata: labelled, spec: alertRules(args, instance) },
        child,
      );
      if (monitoring.dashboard)
        new k8s.core.v1.ConfigMap(
          `${name}-dashboard`,
          {
            metadata: { namespace, labels: { ...selector, ...(monitoring.dashboardLabels ?? dashboardLabel) } },
            data: dashboardData(args, instance),
          },
          child,
        );
    }

    const outputs = {
      serviceName: service.metadata.name,
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

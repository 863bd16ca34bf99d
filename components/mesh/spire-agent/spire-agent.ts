import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { makeInstance } from "../../foundation";
import { checksumAnnotations } from "../../nginx";
import { printHcl } from "../hcl";
import { agentSocketFolder, agentSocketName, meshLabels } from "../mesh-reference";
import { makeMonitoring, scrapeAnnotations } from "../monitoring";
import { allowPrivileged } from "../openshift";
import { publicText } from "../public-text";
import { bindRules } from "../rbac";
import { agentAlerts } from "./alerts";
import { agentConfiguration, agentFile, agentLayout } from "./configuration";
import { agentPolicySpec } from "./network-policy";
import { agentPodSpec } from "./pod";
import { resolveAgent } from "./resolve";
import type { SpireAgentArgs } from "./spire-agent-args";

/**
 * The SPIRE agents of a cluster, one on each node: they attest the workloads of the node, fetch and renew their certificates, and give them out on the socket of the Workload API.
 *
 * By their `mesh` they come after the server, are updated after it, and go before it. A node's socket is in `/run/spire/agent-sockets`, which SpiffeCsiDriver brings into pods.
 */
export class SpireAgent extends pulumi.ComponentResource {
  /** Name of the DaemonSet; taking it from here makes whatever uses it wait for the agents. */
  readonly daemonSetName: pulumi.Output<string>;
  /** Path of the socket of the Workload API on each node. */
  readonly socketPath: pulumi.Output<string>;

  constructor(name: string, args: SpireAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    const agent = resolveAgent(name, args);
    const { mesh, kubelet, monitoring } = agent;
    const { agentNamespace: namespace, clusterName } = mesh;
    // A component may stand for its Secret, and nothing else of it belongs into the state.
    const recorded = { ...kubelet, authorities: kubelet.authorities?.secretName };
    super(
      "nginx-stacks:index:SpireAgent",
      name,
      { namespace, clusterName, trustDomain: mesh.trustDomain, kubelet: recorded },
      opts,
    );
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const instance = makeInstance(name, { parent: this });
    const selector = meshLabels("spire-agent", instance);
    const metadata = { namespace, labels: selector };

    const subject = { kind: "ServiceAccount", name: mesh.agentServiceAccountName, namespace };
    const resource = kubelet.fineGrainedAuthorization ? "nodes/pods" : "nodes/proxy";
    // The kubelet asks the API server whether the agent may read its pods; of the API server itself the agent wants nothing.
    const rules = [{ apiGroups: [""], resources: [resource], verbs: ["get"] }];
    const binding = bindRules(`${name}-cluster`, selector, undefined, rules, subject, child);
    if (agent.openshift) allowPrivileged(name, metadata, mesh.agentServiceAccountName, child);
    const data = { [agentFile]: publicText(printHcl(agentConfiguration(agent)), agent.openPlugins) };
    const configMap = new k8s.core.v1.ConfigMap(`${name}-config`, { metadata, data }, child);
    const secrets = [
      ...(kubelet.authorities ? [{ revision: kubelet.authorities.revision }] : []),
      ...(agent.secretVariables ?? []),
    ];
    if (agent.denied)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-network-policy`,
        { metadata, spec: agentPolicySpec(agent, selector) },
        child,
      );
    const daemonSet = new k8s.apps.v1.DaemonSet(
      `${name}-agent`,
      {
        metadata,
        spec: {
          selector: { matchLabels: selector },
          updateStrategy: {
            type: "RollingUpdate",
            rollingUpdate: { maxUnavailable: unavailable(agent.maxUnavailable) },
          },
          template: {
            metadata: {
              labels: selector,
              // The agent reads its configuration at start only.
              annotations: {
                ...checksumAnnotations(name, data, secrets, child),
                ...(monitoring && scrapeAnnotations(agentLayout.metricsPort)),
              },
            },
            spec: agentPodSpec(agent, configMap.metadata.name),
          },
        },
      },
      pulumi.mergeOptions(child, { dependsOn: [binding] }),
    );
    if (monitoring?.prometheusOperator)
      makeMonitoring(
        name,
        { namespace, selector, instance, labels: monitoring.labels },
        ["metrics"],
        agentAlerts,
        child,
      );

    const outputs = {
      daemonSetName: daemonSet.metadata.name,
      socketPath: daemonSet.urn.apply(() => `${agentSocketFolder}/${agentSocketName}`),
    };
    this.daemonSetName = outputs.daemonSetName;
    this.socketPath = outputs.socketPath;
    this.registerOutputs(outputs);
  }
}

/** A number has to be one for Kubernetes, and a percentage a text. */
const unavailable = (given: string) => (given.endsWith("%") ? given : Number(given));

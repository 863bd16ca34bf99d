import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { makeInstance, publicText } from "../../foundation";
import { checksumAnnotations } from "../../nginx";
import { printHcl } from "../hcl";
import { agentSocketFolder, agentSocketName, meshLabels } from "../mesh-reference";
import { makeMonitoring, scrapeAnnotations } from "../monitoring";
import { allowPrivileged } from "../openshift";
import { bindRules } from "../rbac";
import { agentAlerts } from "./alerts";
import { agentFile, agentLayout, renderAgentConfiguration } from "./configuration";
import { renderAgentPolicy } from "./network-policy";
import { renderAgentPod } from "./pod";
import { resolveSpireAgent } from "./resolve";
import type { SpireAgentArgs } from "./spire-agent-args";

/**
 * SPIRE agents, one on each node of a cluster. They attest the workloads of the node, renew their certificates, and serve them on the socket of the Workload API.
 *
 * They are created and updated after the server of their `mesh`, and deleted before it. The socket of a node is in `/run/spire/agent-sockets`, which SpiffeCsiDriver mounts into pods.
 */
export class SpireAgent extends pulumi.ComponentResource {
  /** Name of the DaemonSet. Resources that use this output wait for the agents. */
  readonly daemonSetName: pulumi.Output<string>;
  /** Path of the socket of the Workload API on each node. */
  readonly socketPath: pulumi.Output<string>;

  constructor(name: string, args: SpireAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    const agent = resolveSpireAgent(name, args);
    const { mesh, kubelet, monitoring } = agent;
    const { agentNamespace: namespace, clusterName } = mesh;
    // The argument may be a whole component, of which only the Secret's name is recorded.
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
    const resource = kubelet.unsafeNodesProxy ? "nodes/proxy" : "nodes/pods";
    // The kubelet authorizes the agent by this rule; the agent does not use the API server itself.
    const rules = [{ apiGroups: [""], resources: [resource], verbs: ["get"] }];
    const binding = bindRules(`${name}-cluster`, selector, undefined, rules, subject, child);
    if (agent.openshift) allowPrivileged(name, metadata, mesh.agentServiceAccountName, child);
    const data = { [agentFile]: publicText(printHcl(renderAgentConfiguration(agent)), agent.openPlugins) };
    const configMap = new k8s.core.v1.ConfigMap(`${name}-config`, { metadata, data }, child);
    const secrets = [
      ...(kubelet.authorities ? [{ revision: kubelet.authorities.revision }] : []),
      ...(agent.secretVariables ?? []),
    ];
    if (agent.denied)
      new k8s.networking.v1.NetworkPolicy(
        `${name}-network-policy`,
        { metadata, spec: renderAgentPolicy(agent, selector) },
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
            rollingUpdate: { maxUnavailable: toNumberOrPercentage(agent.maxUnavailable) },
          },
          template: {
            metadata: {
              labels: selector,
              // The agent reads its configuration only at start.
              annotations: {
                ...checksumAnnotations(name, data, secrets, child),
                ...(monitoring && scrapeAnnotations(agentLayout.metricsPort)),
              },
            },
            spec: renderAgentPod(agent, configMap.metadata.name),
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

/** Returns the number or percentage in the type that Kubernetes requires. */
const toNumberOrPercentage = (given: string) => (given.endsWith("%") ? given : Number(given));

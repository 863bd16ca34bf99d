import { until } from "../cluster/until";
import type { NodeCluster } from "./node";
import type { Loose } from "./rendered";

/** Waits for an event of a pod with this name's beginning, which says why it is not Ready. */
export const expectEvent = (node: NodeCluster, namespace: string, message: RegExp, pod = "") =>
  until(`an event ${message} of ${pod}`, 60, async () => {
    const events: Loose[] = JSON.parse(await node.kubectl(["get", "events", "-n", namespace, "-o", "json"])).items;
    return events.some((one) => one.involvedObject.name.startsWith(pod) && message.test(one.message)) || undefined;
  });

/** A fault in a Deployment, and the event by which a cluster reports it. */
export interface Mutation {
  name: string;
  change(deployment: Loose): void;
  reason: RegExp;
  /** Whether it changes a Secret's volume. */
  needsSecret?: boolean;
}

/** The faults that must keep a pod from Ready. */
export const mutations: Mutation[] = [
  {
    name: "a probe of another port",
    change(deployment) {
      deployment.spec.template.spec.containers[0].readinessProbe.httpGet.port = 8089;
    },
    reason: /Readiness probe failed: .*:8089/,
  },
  {
    name: "a Secret that is not there",
    change(deployment) {
      const secrets = deployment.spec.template.spec.volumes.filter((volume: Loose) => volume.secret);
      secrets[0].secret.secretName = "missing";
    },
    reason: /secret "missing" not found/,
    needsSecret: true,
  },
];

/** Expects that a new pod with the fault never becomes Ready and that no old pod ends for it, then takes the fault back. */
export async function expectNotReady(
  node: NodeCluster,
  original: Loose,
  { change, reason }: Mutation,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const deployment = structuredClone(original);
  change(deployment);
  // One pod of the new kind beside those that serve.
  deployment.spec.strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await node.apply([deployment]);
  await expectEvent(node, original.metadata.namespace, reason);
  await meanwhile();
  const { status }: Loose = await node.get("deployment", original.metadata.name, original.metadata.namespace);
  expect(status).toMatchObject({ updatedReplicas: 1, unavailableReplicas: 1, readyReplicas: original.spec.replicas });
  await node.apply([original]);
  await node.waitReady([original], 60);
}

/**
 * Expects that copies of Deployments, each with the fault, never become Ready. They are pods of the same labels and one more, so that all policies
 * hold for them.
 */
export async function expectCopiesNotReady(
  node: NodeCluster,
  deployments: Loose[],
  { change, reason }: Mutation,
): Promise<void> {
  const copies = deployments.map((original) => {
    const copy = structuredClone(original);
    change(copy);
    copy.metadata.name = `faulty-${original.metadata.name}`.slice(0, 50);
    const labels = { ...copy.spec.template.metadata.labels, faulty: "true" };
    copy.spec.template.metadata.labels = labels;
    copy.spec.selector = { matchLabels: labels };
    copy.spec.replicas = 1;
    return copy;
  });
  await node.apply(copies);
  await Promise.all(copies.map(({ metadata }) => expectEvent(node, metadata.namespace, reason, metadata.name)));
  for (const { metadata } of copies) {
    const { status }: Loose = await node.get("deployment", metadata.name, metadata.namespace);
    expect([metadata.name, status.replicas, status.readyReplicas]).toEqual([metadata.name, 1, undefined]);
    await node.kubectl(["delete", "deployment", "--wait=false", "-n", metadata.namespace, metadata.name]);
  }
}

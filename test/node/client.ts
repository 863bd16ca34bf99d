import type { KubernetesObject } from "../../engine";
import { until } from "../cluster/until";
import { pauseImage } from "./images";
import type { NodeCluster } from "./node";

/** A pod that does nothing by itself, to make connections from. */
export const clientPod = (namespace: string, name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels },
  spec: {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "client",
        image: pauseImage,
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

/** Place that connections come from: a pod, or the node itself. */
export type Origin = KubernetesObject | "node";

/** Whether a TCP connection from there is accepted. */
export async function connects(node: NodeCluster, from: Origin, host: string, port: number): Promise<boolean> {
  const command = ["nc", "-w", "2", host, String(port)];
  if (from === "node") {
    // The node has no cluster DNS: its kubelet and proxy use addresses.
    const { status } = node.onNode("bash", "-c", `timeout 2 bash -c '</dev/tcp/${host}/${port}'`);
    return status === 0;
  }
  const { namespace, name } = from.metadata;
  try {
    await node.kubectl(["exec", "-n", String(namespace), String(name), "--", ...command], "");
    return true;
  } catch {
    return false;
  }
}

/** Waits until connections are accepted or refused as expected: the enforcer applies a change within a moment. */
export async function expectConnections(
  node: NodeCluster,
  expected: { from: Origin; host: string; port: number; reached: boolean }[],
): Promise<void> {
  await until("connections as expected", 20, async () => {
    const seen = await Promise.all(expected.map(({ from, host, port }) => connects(node, from, host, port)));
    const wrong = expected
      .filter(({ reached }, index) => seen[index] !== reached)
      .map(({ from, host, port, reached }) => {
        const origin = from === "node" ? from : from.metadata.name;
        return `${origin} → ${host}:${port} is ${reached ? "not " : ""}reached`;
      });
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    return true;
  });
}

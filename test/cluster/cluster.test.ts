import type { KubernetesObject } from "../../engine";
import { describeCluster } from "./fixture";
import { longestWaitSeconds } from "./until";

const namespace = "cluster-self-test";
const selector = { app: "web" };

const web: KubernetesObject[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          containers: [
            {
              name: "web",
              image: "registry.k8s.io/pause:3.10",
              volumeMounts: [{ name: "data", mountPath: "/data" }],
              ports: [{ containerPort: 80 }],
            },
          ],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
        },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace },
    spec: { type: "LoadBalancer", selector, ports: [{ name: "http", port: 80 }] },
  },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "smoke", namespace },
    spec: {
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [{ name: "smoke", image: "docker.io/library/busybox:1.37", command: ["true"] }],
        },
      },
    },
  },
];

describeCluster("the fixture", (cluster) => {
  test("a Deployment with a claim, a load balancer and a Job become Ready", async () => {
    await cluster().apply(web);
    await cluster().waitReady(web);
  });

  test("an unknown field is refused", async () => {
    const misspelt = structuredClone(web[2]!) as {
      spec: { template: { spec: Record<string, unknown> } };
    } & KubernetesObject;
    misspelt.metadata.name = "misspelt";
    misspelt.spec.template.spec.tolerance = [];
    await expect(cluster().apply([misspelt])).rejects.toThrow(
      ".spec.template.spec.tolerance: field not declared in schema",
    );
  });

  test("a Service that selects nothing is named as not ready", async () => {
    const lost: KubernetesObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "lost", namespace },
      spec: { selector: { app: "absent" }, ports: [{ port: 80 }] },
    };
    await cluster().apply([lost]);
    await expect(cluster().waitReady([...web, lost], 2)).rejects.toThrow(
      "6 objects Ready: not within 2 s\nError: Service cluster-self-test/lost: no ready endpoint",
    );
  });

  test("a pod that no node can take is named as not ready", async () => {
    const stranded = structuredClone(web[2]!) as {
      spec: { template: { spec: Record<string, unknown> } };
    } & KubernetesObject;
    stranded.metadata.name = "stranded";
    stranded.spec.template.spec.nodeSelector = { disk: "absent" };
    await cluster().apply([stranded]);
    await cluster().kubectl([
      ...["wait", "deployment/stranded", "-n", namespace, "--for=jsonpath={.status.unavailableReplicas}=3"],
      `--timeout=${longestWaitSeconds}s`,
    ]);
    await expect(cluster().waitReady([stranded], 2)).rejects.toThrow(
      "Deployment cluster-self-test/stranded: 3/0/3 of 3",
    );
  });
});

import * as k8s from "@pulumi/kubernetes";
import { Sidecar, type SidecarArgs, withSidecar } from "../../components/mesh";
import { type KubernetesObject, manifests, record } from "../../engine";
import { mesh } from "../components/mesh/sidecar-fixture";
import { openSourceImage } from "./images";
import { forNode } from "./rendered";

type PodSpec = k8s.types.input.core.v1.PodSpec;

/** Namespace of the workloads, which admits the redirect by iptables. */
export const ring = "ring";
/** Ports of the members, in mode strict and in mode permissive. */
export const ports = { strict: 8080, permissive: 8081 };
/** Host name by which the other pods know a member. */
export const memberHost = (index: number) => `members-${index}.members.${ring}.svc.cluster.local`;

const account = (serviceAccount: string) => ({ namespace: ring, serviceAccount });

/** Workloads whose connections are redirected: a StatefulSet whose pods talk to each other by name, and a Job that asks one of them. */
export async function redirectedWorkloads(trustDomain: string): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const metadata = { namespace: ring };
    new k8s.core.v1.Namespace(ring, {
      metadata: { name: ring, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    });
    const sidecar = (name: string, args: Partial<SidecarArgs>) => {
      new k8s.core.v1.ServiceAccount(name, { metadata: { ...metadata, name } });
      const common = { namespace: ring, mesh: { ...mesh, trustDomain }, edition: "oss", redirect: {} } as const;
      return new Sidecar(name, { ...common, ...args });
    };
    const outbound: SidecarArgs["outbound"] = [0, 1].map((index) => ({
      name: `member-${index}`,
      host: memberHost(index),
      port: ports.strict,
      protocol: "http",
      peer: account("members"),
    }));
    const members = sidecar("members", {
      inbound: [
        {
          port: ports.strict,
          protocol: "http",
          allow: [account("members"), account("asker")],
          plainPaths: ["/healthz"],
        },
        { port: ports.permissive, protocol: "http", mode: "permissive", allow: [account("members")] },
      ],
      outbound,
    });
    const site = new k8s.core.v1.ConfigMap("site", {
      metadata,
      data: { "default.conf": Object.values(ports).map(answerWithName).join("\n") },
    });
    const labels = { "app.kubernetes.io/name": "members" };
    const template = (name: string, spec: Partial<PodSpec>, container: object) => ({
      metadata: { labels: { "app.kubernetes.io/name": name } },
      spec: {
        serviceAccountName: name,
        securityContext: { runAsUser: 101 },
        containers: [{ name, image: openSourceImage, ...container }],
        ...spec,
      },
    });
    new k8s.apps.v1.StatefulSet("members", {
      metadata: { ...metadata, name: "members" },
      spec: {
        serviceName: "members",
        replicas: 2,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: withSidecar(
          template(
            "members",
            { volumes: [{ name: "site", configMap: { name: site.metadata.name } }] },
            {
              ports: Object.values(ports).map((containerPort) => ({ containerPort })),
              readinessProbe: { httpGet: { path: "/healthz", port: ports.strict }, periodSeconds: 1 },
              volumeMounts: [{ name: "site", mountPath: "/etc/nginx/conf.d" }],
            },
          ),
          members,
        ),
      },
    });
    new k8s.core.v1.Service("members", {
      metadata: { ...metadata, name: "members" },
      spec: { clusterIP: "None", selector: labels, ports: [{ port: ports.strict }] },
    });
    const command = ["wget", "-q", "-O", "-", `http://${memberHost(1)}:${ports.strict}/`];
    new k8s.batch.v1.Job("asker", {
      metadata: { ...metadata, name: "asker" },
      spec: {
        template: withSidecar(
          template("asker", { restartPolicy: "OnFailure" }, { command }),
          sidecar("asker", { outbound }),
        ),
      },
    });
  });
  return forNode(manifests(run, { secrets: "show" }));
}

const answerWithName = (port: number) =>
  `server { listen ${port}; location = /healthz { return 200; } location / { return 200 "$hostname"; } }`;

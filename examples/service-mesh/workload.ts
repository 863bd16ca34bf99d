import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Sidecar, withSidecar } from "nginx-stacks";

/** Arguments of a workload of the example. */
export interface WorkloadArgs {
  namespace: pulumi.Input<string>;
  sidecar: Sidecar;
  /** Whether the API server adds the sidecar to new pods, instead of this program. @default false */
  byLabel?: boolean;
  /** Port of the Service. @default none: the workload is a client */
  port?: number;
  /** Port on 127.0.0.1 on which the application listens. */
  listen?: number;
  /** Directive of NGINX that answers requests. */
  answer?: string;
  /** Command of a client. */
  command?: string[];
}

const image = "docker.io/nginxinc/nginx-unprivileged:1.30.7";

/** Makes an application without TLS and its ServiceAccount, and returns the host name of its Service. */
export function workload(name: string, args: WorkloadArgs): pulumi.Output<string> {
  const { namespace, sidecar, byLabel = false, port, command } = args;
  const labels = { "app.kubernetes.io/name": name };
  const account = new kubernetes.core.v1.ServiceAccount(name, {
    // The name is part of the workload's identity.
    metadata: { name, namespace },
    automountServiceAccountToken: false,
  });
  const site = command ? undefined : siteOf(name, args);
  const template: kubernetes.types.input.core.v1.PodTemplateSpec = {
    metadata: { labels },
    spec: {
      serviceAccountName: account.metadata.name,
      securityContext: { runAsNonRoot: true, runAsUser: 101, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name,
          image,
          command,
          ports: port ? [{ name: "http", containerPort: port }] : [],
          readinessProbe: port ? { httpGet: { path: "/healthz", port } } : undefined,
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: site ? [{ name: "site", mountPath: "/etc/nginx/conf.d", readOnly: true }] : [],
        },
      ],
      volumes: site ? [{ name: "site", configMap: { name: site.metadata.name } }] : [],
    },
  };
  new kubernetes.apps.v1.Deployment(name, {
    metadata: { namespace },
    spec: {
      replicas: port ? 2 : 1,
      selector: { matchLabels: labels },
      template: byLabel ? labelled(template, sidecar, labels) : withSidecar(template, sidecar),
    },
  });
  if (port)
    new kubernetes.core.v1.Service(name, {
      metadata: { name, namespace },
      spec: { selector: labels, ports: [{ name: "http", port, targetPort: port }] },
    });
  return pulumi.interpolate`${name}.${namespace}.svc.cluster.local`;
}

/** Returns the template with the labels for injection, and the annotations that roll the pods. */
function labelled(
  template: kubernetes.types.input.core.v1.PodTemplateSpec,
  sidecar: Sidecar,
  own: Record<string, string>,
): kubernetes.types.input.core.v1.PodTemplateSpec {
  const labels = sidecar.labels.apply((labels) => ({ ...own, ...labels }));
  return { ...template, metadata: { labels, annotations: sidecar.annotations } };
}

/** Makes the configuration of a server that listens on 127.0.0.1, behind the sidecar. */
const siteOf = (name: string, { namespace, listen, answer }: WorkloadArgs) =>
  new kubernetes.core.v1.ConfigMap(name, {
    metadata: { namespace },
    data: {
      "default.conf": [
        "server {",
        `    listen 127.0.0.1:${listen};`,
        "    location = /healthz { return 200; }",
        `    location / { ${answer} }`,
        "}",
        "",
      ].join("\n"),
    },
  });

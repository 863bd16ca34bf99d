import type { KubernetesObject } from "../../engine";
import { NetworkPolicies, type Peer, type Pod, type Port, selects } from "./evaluate";

// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind, which the API server checks in the cluster tests
type Manifest = any;

/** A connection that the objects need to do their work. */
interface Flow {
  from: Peer;
  to: Peer;
  port: Port;
  /** Both ends and the port, for a reader. */
  title: string;
}

/** Pods of one workload, and every text that configures them. */
interface Workload {
  title: string;
  pod: Pod;
  texts: string[];
  account: string;
}

/**
 * Returns the connections that the objects need and their NetworkPolicies stop, with the policies that stop each. Looked
 * at are Services and the pods that have their names in a text, servers at other hosts, name servers, metrics that a
 * PodMonitor reads, the API server, and its webhooks. Probes are left out: every node may reach its own pods.
 */
export function stoppedFlows(objects: KubernetesObject[]): string[] {
  const policies = new NetworkPolicies(objects);
  return [
    ...new Set(
      neededFlows(objects).flatMap(({ from, to, port, title }) => {
        const stopping = policies.stopping(from, to, port);
        return stopping.length > 0 ? [`${title}: stopped by ${stopping.join(", ")}`] : [];
      }),
    ),
  ];
}

function neededFlows(objects: KubernetesObject[]): Flow[] {
  const workloads = objects.flatMap((object) => workloadOf(object, objects));
  const services = (objects as Manifest[]).filter(({ kind, spec }) => kind === "Service" && spec.selector);
  return [
    ...services.flatMap((service) => serviceFlows(service, workloads)),
    ...workloads.flatMap((workload) => serverFlows(workload, services, workloads)),
    ...monitorFlows(objects, workloads),
    ...apiServerFlows(objects, workloads),
  ];
}

/** Returns the NetworkPolicies that select pods of the objects, other than those that only deny. */
export function openingPolicies(objects: KubernetesObject[]): KubernetesObject[] {
  const pods = objects.flatMap((object) => workloadOf(object, objects)).map(({ pod }) => pod);
  return (objects as Manifest[]).filter(
    ({ kind, metadata, spec }) =>
      kind === "NetworkPolicy" &&
      [...(spec.ingress ?? []), ...(spec.egress ?? [])].length > 0 &&
      pods.some(({ namespace, labels }) => namespace === metadata.namespace && selects(spec.podSelector, labels)),
  );
}

function workloadOf(object: KubernetesObject, objects: KubernetesObject[]): Workload[] {
  const { kind, metadata, spec }: Manifest = object;
  const template = kind === "CronJob" ? spec.jobTemplate.spec.template : spec?.template;
  if (!template?.spec?.containers) return [];
  const namespace = metadata.namespace ?? "default";
  const containers: Manifest[] = [...(template.spec.initContainers ?? []), ...template.spec.containers];
  const named = containers.flatMap(({ ports = [] }) => ports).filter(({ name }: Manifest) => name);
  return [
    {
      title: `${kind}/${namespace}/${metadata.name}`,
      pod: {
        namespace,
        namespaceLabels: labelsOfNamespace(namespace, objects),
        labels: template.metadata?.labels ?? {},
        ports: Object.fromEntries(named.map(({ name, containerPort }: Manifest) => [name, containerPort])),
        hostNetwork: template.spec.hostNetwork === true,
      },
      texts: textsOf(template.spec, namespace, objects),
      account: `${namespace}/${template.spec.serviceAccountName ?? "default"}`,
    },
  ];
}

const labelsOfNamespace = (name: string, objects: KubernetesObject[]) => ({
  "kubernetes.io/metadata.name": name,
  ...((objects as Manifest[]).find(({ kind, metadata }) => kind === "Namespace" && metadata.name === name)?.metadata
    .labels ?? {}),
});

/** Returns the texts of a pod: commands, variables, and the ConfigMaps and Secrets that it mounts. */
function textsOf(pod: Manifest, namespace: string, objects: KubernetesObject[]): string[] {
  const containers: Manifest[] = [...(pod.initContainers ?? []), ...pod.containers];
  const sources: Manifest[] = (pod.volumes ?? []).flatMap((volume: Manifest) => volume.projected?.sources ?? [volume]);
  const mounted = new Set(
    sources.flatMap(({ configMap, secret }) => [
      ...(configMap ? [`ConfigMap/${configMap.name}`] : []),
      ...(secret ? [`Secret/${secret.secretName ?? secret.name}`] : []),
    ]),
  );
  const data = (objects as Manifest[])
    .filter(({ kind, metadata }) => metadata.namespace === namespace && mounted.has(`${kind}/${metadata.name}`))
    .flatMap(({ kind, data = {}, stringData = {} }) => [
      ...Object.values<string>(data).map((text) => (kind === "Secret" ? Buffer.from(text, "base64").toString() : text)),
      ...Object.values<string>(stringData),
    ]);
  return [
    // A host and its port may be two variables.
    ...containers.map(({ command = [], args = [], env = [] }) =>
      [...command, ...args, ...env.map(({ value = "" }: Manifest) => value)].join(" "),
    ),
    ...data,
  ];
}

const targetOf = ({ port, targetPort = port, protocol = "TCP" }: Manifest, { ports }: Pod): Port => ({
  port: typeof targetPort === "number" ? targetPort : ports[targetPort]!,
  protocol,
});

/** Each port of a Service can be reached by some peer, and by every pod that has the name of the Service in a text. */
function serviceFlows({ metadata, spec }: Manifest, workloads: Workload[]): Flow[] {
  const namespace = metadata.namespace ?? "default";
  const behind = workloads.filter(
    ({ pod }) => pod.namespace === namespace && selects({ matchLabels: spec.selector }, pod.labels),
  );
  const name = `Service/${namespace}/${metadata.name}`;
  return behind.flatMap(({ pod: to }) => [
    ...spec.ports.map((one: Manifest) => ({
      ...{ from: "any" as const, to, port: targetOf(one, to) },
      title: `a client to ${name} port ${one.port}`,
    })),
    ...workloads
      .filter((client) => !behind.includes(client))
      .flatMap((client) =>
        portsNamed(client, metadata.name, namespace, spec.ports).map((one: Manifest) => ({
          ...{ from: client.pod, to, port: targetOf(one, to) },
          title: `${client.title} to ${name} port ${one.port}`,
        })),
      ),
  ]);
}

/** Returns the ports of a Service whose numbers stand beside its name in a text; where none does, those that the text has. */
function portsNamed({ texts, pod }: Workload, service: string, namespace: string, ports: Manifest[]): Manifest[] {
  const short =
    pod.namespace === namespace
      ? `${service}(?:\\.${namespace}(?:\\.svc[a-z.]*)?)?`
      : `${service}\\.${namespace}(?:\\.svc[a-z.]*)?`;
  const named = new RegExp(`(?<![\\w.-])${short}(?![\\w.-])`);
  const qualified = new RegExp(`(?<![\\w.-])${service}\\.${namespace}(?:\\.svc[a-z.]*)?(?![\\w.-])`);
  return ports.filter(({ port }) =>
    texts.some(
      (text) =>
        new RegExp(`${named.source}:${port}\\b`).test(text) ||
        (qualified.test(text) &&
          !new RegExp(`${qualified.source}:\\d`).test(text) &&
          new RegExp(`(?<![\\w.])${port}\\b`).test(text)),
    ),
  );
}

/** Port of the pods behind a Service of Instance Manager's chart, whose objects are not there; policies see that port. */
const chartPodPort = (host: string) => (/^apigw\.[^.]+\.svc/.test(host) ? 8443 : undefined);

const nameServer: Pod = {
  namespace: "kube-system",
  namespaceLabels: { "kubernetes.io/metadata.name": "kube-system" },
  labels: { "k8s-app": "kube-dns" },
  ports: {},
};

/** Returns the pods whose NGINX has a host as its server name, with their port behind the Service; otherwise any peer. */
function servedAt(host: string, port: number, workloads: Workload[], services: Manifest[]): Pick<Flow, "to" | "port"> {
  const named = new RegExp(`^\\s*server_name [^;]*(?<![\\w.-])${host.replaceAll(".", "\\.")}[ ;]`, "m");
  const owner = workloads.find(({ texts }) => texts.some((text) => named.test(text)))?.pod;
  const open = services
    .filter(
      ({ metadata, spec }) =>
        owner?.namespace === metadata.namespace && selects({ matchLabels: spec.selector }, owner?.labels),
    )
    .flatMap(({ spec }) => spec.ports)
    .find((one: Manifest) => one.port === port);
  if (owner && open) return { to: owner, port: targetOf(open, owner) };
  return { to: "any", port: { port: chartPodPort(host) ?? port, protocol: "TCP" } };
}

/** An agent's server, as version 2 of the agent reads it. */
const agentServer = /^server:\n(?:\s+.*\n)*?\s+host: "?([a-z][\w.-]*)"?\n(?:\s+.*\n)*?\s+grpcPort: (\d+)$/gm;

/** Servers of NGINX's upstreams and of agents that no Service of the objects is, the endpoint of usage reports, and the name servers that find them. */
function serverFlows({ title, pod, texts }: Workload, services: Manifest[], workloads: Workload[]): Flow[] {
  const servers = texts.flatMap((text) => [
    ...text.matchAll(/^\s*server ([a-z][\w.-]*):(\d+)[ ;]/gm),
    ...text.matchAll(agentServer),
  ]);
  const outside = servers.filter(
    ([, host = ""]) =>
      !services.some(
        ({ metadata }) => host === metadata.name || host.startsWith(`${metadata.name}.${metadata.namespace}`),
      ),
  );
  const management = texts.find((text) => /^\s*license_token /m.test(text));
  const portOf = (endpoint: string) =>
    new RegExp(`^\\s*${endpoint}[^\\s;]*:(\\d+)[\\s;]`, "m").exec(management ?? "")?.[1];
  const reportPort = portOf("proxy ") ?? portOf("usage_report [^;]*endpoint=") ?? "443";
  return [
    ...outside.map(([, host = "", port]) => ({
      ...{ from: pod, ...servedAt(host, Number(port), workloads, services) },
      title: `${title} to ${host}:${port}`,
    })),
    ...(management
      ? [
          {
            from: pod,
            to: "any" as const,
            port: { port: Number(reportPort), protocol: "TCP" },
            title: `${title} to the endpoint of usage reports`,
          },
        ]
      : []),
    ...(servers.length > 0 || management
      ? ["UDP", "TCP"].map((protocol) => ({
          ...{ from: pod, to: nameServer, port: { port: 53, protocol } },
          title: `${title} to the name servers over ${protocol}`,
        }))
      : []),
  ];
}

function monitorFlows(objects: KubernetesObject[], workloads: Workload[]): Flow[] {
  return (objects as Manifest[])
    .filter(({ kind }) => kind === "PodMonitor")
    .flatMap(({ metadata, spec }) =>
      workloads
        .filter(({ pod }) => pod.namespace === metadata.namespace && selects(spec.selector, pod.labels))
        .flatMap(({ title, pod }) =>
          spec.podMetricsEndpoints.map(({ port }: Manifest) => ({
            ...{ from: "any" as const, to: pod, port: { port: pod.ports[port]!, protocol: "TCP" } },
            title: `Prometheus to ${title} port ${port}`,
          })),
        ),
    );
}

/** Pods whose account has rights call the API server, which calls the Services of webhooks. */
function apiServerFlows(objects: KubernetesObject[], workloads: Workload[]): Flow[] {
  const accounts = new Set(
    (objects as Manifest[])
      .filter(({ kind }) => kind === "RoleBinding" || kind === "ClusterRoleBinding")
      .flatMap(({ subjects = [] }) => subjects)
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return workloads
    .filter(({ account }) => accounts.has(account))
    .map(({ title, pod }) => ({
      ...{ from: pod, to: "any" as const, port: { port: 443, protocol: "TCP" } },
      title: `${title} to the API server`,
    }));
}

import type { Input } from "@pulumi/pulumi";
import { type Argument, isPlainInput, referenceTo, resolveArguments } from "../foundation";
import {
  block,
  directive,
  type NginxAutoscaling,
  type NginxContainer,
  type NginxPlusArgs,
  NginxPortProtocol,
  originsOf,
  type ResolvedNginx,
  resolveNginx,
} from "../nginx";
import type { MqttProxyArgs } from "./args";
import { checkArguments, checkModel } from "./checks";
import { credentialFiles, existingCredentialMounts } from "./credential-secrets";
import type { MqttModel } from "./model";
import {
  argumentAt,
  dialectOf,
  type ListenerFile,
  listenerFiles,
  listenerMounts,
  type MountedSecret,
  paths,
  routeMaps,
  streamNodes,
  webSocketNodes,
} from "./nginx";
import { resolveModel } from "./resolve-model";

/** An MqttProxy as it will be made. */
export interface ResolvedMqttProxy {
  namespace: Input<string>;
  model: MqttModel;
  /** The contained NginxPlus, without the Secrets with credentials that the proxy makes. */
  nginx: ResolvedNginx;
  /** Arguments that are recorded in state. */
  recorded: Pick<MqttProxyArgs, "namespace" | "edition" | "upstreams" | "defaultRoute"> & { port: number };
}

/** Returns an MqttProxy as it will be made, or throws every fault of its arguments in one error. */
export const resolveMqttProxy = (name: string, args: MqttProxyArgs): ResolvedMqttProxy =>
  resolveArguments("MqttProxy", name, "MqttProxyArgs", args, resolve);

function resolve(argument: Argument<MqttProxyArgs>): ResolvedMqttProxy {
  const args = argument.value;
  const model = argument.read(() => resolveModel(args));
  const sound = argument.passes(checkArguments, (passing) => model && checkModel(passing, model));
  // A configuration of faulty arguments would have faults of its own, which only follow from theirs.
  const configured = model && sound ? argument.read(() => configure(model)) : undefined;
  const secrets = model ? mountedSecrets(model) : [];
  const { argumentOfFile, ports, ...parts } = configured ?? snippetsAlone(args);
  const nginxArgs: NginxPlusArgs = {
    ...args.pods,
    namespace: args.namespace,
    edition: args.edition,
    license: args.license,
    resources: args.pods?.resources ?? defaultResources,
    autoscaling: args.pods?.autoscaling && slowScaleDown(args.pods.autoscaling),
    ...parts,
    ports: ports.map(({ name, port, targetPort }) => ({ name, port, targetPort })),
    secretMounts: secrets.map(({ argument: _, ...mount }) => mount),
  };
  const rename = (path: string) => {
    const [, list, index, keys] = /^(ports|files|secretMounts)\[(\d+)\](\.keys)?/.exec(path) ?? [];
    if (list === "ports") return ports[Number(index)]!.path || "port";
    if (list === "files") return argumentOfFile[Number(index)]!;
    // Of the keys, the user names that of existing credentials alone.
    if (list === "secretMounts") return secrets[Number(index)]!.argument.replace(/\.name$/, keys ? ".key" : "$&");
    if (path.startsWith("configuration.")) return argumentAt(parts.configuration, path);
    return path === "" || /^(?:namespace|edition|license)\b/.test(path) ? path : `pods.${path}`;
  };
  const container = { origins: originsOf(...snippetLists(argument)), egress: model ? egressPorts(model) : [] };
  const { namespace, upstreams, defaultRoute, listeners, port = 1883 } = args;
  return {
    namespace,
    model: model!,
    recorded: { namespace, edition: model?.edition, port: listeners?.[0]?.port ?? port, upstreams, defaultRoute },
    nginx: resolveNginx(argument.inner(nginxArgs, rename), container),
  };
}

const snippetLists = (argument: Argument<MqttProxyArgs>) =>
  (["stream", "server"] as const).map((part) => argument.field("snippets").field(part));

// 4,096 clients a pod, for that many connections there are, at 124 KiB each with njs and TLS: docs/benchmarks.md.
const defaultResources = { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } };

/** The configuration, the files that it refers to, and the paths of the arguments that they are from. */
interface Configured extends Pick<NginxPlusArgs, "configuration" | "files"> {
  /** Path of the argument with the text of each file. */
  argumentOfFile: string[];
  ports: { name: string; port: number; targetPort: number; path: string }[];
}

/** Returns the raw nodes behind a port: rules about the pods and about these nodes need no more of the configuration. */
const snippetsAlone = ({ snippets }: MqttProxyArgs): Configured => ({
  configuration: {
    stream: [block("server", [directive("listen", "1883"), ...(snippets?.server ?? [])]), ...(snippets?.stream ?? [])],
  },
  ports: [{ name: "mqtt", port: 1883, targetPort: 1883, path: "" }],
  argumentOfFile: [],
});

function configure(model: MqttModel): Configured {
  const { brokerTls, snippets } = model;
  const dialect = dialectOf(model);
  const routes = routeMaps(model);
  const http = webSocketNodes(model);
  const overTcp = model.listeners.length > 0;
  const listeners = [...model.listeners, ...model.webSockets];
  const trusted = brokerTls?.trustedCertificatesPem;
  const files: ListenerFile[] = [
    ...(overTcp ? dialect.files() : []).map((file) => ({ ...file, argument: "edition" })),
    ...routes.files.map((file) => ({ ...file, argument: "routes" })),
    ...(trusted
      ? [{ path: paths.trustedCertificates, content: trusted, argument: "brokerTls.trustedCertificatesPem" }]
      : []),
    ...listeners.flatMap(listenerFiles),
  ];
  return {
    configuration: {
      // WebSocket alone needs none of the nodes that read MQTT.
      main: overTcp ? dialect.main : [],
      ...(http.length > 0 && { http }),
      ...(overTcp
        ? { stream: streamNodes(model, routes, dialect, credentialFiles(model)) }
        : snippets.stream.length > 0 && { stream: snippets.stream }),
    },
    files: files.map(({ argument, ...file }) => file),
    argumentOfFile: files.map(({ argument }) => argument),
    ports: listeners,
  };
}

/** Returns the Secrets that the user names; of two with one name the first, since the listeners' names are refused then. */
function mountedSecrets(model: MqttModel): MountedSecret[] {
  const clientCertificate = model.brokerTls?.clientCertificate;
  const secrets: MountedSecret[] = [
    ...existingCredentialMounts(model),
    ...(clientCertificate
      ? [
          {
            name: "client-certificate",
            path: paths.clientCertificate,
            keys: ["tls.crt", "tls.key"],
            argument: "brokerTls.clientCertificate.secretName",
            ...referenceTo(clientCertificate),
          },
        ]
      : []),
    ...[...model.listeners, ...model.webSockets].flatMap(listenerMounts),
  ];
  const byName = new Map([...secrets].reverse().map((secret) => [secret.name, secret]));
  return secrets.filter((secret) => byName.get(secret.name) === secret);
}

/** Returns ports of brokers and name servers that are not in the configuration as plain texts. */
function egressPorts({ upstreams, webSockets, tables, brokerPort }: MqttModel): NginxContainer["egress"] {
  const brokers = new Set<number>();
  for (const { name, servers } of upstreams)
    for (const { host, port, service } of servers) {
      if (isPlainInput(host) || service !== undefined) continue;
      brokers.add(port);
      for (const listener of webSockets) if (listener.upstream === name) brokers.add(listener.brokerPort);
    }
  for (const { defaultRoute } of tables)
    if (defaultRoute?.clientIdAsHost) brokers.add(defaultRoute.clientIdAsHost.port ?? brokerPort);
  const resolvers = [
    ...upstreams.flatMap(({ resolver }) => resolver?.addresses ?? []),
    ...tables.flatMap(({ defaultRoute }) => defaultRoute?.clientIdAsHost?.resolvers ?? []),
  ];
  const dns = new Set(
    resolvers.flatMap((resolver) =>
      isPlainInput(resolver) ? Number(/:(\d+)$/.exec(withoutAddress(resolver))?.[1] ?? 53) : [],
    ),
  );
  dns.delete(53);
  const inOrder = (ports: Set<number>) => [...ports].sort((one, other) => one - other);
  return [
    ...(brokers.size > 0 ? [{ ports: inOrder(brokers) }] : []),
    ...(dns.size > 0
      ? [NginxPortProtocol.udp, NginxPortProtocol.tcp].map((protocol) => ({ ports: inOrder(dns), protocol }))
      : []),
  ];
}

const withoutAddress = (resolver: string) => resolver.replace(/^\[[^\]]*\]/, "");

/** Returns autoscaling that removes one pod after half an hour without need, and the next ten minutes later: the clients of each reconnect. */
function slowScaleDown(autoscaling: NginxAutoscaling): NginxAutoscaling {
  const { stabilizationWindowSeconds = 1800, periodSeconds = 600, pods } = autoscaling.scaleDown ?? {};
  return { ...autoscaling, scaleDown: { stabilizationWindowSeconds, periodSeconds, pods } };
}

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
import { listCredentialFiles, listExistingCredentialMounts } from "./credential-secrets";
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

/** Everything that an MqttProxy creates, with every default. */
export interface ResolvedMqttProxy {
  namespace: Input<string>;
  model: MqttModel;
  /** The contained NginxPlus, without the Secrets with credentials that the proxy makes. */
  nginx: ResolvedNginx;
  /** Arguments that are recorded in state. */
  recorded: Pick<MqttProxyArgs, "namespace" | "edition" | "upstreams" | "defaultRoute"> & { port: number };
}

/** Returns everything that an MqttProxy creates, or throws every fault of its arguments in one error. */
export const resolveMqttProxy = (name: string, args: MqttProxyArgs): ResolvedMqttProxy =>
  resolveArguments("MqttProxy", name, "MqttProxyArgs", args, resolve);

function resolve(argument: Argument<MqttProxyArgs>): ResolvedMqttProxy {
  const args = argument.value;
  const model = argument.read(() => resolveModel(args));
  const sound = argument.passes(checkArguments, (passing) => model && checkModel(passing, model));
  // Faults in the configuration of faulty arguments would only follow from those of the arguments.
  const configuration = model && sound ? argument.read(() => configureProxy(model)) : undefined;
  const secrets = model ? listMountedSecrets(model) : [];
  const { argumentOfFile, ports, ...parts } = configuration ?? configureSnippets(args);
  const nginxArgs: NginxPlusArgs = {
    ...args.pods,
    namespace: args.namespace,
    edition: args.edition,
    license: args.license,
    resources: args.pods?.resources ?? defaultResources,
    autoscaling: args.pods?.autoscaling && resolveAutoscaling(args.pods.autoscaling),
    ...parts,
    ports: ports.map(({ name, port, targetPort }) => ({ name, port, targetPort })),
    secretMounts: secrets.map(({ argument: _, ...mount }) => mount),
  };
  const rename = (path: string) => {
    const [, list, index, keys] = /^(ports|files|secretMounts)\[(\d+)\](\.keys)?/.exec(path) ?? [];
    if (list === "ports") return ports[Number(index)]!.path || "port";
    if (list === "files") return argumentOfFile[Number(index)]!;
    // Existing credentials are the only Secret with a key that the user names.
    if (list === "secretMounts") return secrets[Number(index)]!.argument.replace(/\.name$/, keys ? ".key" : "$&");
    if (path.startsWith("configuration.")) return argumentAt(parts.configuration, path);
    return path === "" || /^(?:namespace|edition|license)\b/.test(path) ? path : `pods.${path}`;
  };
  const container = {
    origins: originsOf(...listSnippetArguments(argument)),
    egress: model ? listEgressPorts(model) : [],
  };
  const { namespace, upstreams, defaultRoute, listeners, port = 1883 } = args;
  return {
    namespace,
    model: model!,
    recorded: { namespace, edition: model?.edition, port: listeners?.[0]?.port ?? port, upstreams, defaultRoute },
    nginx: resolveNginx(argument.inner(nginxArgs, rename), container),
  };
}

const listSnippetArguments = (argument: Argument<MqttProxyArgs>) =>
  (["stream", "server"] as const).map((part) => argument.field("snippets").field(part));

// A pod has connections for 4,096 clients, of 124 KiB each with njs and TLS: docs/benchmarks.md.
const defaultResources = { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } };

/** Configuration, the files that it refers to, and the paths of the arguments that they come from. */
interface ProxyConfiguration extends Pick<NginxPlusArgs, "configuration" | "files"> {
  /** Path of the argument with the text of each file. */
  argumentOfFile: string[];
  ports: { name: string; port: number; targetPort: number; path: string }[];
}

/** Returns a configuration of the raw nodes alone: the rules about the pods and about these nodes need no more of it. */
const configureSnippets = ({ snippets }: MqttProxyArgs): ProxyConfiguration => ({
  configuration: {
    stream: [block("server", [directive("listen", "1883"), ...(snippets?.server ?? [])]), ...(snippets?.stream ?? [])],
  },
  ports: [{ name: "mqtt", port: 1883, targetPort: 1883, path: "" }],
  argumentOfFile: [],
});

function configureProxy(model: MqttModel): ProxyConfiguration {
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
      // Listeners for WebSocket alone need no nodes that read MQTT.
      main: overTcp ? dialect.main : [],
      ...(http.length > 0 && { http }),
      ...(overTcp
        ? { stream: streamNodes(model, routes, dialect, listCredentialFiles(model)) }
        : snippets.stream.length > 0 && { stream: snippets.stream }),
    },
    files: files.map(({ argument, ...file }) => file),
    argumentOfFile: files.map(({ argument }) => argument),
    ports: listeners,
  };
}

/** Returns the Secrets that the user names. Of two with the same name it returns the first: the name of the second listener is refused. */
function listMountedSecrets(model: MqttModel): MountedSecret[] {
  const clientCertificate = model.brokerTls?.clientCertificate;
  const secrets: MountedSecret[] = [
    ...listExistingCredentialMounts(model),
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

/** Returns the ports of brokers and name servers that a NetworkPolicy cannot read from the configuration. */
function listEgressPorts({ upstreams, webSockets, tables, brokerPort }: MqttModel): NginxContainer["egress"] {
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
  const dns = new Set(resolvers.flatMap((resolver) => (isPlainInput(resolver) ? readResolverPort(resolver) : [])));
  dns.delete(53);
  const sortPorts = (ports: Set<number>) => [...ports].sort((one, other) => one - other);
  return [
    ...(brokers.size > 0 ? [{ ports: sortPorts(brokers) }] : []),
    ...(dns.size > 0
      ? [NginxPortProtocol.udp, NginxPortProtocol.tcp].map((protocol) => ({ ports: sortPorts(dns), protocol }))
      : []),
  ];
}

/** Returns the port of a name server, `10.96.0.10:5353` or `[2001:db8::53]:5353`. */
const readResolverPort = (resolver: string) => Number(/:(\d+)$/.exec(resolver.replace(/^\[[^\]]*\]/, ""))?.[1] ?? 53);

/** Returns autoscaling that by default removes one pod after half an hour of low load, and the next ten minutes later, because the clients of each pod have to reconnect. */
function resolveAutoscaling(autoscaling: NginxAutoscaling): NginxAutoscaling {
  const { stabilizationWindowSeconds = 1800, periodSeconds = 600, pods } = autoscaling.scaleDown ?? {};
  return { ...autoscaling, scaleDown: { stabilizationWindowSeconds, periodSeconds, pods } };
}

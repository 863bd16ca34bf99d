import * as pulumi from "@pulumi/pulumi";
import { referenceTo, refuser } from "../foundation";
import { Edition, NginxPlus, type NginxPlusArgs, type NginxSecretMount } from "../nginx";
import { checkNginxPlus } from "../nginx/checks";
import type { CertificateReference } from "../pki";
import { withAlternativeNames } from "./alternative-names";
import { paths } from "./broker-tls";
import { checkMqttProxy } from "./checks";
import { choiceMaps } from "./choice";
import { streamNodes } from "./configuration";
import { type KeptCredentials, keepCredentials } from "./credentials";
import { listenerFiles, listenerMounts } from "./listener-nodes";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import { njsDialect } from "./njs";
import { planOf, standardPort } from "./plan";
import { plusDialect } from "./plus";
import { unhurried } from "./scaling";
import { webSocketNodes } from "./web-socket";

/**
 * A proxy in front of MQTT brokers, for MQTT 3.1.1 and 5.0: clients speak plain MQTT to it; it chooses the broker by client id,
 * puts credentials into the CONNECT packet and speaks TLS, with a client certificate of its own, to the broker.
 *
 * With `edition: "plus"` NGINX Plus's MQTT modules do this, with `edition: "oss"` an njs program; routes, upstreams and TLS are the same.
 */
export class MqttProxy extends pulumi.ComponentResource {
  /** Name of the Service that clients connect to. */
  readonly serviceName: pulumi.Output<string>;
  /** Host name of that Service inside the cluster. */
  readonly host: pulumi.Output<string>;
  /** Port of that Service; of several listeners the first one's. */
  readonly port: pulumi.Output<number>;
  /** Ports of that Service, by the name of the listener. */
  readonly ports: pulumi.Output<Record<string, number>>;
  /** The user name that brokers see; empty when credentials pass through or are kept elsewhere. */
  readonly username: pulumi.Output<string>;
  /** The password that brokers see, a secret; empty when credentials pass through or are kept elsewhere. */
  readonly password: pulumi.Output<string>;
  /** The user names of tenants and of named credentials, by their names; empty where they come from certificates. */
  readonly usernames: pulumi.Output<Record<string, string>>;
  /** The passwords of tenants and of named credentials, by their names, a secret. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: MqttProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("MqttProxy", name);
    checkMqttProxy(args, refuse);
    const choice = choiceMaps(args, planOf(args));
    checkNginxPlus(nginxPlusArgs(args, choice), refuse);
    const { namespace, edition = Edition.plus, upstreams, defaultRoute } = args;
    const ports = Object.fromEntries((args.listeners ?? []).map((listener) => [listener.name, listener.port]));
    const port = args.listeners?.[0]?.port ?? args.port ?? standardPort;
    super("nginx-stacks:index:MqttProxy", name, { namespace, edition, port, upstreams, defaultRoute }, opts);

    const kept = keepCredentials(this, name, namespace, edition, planOf(args));
    const credentials = kept.find(({ owner }) => owner === "default");
    const others = kept.filter(({ owner, password }) => owner !== "default" && password !== undefined);
    const nginx = new NginxPlus(`${name}-nginx`, nginxPlusArgs(args, choice, kept), {
      parent: this,
      dependsOn: opts?.dependsOn,
    });

    const outputs = {
      serviceName: nginx.serviceName,
      host: nginx.host,
      port: pulumi.output(port),
      ports: pulumi.output(args.listeners ? ports : { mqtt: port }),
      username: pulumi.output(credentials?.username ?? ""),
      password: pulumi.secret(credentials?.password ?? ""),
      usernames: pulumi.output(Object.fromEntries(others.map(({ owner, username }) => [owner, username!]))),
      passwords: pulumi.secret(Object.fromEntries(others.map(({ owner, password }) => [owner, password!]))),
    };
    this.serviceName = outputs.serviceName;
    this.host = outputs.host;
    this.port = outputs.port;
    this.ports = outputs.ports;
    this.username = outputs.username;
    this.password = outputs.password;
    this.usernames = outputs.usernames;
    this.passwords = outputs.passwords;
    this.registerOutputs(outputs);
  }
}

// 4,096 clients a pod, for that many connections there are, at 124 KiB each with njs and TLS: docs/benchmarks.md.
const defaultResources = { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } };

/** The proxy as an NginxPlus: its configuration, and the files and Secrets that it refers to. */
function nginxPlusArgs(
  args: MqttProxyArgs,
  choice: ReturnType<typeof choiceMaps>,
  kept: KeptCredentials[] = [],
): NginxPlusArgs {
  const { brokerTls } = args;
  const trusted = brokerTls?.trustedCertificates;
  const { clientCertificate } = brokerTls ?? {};
  const plan = planOf(args);
  const dialect = withAlternativeNames(args.edition === Edition.oss ? njsDialect() : plusDialect, plan);
  const http = webSocketNodes(args, plan);
  const overTcp = plan.listeners.length > 0;
  const listeners = [...plan.listeners, ...plan.webSockets];
  return {
    ...args,
    resources: args.resources ?? defaultResources,
    autoscaling: args.autoscaling && unhurried(args.autoscaling),
    configuration: {
      main: overTcp ? dialect.main : [],
      ...(http.length > 0 && { http }),
      // WebSocket alone needs nothing of what reads MQTT.
      stream: overTcp ? streamNodes(args, plan, choice, dialect, kept) : args.snippets?.stream,
    },
    ports: listeners.map(({ name, port, targetPort }) => ({ name, port, targetPort })),
    files: [
      ...dialect.files,
      ...choice.files,
      ...(trusted ? [{ path: paths.trustedCertificates, content: trusted }] : []),
      ...listeners.flatMap(listenerFiles),
    ],
    secretMounts: [
      ...kept.map(({ mount }) => mount),
      ...(clientCertificate ? [clientCertificateMount(clientCertificate)] : []),
      ...listeners.flatMap(listenerMounts),
    ],
  };
}

const clientCertificateMount = (certificate: CertificateReference): NginxSecretMount => ({
  name: "client-certificate",
  path: paths.clientCertificate,
  keys: ["tls.crt", "tls.key"],
  ...referenceTo(certificate),
});

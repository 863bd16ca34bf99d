import * as pulumi from "@pulumi/pulumi";
import { referenceTo, refuser } from "../foundation";
import { Edition, NginxPlus, type NginxPlusArgs, type NginxSecretMount } from "../nginx";
import { checkNginxPlus } from "../nginx/checks";
import type { CertificateReference } from "../pki";
import { checkMqttProxy } from "./checks";
import { paths, standardPort, streamNodes } from "./configuration";
import { type KeptCredentials, keepCredentials } from "./credentials";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import { njsDialect } from "./njs";
import { plusDialect } from "./plus";
import { routeMaps } from "./routes";

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
  /** Port of that Service. */
  readonly port: pulumi.Output<number>;
  /** The user name that brokers see; empty when credentials pass through or are kept elsewhere. */
  readonly username: pulumi.Output<string>;
  /** The password that brokers see, a secret; empty when credentials pass through or are kept elsewhere. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: MqttProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const refuse = refuser("MqttProxy", name);
    checkMqttProxy(args, refuse);
    checkNginxPlus(nginxPlusArgs(args), refuse);
    const { namespace, edition = Edition.plus, port = standardPort, upstreams, defaultRoute } = args;
    super("nginx-stacks:index:MqttProxy", name, { namespace, edition, port, upstreams, defaultRoute }, opts);

    const credentials = args.credentials && keepCredentials(this, name, namespace, edition, args.credentials);
    const nginx = new NginxPlus(`${name}-nginx`, nginxPlusArgs(args, credentials), {
      parent: this,
      dependsOn: opts?.dependsOn,
    });

    const outputs = {
      serviceName: nginx.serviceName,
      host: nginx.host,
      port: pulumi.output(port),
      username: pulumi.output(credentials?.username ?? ""),
      password: pulumi.secret(credentials?.password ?? ""),
    };
    this.serviceName = outputs.serviceName;
    this.host = outputs.host;
    this.port = outputs.port;
    this.username = outputs.username;
    this.password = outputs.password;
    this.registerOutputs(outputs);
  }
}

// 4,096 clients a pod, for that many connections there are, at 132 KiB each with njs and TLS: docs/benchmarks.md.
const defaultResources = { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } };

/** The proxy as an NginxPlus: its configuration, and the files and Secrets that it refers to. */
function nginxPlusArgs(args: MqttProxyArgs, credentials?: KeptCredentials): NginxPlusArgs {
  const { port = standardPort, brokerTls } = args;
  const dialect = args.edition === Edition.oss ? njsDialect() : plusDialect;
  const trusted = brokerTls?.trustedCertificates;
  const { clientCertificate } = brokerTls ?? {};
  const routes = routeMaps(args);
  return {
    ...args,
    resources: args.resources ?? defaultResources,
    configuration: { main: dialect.main, stream: streamNodes(args, dialect, routes, credentials?.file) },
    ports: [{ name: "mqtt", port, targetPort: standardPort }],
    files: [
      ...dialect.files,
      ...routes.files,
      ...(trusted ? [{ path: paths.trustedCertificates, content: trusted }] : []),
    ],
    secretMounts: [
      ...(credentials ? [credentials.mount] : []),
      ...(clientCertificate ? [clientCertificateMount(clientCertificate)] : []),
    ],
  };
}

const clientCertificateMount = (certificate: CertificateReference): NginxSecretMount => ({
  name: "client-certificate",
  path: paths.clientCertificate,
  keys: ["tls.crt", "tls.key"],
  ...referenceTo(certificate),
});

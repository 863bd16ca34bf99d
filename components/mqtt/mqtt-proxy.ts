import * as pulumi from "@pulumi/pulumi";
import { withFacts } from "../foundation";
import { containedNginx, NginxPlus } from "../nginx";
import type { MqttProxyArgs } from "./args";
import { makeCredentialSecrets } from "./credential-secrets";
import { resolveMqttProxy } from "./resolve";

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
  /** User name that brokers get; empty when credentials are passed on or kept elsewhere. */
  readonly username: pulumi.Output<string>;
  /** Password that brokers get, a secret; empty when credentials are passed on or kept elsewhere. */
  readonly password: pulumi.Output<string>;
  /** User names of tenants and of named credentials, by their names; empty where they come from certificates. */
  readonly usernames: pulumi.Output<Record<string, string>>;
  /** Passwords of tenants and of named credentials, by their names, a secret. */
  readonly passwords: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: MqttProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, model, recorded, nginx: resolved } = resolveMqttProxy(name, args);

    super("nginx-stacks:index:MqttProxy", name, recorded, opts);

    const secrets = makeCredentialSecrets(this, name, namespace, model);
    const own = secrets.find(({ owner }) => owner.name === "default");
    const others = secrets.filter(({ owner }) => owner.name !== "default");
    const mounts = secrets.map(({ mount: { argument, ...mount } }) => mount);
    const nginx = new NginxPlus(`${name}-nginx`, containedNginx(resolved, mounts), {
      parent: this,
      dependsOn: opts?.dependsOn,
    });

    const facts = { component: `MqttProxy "${name}"`, namespace };
    const outputs = {
      serviceName: withFacts(nginx.serviceName, facts),
      host: withFacts(nginx.host, facts),
      port: pulumi.output(recorded.port),
      ports: pulumi.output(
        Object.fromEntries([...model.listeners, ...model.webSockets].map((listener) => [listener.name, listener.port])),
      ),
      username: pulumi.output(own?.username ?? ""),
      password: pulumi.secret(own?.password ?? ""),
      usernames: pulumi.output(Object.fromEntries(others.map(({ owner, username }) => [owner.name, username]))),
      passwords: pulumi.secret(Object.fromEntries(others.map(({ owner, password }) => [owner.name, password]))),
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

import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats } from "../foundation";

/** Transport protocols of a Service's port. */
export const NginxPortProtocol = { tcp: "TCP", udp: "UDP" } as const;
export type NginxPortProtocol = (typeof NginxPortProtocol)[keyof typeof NginxPortProtocol];

/** A port on which the configuration listens. */
export interface NginxPort {
  /** Name, at most 15 lower-case letters, digits and `-`. */
  name: string;
  /** Port of the Service. */
  port: number;
  /** Port on which NGINX listens, from 1024: it has no privileges. @default port */
  targetPort?: number;
  /** Transport protocol. @default "TCP" */
  protocol?: NginxPortProtocol;
  /** Application protocol, as the Service's `appProtocol`. @default none */
  appProtocol?: Input<string>;
}

/** Ports that every pod has beside those that it is made for. */
export const managementPort = { name: "management", port: 8080 };
export const metricsPort = { name: "metrics", port: 9113 };

/** A port with its defaults. */
export type ResolvedPort = NginxPort & Required<Pick<NginxPort, "targetPort" | "protocol">>;

/** Returns the ports with their defaults. */
export const resolvePorts = (ports: readonly NginxPort[] = []): ResolvedPort[] =>
  ports.map((port) => ({ ...port, targetPort: port.targetPort ?? port.port, protocol: port.protocol ?? "TCP" }));

/** Returns the argument that says on which port NGINX listens. */
export const targetPortOf = (port: Argument<NginxPort>): Argument<number | undefined> =>
  port.field(port.value.targetPort === undefined ? "port" : "targetPort");

const portName: Format = {
  test: (text) => text.length <= 15 && /^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*$/.test(text),
  wrong: "is not the name of a port",
  remedy: "write at most 15 lower-case letters, digits and single `-`, one letter at least",
};

/** Checks the ports of the Service, and that no two of them are one. */
export function checkPorts(ports: Argument<NginxPort[]>, monitoring: boolean): void {
  ports.notEmpty("write at least one port on which the configuration listens");
  const taken = [managementPort, ...(monitoring ? [metricsPort] : [])].map((one) => ({ ...one, protocol: "TCP" }));
  const open = new Set<string>();
  for (const entry of ports.entries()) {
    entry.field("name").matches(portName);
    entry.field("port").port();
    entry.field("targetPort").port();
    entry.field("appProtocol").matches(formats.qualifiedName);
    const { name, port, targetPort = port, protocol = "TCP" } = entry.value;
    if (targetPort >= 1 && targetPort < 1024)
      targetPortOf(entry).refuse(
        `is ${targetPort}, on which NGINX cannot listen without privileges`,
        `set targetPort to a port from 1024, for example ${targetPort + 8000}, and let the configuration listen there`,
      );
    const other = taken.find((one) => one.name === name || (one.port === targetPort && one.protocol === protocol));
    if (other) entry.refuse(`is like the port "${other.name}" (${other.port})`, "write another name and targetPort");
    taken.push({ name, port: targetPort, protocol });
    if (open.has(`${port} ${protocol}`))
      entry.field("port").refuse(`repeats ${port}`, "write each port of the Service once");
    open.add(`${port} ${protocol}`);
  }
}

import { reservedPorts } from "../ports";
import type { SidecarModel } from "../resolve";
import { MeshMode, type SidecarInbound } from "../sidecar-args";
import { fieldOf, knownField, type Part } from "./parts";

/** Ports of a Sidecar, against which a template's ports and probes are checked. */
export interface Ports {
  inbound: readonly (SidecarInbound & { mode: MeshMode })[];
  /** Whether connections are redirected, so that the application listens on the ports themselves. */
  redirect: boolean;
  strict: boolean;
  /** First of the ports that NGINX has for itself. */
  first: number;
  /** Ports on 127.0.0.1 to which the application connects. */
  local: number[];
}

export const portsOf = ({ inbound, outbound, redirect, firstPort }: SidecarModel): Ports => ({
  inbound,
  redirect: redirect !== undefined,
  strict: inbound.some(({ mode }) => mode === MeshMode.strict),
  first: firstPort,
  local: outbound.flatMap(({ localPort }) => localPort ?? []),
});

/** Refuses ports of a container that the sidecar has, and those that it does not know of: they would be open in plaintext. */
export function checkContainerPorts(declared: readonly Part[], ports: Ports): void {
  for (const one of declared) {
    const port = knownField(one, "containerPort");
    const protocol = knownField(one, "protocol") ?? (fieldOf(one, "protocol").value === undefined ? "TCP" : undefined);
    const number = fieldOf(one, "containerPort");
    if (typeof port !== "number") continue;
    if (protocol === "UDP" && ports.strict)
      fieldOf(one, "protocol").refuse(
        "is UDP, which has no mutual TLS here",
        "leave the port out, or let no port of the sidecar be strict",
      );
    if (protocol !== "TCP") continue;
    if (port >= ports.first && port < ports.first + reservedPorts)
      number.refuse(
        `is ${port}, one of those that the sidecar has for itself`,
        "set firstPort of the Sidecar to other ports",
      );
    else if (ports.local.includes(port))
      number.refuse(
        `is ${port}, on which the sidecar takes connections to a workload`,
        "give one of the two another port",
      );
    else if (!ports.inbound.some((inbound) => inbound.port === port || inbound.applicationPort === port))
      number.refuse(
        `is ${port}, which the Sidecar does not have in inbound, so anybody could reach it in plaintext`,
        'declare it there, with mode "off" where that is meant',
      );
  }
}

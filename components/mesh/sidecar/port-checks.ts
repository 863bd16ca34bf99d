import type { types } from "@pulumi/kubernetes";
import type { Refuser } from "../../foundation";
import type { KeptSidecar } from "./kept";
import { plain } from "./plain";
import { reservedPorts } from "./ports";
import { defaultFirstPort } from "./settings";
import { MeshMode, type SidecarInbound } from "./sidecar-args";

type Container = types.input.core.v1.Container;

/** What a template's ports and probes are judged by. */
export interface Ports {
  inbound: SidecarInbound[];
  /** Whether connections are redirected, so that the application listens on the ports themselves. */
  redirect: boolean;
  strict: boolean;
  /** First of the ports that NGINX has for itself. */
  first: number;
  /** Ports on 127.0.0.1 to which the application connects. */
  local: number[];
}

export function portsOf({ args: { inbound = [], outbound = [], redirect, firstPort } }: KeptSidecar): Ports {
  return {
    inbound,
    redirect: redirect !== undefined,
    strict: inbound.some(({ mode = MeshMode.strict }) => mode === MeshMode.strict),
    first: firstPort ?? defaultFirstPort,
    local: outbound.flatMap(({ localPort }) => localPort ?? []),
  };
}

/** Refuses ports of a container that the sidecar has, and those that it does not know of: they would be open in plaintext. */
export function checkContainerPorts(container: Container, property: string, ports: Ports, refuse: Refuser): void {
  for (const [index, input] of ((plain(container.ports) ?? []) as types.input.core.v1.ContainerPort[]).entries()) {
    const { containerPort: at, protocol = "TCP" } = (plain(input) ?? {}) as types.input.core.v1.ContainerPort;
    const port = plain(at);
    if (typeof port !== "number") continue;
    const path = `${property}.ports[${index}]`;
    if (protocol === "UDP" && ports.strict)
      refuse(
        `${path}.protocol`,
        "is UDP, which has no mutual TLS here",
        "leave the port out, or let no port of the sidecar be strict",
      );
    if (protocol !== "TCP") continue;
    if (port >= ports.first && port < ports.first + reservedPorts)
      refuse(
        `${path}.containerPort`,
        `is ${port}, one of those that the sidecar has for itself`,
        "set firstPort of the Sidecar to other ports",
      );
    if (ports.local.includes(port))
      refuse(
        `${path}.containerPort`,
        `is ${port}, on which the sidecar takes connections to a workload`,
        "give one of the two another port",
      );
    if (!ports.inbound.some((one) => one.port === port || one.applicationPort === port))
      refuse(
        `${path}.containerPort`,
        `is ${port}, which the Sidecar does not have in inbound, so anybody could reach it in plaintext`,
        'declare it there, with mode "off" where that is meant',
      );
  }
}

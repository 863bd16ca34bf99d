import { isReserved } from "../ports";
import type { SidecarModel } from "../resolve";
import { MeshMode, type SidecarInbound } from "../sidecar-args";
import { getField, knownField, type Part } from "./parts";

/** Ports of a Sidecar, against which a template's ports and probes are checked. */
export interface Ports {
  inbound: readonly (SidecarInbound & { mode: MeshMode })[];
  /** `true`: connections are redirected, so that the application listens on the ports themselves. */
  redirect: boolean;
  strict: boolean;
  /** First of the ports reserved for NGINX. */
  first: number;
  /** Ports on 127.0.0.1 to which the application connects. */
  local: number[];
}

export const toPorts = ({ inbound, outbound, redirect, firstPort }: SidecarModel): Ports => ({
  inbound,
  redirect: redirect !== undefined,
  strict: inbound.some(({ mode }) => mode === MeshMode.strict),
  first: firstPort,
  local: outbound.flatMap(({ localPort }) => localPort ?? []),
});

/** Refuses ports of a container that NGINX uses, and undeclared ones, which would accept plaintext. */
export function checkContainerPorts(declared: readonly Part[], ports: Ports): void {
  for (const part of declared) {
    const port = knownField(part, "containerPort");
    const protocol =
      knownField(part, "protocol") ?? (getField(part, "protocol").value === undefined ? "TCP" : undefined);
    const number = getField(part, "containerPort");
    if (typeof port !== "number") continue;
    if (protocol === "UDP" && ports.strict)
      getField(part, "protocol").refuse(
        "is UDP, for which the sidecar has no mutual TLS",
        "leave the port out, or set no port of the sidecar to strict",
      );
    if (protocol !== "TCP") continue;
    if (isReserved(port, ports.first))
      number.refuse(`is ${port}, which is reserved for the sidecar`, "set firstPort of the Sidecar to other ports");
    else if (ports.local.includes(port))
      number.refuse(
        `is ${port}, on which the sidecar accepts connections to a workload`,
        "give one of the two another port",
      );
    else if (!ports.inbound.some((inbound) => inbound.port === port || inbound.applicationPort === port))
      number.refuse(
        `is ${port}, which is not in inbound of the Sidecar, so it would accept plaintext from any client`,
        'declare it there, with mode "off" if that is intended',
      );
  }
}

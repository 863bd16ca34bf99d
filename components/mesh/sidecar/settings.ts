import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import type { Edition } from "../../nginx";
import { allot, type SidecarPorts } from "./ports";
import type { SidecarModel } from "./resolve";
import { type MeshEgress, MeshIpFamily, MeshMode, type SidecarInbound, type SidecarOutbound } from "./sidecar-args";

/** Values in the files of a sidecar, all known. */
export interface SidecarSettings {
  namespace: string;
  trustDomain: string;
  verifyDepth: number;
  /** Ports that go through NGINX: those in mode off do not. */
  inbound: (pulumi.Unwrap<SidecarInbound> & { mode: "strict" | "permissive" })[];
  outbound: pulumi.Unwrap<SidecarOutbound>[];
  /** Undefined where the application itself connects to 127.0.0.1. */
  redirect?: { egress: MeshEgress; excludedCidrs: string[] };
  ipv4: boolean;
  ipv6: boolean;
  edition: Edition;
  /** Version of NGINX, or of the open-source one that NGINX Plus stands on. */
  version: string;
  resolver?: string[];
  drainSeconds: number;
  idleSeconds: number;
  ports: SidecarPorts;
}

/** Uses the settings at once when all are plain, otherwise as soon as they are known. */
export function withSettings<T>(sidecar: SidecarModel, use: (settings: SidecarSettings) => T): pulumi.Input<T> {
  const { namespace, mesh, inbound, outbound, resolver } = sidecar;
  const inputs = { namespace, trustDomain: mesh.trustDomain, inbound, outbound, resolver };
  const apply = (known: pulumi.Unwrap<typeof inputs>) => use(settingsOf(sidecar, known));
  return isPlain(inputs)
    ? apply(inputs as pulumi.Unwrap<typeof inputs>)
    : (pulumi.output(inputs).apply((known) => apply(known as pulumi.Unwrap<typeof inputs>)) as pulumi.Output<T>);
}

type Known = pulumi.Unwrap<Pick<SidecarModel, "namespace" | "inbound" | "outbound" | "resolver">> & {
  trustDomain: string;
};

function settingsOf(sidecar: SidecarModel, known: Known): SidecarSettings {
  const { mesh, redirect, ipFamilies, edition, version, drainSeconds, idleSeconds } = sidecar;
  return {
    ...known,
    verifyDepth: mesh.verifyDepth,
    inbound: known.inbound.filter((one): one is SidecarSettings["inbound"][number] => one.mode !== MeshMode.off),
    redirect,
    ipv4: ipFamilies.includes(MeshIpFamily.ipv4),
    ipv6: ipFamilies.includes(MeshIpFamily.ipv6),
    edition,
    version,
    drainSeconds,
    idleSeconds,
    ports: allot(sidecar),
  };
}

/** Whether a value and everything in it is known now. */
export const isPlain = (value: unknown): boolean =>
  isPlainInput(value) && (typeof value !== "object" || value === null || Object.values(value).every(isPlain));

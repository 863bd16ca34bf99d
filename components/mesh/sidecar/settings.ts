import * as pulumi from "@pulumi/pulumi";
import { isPlainThroughout } from "../../foundation";
import type { Edition } from "../../nginx";
import { allocatePorts, type SidecarPorts } from "./ports";
import type { SidecarModel } from "./resolve";
import { type MeshEgress, MeshIpFamily, MeshMode, type SidecarInbound, type SidecarOutbound } from "./sidecar-args";

/** Known values of an inbound port that NGINX proxies. */
export type InboundSettings = pulumi.Unwrap<SidecarInbound> & { mode: "strict" | "permissive" };

/** Known values of an outbound workload. */
export type OutboundSettings = pulumi.Unwrap<SidecarOutbound>;

/** Values in the files of a sidecar, all known. */
export interface SidecarSettings {
  namespace: string;
  trustDomain: string;
  verifyDepth: number;
  /** Ports that NGINX proxies: all but those in mode off. */
  inbound: InboundSettings[];
  outbound: OutboundSettings[];
  /** Undefined where the application itself connects to 127.0.0.1. */
  redirect?: { egress: MeshEgress; excludedCidrs: string[] };
  ipFamilies: MeshIpFamily[];
  ipv4: boolean;
  ipv6: boolean;
  edition: Edition;
  /** Version of NGINX; for NGINX Plus, of the open-source NGINX that it is built on. */
  version: string;
  /** Whether NGINX itself resolves the hosts of workloads, while it runs. */
  asksNameServers: boolean;
  /** Name servers; undefined for those of the pod. */
  resolver?: string[];
  /** Domain of the cluster. */
  clusterDomain: string;
  drainSeconds: number;
  idleSeconds: number;
  connections: number;
  headerKilobytes: number;
  ports: SidecarPorts;
}

/** Uses the settings at once where all are plain, otherwise as soon as they are known. */
export function withSettings<T>(sidecar: SidecarModel, use: (settings: SidecarSettings) => T): pulumi.Input<T> {
  const { namespace, mesh, inbound, outbound, resolver, clusterDomain } = sidecar;
  const inputs = { namespace, trustDomain: mesh.trustDomain, inbound, outbound, resolver, clusterDomain };
  const apply = (known: pulumi.Unwrap<typeof inputs>) => use(toSettings(sidecar, known));
  return isPlainThroughout(inputs)
    ? apply(inputs as pulumi.Unwrap<typeof inputs>)
    : (pulumi.output(inputs).apply((known) => apply(known as pulumi.Unwrap<typeof inputs>)) as pulumi.Output<T>);
}

type KnownInputs = pulumi.Unwrap<
  Pick<SidecarModel, "namespace" | "inbound" | "outbound" | "resolver" | "clusterDomain">
> & {
  trustDomain: string;
};

function toSettings(sidecar: SidecarModel, known: KnownInputs): SidecarSettings {
  const { mesh, redirect, ipFamilies, edition, version, drainSeconds, idleSeconds } = sidecar;
  const { connections, headerKilobytes, asksNameServers } = sidecar;
  return {
    ...known,
    verifyDepth: mesh.verifyDepth,
    inbound: known.inbound.filter((port): port is InboundSettings => port.mode !== MeshMode.off),
    redirect,
    ipFamilies,
    ipv4: ipFamilies.includes(MeshIpFamily.ipv4),
    ipv6: ipFamilies.includes(MeshIpFamily.ipv6),
    edition,
    version,
    drainSeconds,
    idleSeconds,
    connections,
    headerKilobytes,
    asksNameServers,
    ports: allocatePorts(sidecar),
  };
}

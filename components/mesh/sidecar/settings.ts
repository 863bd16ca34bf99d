import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import { Edition } from "../../nginx";
import { defaultRelease, readRelease } from "../../nginx/releases";
import { allot, type SidecarPorts } from "./ports";
import {
  MeshEgress,
  MeshIpFamily,
  MeshMode,
  type SidecarArgs,
  type SidecarInbound,
  type SidecarOutbound,
} from "./sidecar-args";

/** What the files of a sidecar are made from; every value is known. */
export interface SidecarSettings {
  namespace: string;
  trustDomain: string;
  verifyDepth: number;
  /** All but those that stay as they are. */
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

export const defaultFirstPort = 15000;
const defaults = { drainSeconds: 600, idleSeconds: 3600 };

/** Uses the settings at once when all are plain, otherwise as soon as they are known. */
export function withSettings<T>(args: SidecarArgs, use: (settings: SidecarSettings) => T): pulumi.Input<T> {
  const inputs = {
    namespace: args.namespace,
    trustDomain: args.mesh.trustDomain,
    inbound: args.inbound,
    outbound: args.outbound,
    resolver: args.resolver,
  };
  const apply = (known: pulumi.Unwrap<typeof inputs>) => use(settingsOf(args, known));
  return isPlain(inputs)
    ? apply(inputs as pulumi.Unwrap<typeof inputs>)
    : (pulumi.output(inputs).apply((known) => apply(known as pulumi.Unwrap<typeof inputs>)) as pulumi.Output<T>);
}

type Known = pulumi.Unwrap<Pick<SidecarArgs, "namespace" | "inbound" | "outbound" | "resolver">> & {
  trustDomain: string;
};

function settingsOf(
  args: SidecarArgs,
  { namespace, trustDomain, inbound, outbound, resolver }: Known,
): SidecarSettings {
  const { redirect, ipFamilies = [MeshIpFamily.ipv4] } = args;
  return {
    namespace,
    trustDomain,
    verifyDepth: args.mesh.verifyDepth,
    inbound: taken(inbound),
    outbound: outbound ?? [],
    redirect: redirect && {
      egress: redirect.egress ?? MeshEgress.any,
      excludedCidrs: redirect.excludedCidrs ?? [],
    },
    ipv4: ipFamilies.includes(MeshIpFamily.ipv4),
    ipv6: ipFamilies.includes(MeshIpFamily.ipv6),
    edition: args.edition ?? Edition.plus,
    version: versionOf(args),
    resolver,
    drainSeconds: args.drainSeconds ?? defaults.drainSeconds,
    idleSeconds: args.idleSeconds ?? defaults.idleSeconds,
    ports: allot(args),
  };
}

/** The ports that go through NGINX. */
function taken(inbound: pulumi.Unwrap<SidecarInbound>[] = []): SidecarSettings["inbound"] {
  return inbound
    .map((one) => ({ ...one, mode: one.mode ?? MeshMode.strict }))
    .filter((one): one is SidecarSettings["inbound"][number] => one.mode !== MeshMode.off);
}

const defaultVersion = "1.30.4";

/** The version of NGINX that decides which directives there are. */
export function versionOf({
  edition = Edition.plus,
  release = defaultRelease,
  openSourceVersion,
}: SidecarArgs): string {
  if (edition === Edition.plus) return readRelease(release)!.release.engine;
  return openSourceVersion ?? defaultVersion;
}

const isPlain = (value: unknown): boolean =>
  isPlainInput(value) && (typeof value !== "object" || value === null || Object.values(value).every(isPlain));

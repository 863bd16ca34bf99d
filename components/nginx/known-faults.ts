import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import { type AffectedVersions, affectedVersions, oldTablesWarning } from "../versions";
import type { NginxConfigNode } from "./conf";
import { Edition } from "./edition";
import { defaultOpenSourceVersion, imageVersion } from "./open-source-version";
import { defaultRelease } from "./releases";

/** Part of NGINX that a fault is in; a configuration that does not use it is not affected. */
export type FaultyPart = "HTTP/2" | "ssl_preread" | "stream client certificates" | "MQTT filter" | "map" | "resolver";

/** A fault of NGINX that its makers have published. */
interface KnownFault {
  /** Its CVE. */
  id: string;
  /** Effect, as a clause behind its number. */
  effect: string;
  part: FaultyPart;
  /** `true` for a grave fault that needs no credentials: its versions are refused. Others are logged. */
  refused: boolean;
  openSource: readonly AffectedVersions[];
  /** NGINX Plus, `R36 P8` as 36.0.8 and `PLS.37.0.8.1` as 37.0.8.1. */
  plus: readonly AffectedVersions[];
}

const november = [
  { since: "0", fixed: "1.30.7" },
  { since: "1.31.0", fixed: "1.31.9" },
];
const plusNovember = (fixed: string) => [
  { since: "33", fixed },
  { since: "37.1", fixed: "37.3.0.1" },
];

/** Known faults, newest first; from NGINX's security advisories and the release notes of NGINX Plus. */
export const knownFaults: readonly KnownFault[] = [
  {
    id: "CVE-2026-123007",
    effect: "a critical fault in HTTP/2, with published exploits",
    part: "HTTP/2",
    refused: true,
    openSource: november,
    plus: plusNovember("37.0.8.1"),
  },
  {
    id: "CVE-2026-123633",
    effect: "a critical fault in HTTP/2, with published exploits",
    part: "HTTP/2",
    refused: true,
    openSource: november,
    plus: plusNovember("37.0.7.1"),
  },
  {
    id: "CVE-2026-123640",
    effect: "a fault in ssl_preread of stream",
    part: "ssl_preread",
    refused: true,
    openSource: november,
    plus: plusNovember("37.0.7.1"),
  },
  {
    id: "CVE-2026-120967",
    effect: "a fault in stream servers that require client certificates",
    part: "stream client certificates",
    refused: true,
    openSource: [
      { since: "1.25.5", fixed: "1.30.7" },
      { since: "1.31.0", fixed: "1.31.9" },
    ],
    plus: plusNovember("37.0.8.1"),
  },
  {
    id: "CVE-2026-123634",
    effect: "a fault in the resolver, which a forged answer of a name server reaches",
    part: "resolver",
    refused: false,
    openSource: november,
    plus: [],
  },
  {
    id: "CVE-2026-93479",
    effect: "a fault in maps with regular expressions",
    part: "map",
    refused: false,
    openSource: [{ since: "1.30.0", fixed: "1.30.6" }],
    plus: [],
  },
  {
    id: "CVE-2026-60065",
    effect: "an MQTT filter in which anyone who can connect reads beyond a buffer and restarts workers",
    part: "MQTT filter",
    refused: true,
    openSource: [],
    plus: [
      { since: "33", fixed: "36.0.7" },
      { since: "37", fixed: "37.0.3.1" },
    ],
  },
];

/** A version of NGINX, and the faults of it that are accepted. */
export interface VersionedNginx {
  edition?: Edition;
  release?: string;
  image?: Input<string>;
  openSourceVersion?: string;
  unsafeAllowVulnerableVersion?: string[];
}

/**
 * Refuses a version with a grave fault in a part of NGINX that is used, unless the user accepts that fault. Another maker of an
 * image or a package may have mended the version: its faults are warnings.
 *
 * @returns warnings about faults that are accepted, or not grave
 */
export function checkKnownFaults(argument: Argument<VersionedNginx>, parts: ReadonlySet<FaultyPart>): string[] {
  const { unsafeAllowVulnerableVersion: accepted = [] } = argument.value;
  for (const id of argument.field("unsafeAllowVulnerableVersion").entries())
    if (!knownFaults.some((fault) => fault.id === id.value))
      id.refuse(`is ${JSON.stringify(id.value)}, no known fault`, `write some of ${ids(knownFaults).join(", ")}`);
  const named = namedVersion(argument);
  if (named === undefined) return [];
  const faults = knownFaults.filter((fault) => parts.has(fault.part) && fixedVersion(fault, named) !== undefined);
  const refused = faults.filter((fault) => named.isExact && fault.refused && !accepted.includes(fault.id));
  if (refused.length > 0)
    named.argument.refuse(
      `is ${named.text}, which has ${refused.map(({ id, effect }) => `${id}, ${effect}`).join("; ")}`,
      `write ${named.newest} or later (or, knowing this, unsafeAllowVulnerableVersion: ${JSON.stringify(ids(refused))})`,
    );
  const logged = faults.filter((fault) => !refused.includes(fault));
  return [
    ...logged.map(
      (fault) =>
        `${named.argument.path}: ${named.text} has ${fault.id}, ${fault.effect}; fixed in ${named.prefix}${fixedVersion(fault, named)}`,
    ),
    ...oldTablesWarning(),
  ];
}

const ids = (faults: readonly KnownFault[]) => faults.map(({ id }) => id);

/** Version as the user writes it, the argument that names it, and its numbers. */
interface NamedVersion {
  argument: Argument<unknown>;
  text: string;
  numbers: string;
  /** Prefix of its numbers, as its makers write it. */
  prefix: string;
  /** A version without known faults. */
  newest: string;
  /** `true` where the version alone says which faults are mended. */
  isExact: boolean;
  affected: (fault: KnownFault) => readonly AffectedVersions[];
}

/** Images by NGINX's makers, whose tag alone says which faults are mended. */
const official = /(?:^|\/)(?:nginx|nginx-unprivileged):[^/]*$/;

/** Returns the version that will run; undefined for an image that says nothing of it. */
function namedVersion(argument: Argument<VersionedNginx>): NamedVersion | undefined {
  const { edition = Edition.plus, release = defaultRelease, image, openSourceVersion } = argument.value;
  if (edition === Edition.plus) {
    const numbers = release
      .replace(/^PLS\./, "")
      .replace(/^R(\d+)(?: P(\d+))?$/, (_, line, patch = "0") => `${line}.0.${patch}`);
    return {
      ...{ argument: argument.field("release"), text: release, numbers, prefix: "PLS.", newest: defaultRelease },
      ...{ isExact: true, affected: ({ plus }) => plus },
    };
  }
  const text = openSourceVersion ?? (image === undefined ? defaultOpenSourceVersion : imageVersion(image));
  if (text === undefined) return undefined;
  const isExact = openSourceVersion === undefined && official.test(`${image}`);
  const field = argument.field(openSourceVersion === undefined ? "image" : "openSourceVersion");
  return {
    ...{ argument: field, text, numbers: text, prefix: "", newest: defaultOpenSourceVersion },
    ...{ isExact, affected: ({ openSource }) => openSource },
  };
}

const fixedVersion = (fault: KnownFault, { numbers, affected }: NamedVersion): string | undefined =>
  affectedVersions(numbers, affected(fault))?.fixed;

/** Blocks of a configuration that faults may be in. */
export interface ConfigurationBlocks {
  http: readonly NginxConfigNode[];
  stream: readonly NginxConfigNode[];
}

/** Returns the parts of NGINX that a configuration uses. */
export function usedParts({ http, stream }: ConfigurationBlocks): Set<FaultyPart> {
  const uses = (nodes: readonly NginxConfigNode[], test: (node: NginxConfigNode) => boolean): boolean =>
    nodes.some((node) => test(node) || uses(node.block ?? [], test));
  const has =
    (name: string, ...values: string[]) =>
    (node: NginxConfigNode) =>
      node.name === name && (values.length === 0 || (node.args ?? []).some((one) => values.includes(one as string)));
  const all = [...http, ...stream];
  const used: Record<FaultyPart, boolean> = {
    "HTTP/2": uses(http, has("http2", "on")) || uses(http, has("listen", "http2")),
    ssl_preread: uses(stream, has("ssl_preread", "on")),
    "stream client certificates": uses(stream, has("ssl_verify_client", "on")),
    "MQTT filter": uses(stream, has("mqtt", "on")) || uses(stream, has("mqtt_preread", "on")),
    map: uses(all, (node) => node.name === "map" && (node.block ?? []).some(({ name }) => name.startsWith("~"))),
    resolver: uses(all, has("resolver")),
  };
  return new Set((Object.keys(used) as FaultyPart[]).filter((part) => used[part]));
}

import { isSecret, output } from "@pulumi/pulumi";
import { checked, checkPlain, isPlainInput, type Refuser } from "../../foundation";
import { type AgentKeys, agentReleases, v2Keys, v3Keys } from "./keys";
import { becameInV3, calledInV2, type RenamedKeys, renamedKey } from "./renamed";

/** Keys of the agent's file as the user gave them. */
// biome-ignore lint/suspicious/noExplicitAny: this is what is checked
type Settings = Record<string, any>;

interface AgentFile {
  agent: string;
  keys: AgentKeys;
  renamed: RenamedKeys;
  /** What the agent does with a key that it does not know. */
  unknown: string;
  /** The argument that decides a key and all below it, by the key. */
  decided: Record<string, string>;
}

const files: Record<"v2" | "v3", AgentFile> = {
  v2: {
    agent: `agent ${agentReleases.v2}`,
    keys: v2Keys,
    renamed: calledInV2,
    unknown: "which would ignore it",
    decided: {
      "server.host": "v2.hostname",
      "server.grpcPort": "v2.port",
      "server.token": "v2.token",
      "server.metrics": "v2.hostname",
      "server.command": "v2.hostname",
      tls: "v2.tls",
      log: "v2.log",
      "nginx.exclude_logs": "v2.excludeLogs",
      "dataplane.status.poll_interval": "v2.statusPollInterval",
      "metrics.report_interval": "v2.metrics.reportInterval",
      "metrics.collection_interval": "v2.metrics.collectionInterval",
      "metrics.mode": "v2.metrics.mode",
      config_dirs: "v2.configDirectories",
      tags: "v2.tags",
      instance_group: "v2.instanceGroup",
    },
  },
  v3: {
    agent: `agent ${agentReleases.v3}`,
    keys: v3Keys,
    renamed: becameInV3,
    unknown: "which would not start with it",
    decided: {
      "command.server.host": "v3.hostname",
      "command.server.port": "v3.port",
      "command.server.type": "v3.hostname",
      "command.auth.token": "v3.token",
      "command.auth.tokenpath": "v3.tokenPath",
      "command.tls": "v3.tls",
      auxiliary_command: "v3.auxiliary",
      log: "v3.log",
      allowed_directories: "v3.allowedDirectories",
      "data_plane_config.nginx.exclude_logs": "v3.excludeLogs",
      features: "v3.features",
      labels: "v3.labels",
    },
  },
};

/** Checks that the agent has each key, that no argument decides it, and that none turns the verification of a certificate off. */
export function checkSettings(refuse: Refuser, version: "v2" | "v3", settings: Settings | undefined): void {
  if (settings === undefined) return;
  const file = files[version];
  const top = `${version}.settings`;
  checkPlain(refuse, { [top]: settings });
  for (const [key, value] of Object.entries(settings)) check(key, value, file.keys, key);

  function check(path: string, value: unknown, keys: AgentKeys, key: string): void {
    const property = `${top}.${path}`;
    if (value === undefined) return;
    const argument = decidedBy(file, path);
    if (argument !== undefined) refuse(property, `is decided by ${argument}`, `write ${argument} in its place`);
    const below = keyOf(keys, key);
    if (below === undefined) return void unknownKey(refuse, file, top, path, value, keys);
    if (Object.keys(below).length === 0) return void checkLeaf(refuse, property, key, value);
    checkPlain(refuse, { [property]: value });
    const maps = Array.isArray(value) ? value : [value];
    for (const [index, map] of maps.entries()) {
      if (typeof map !== "object" || map === null)
        refuse(property, "is not a group of keys", `write at least one of ${names(below)} below it`);
      for (const [name, item] of Object.entries(map))
        check(`${path}${Array.isArray(value) ? `[${index}]` : ""}.${name}`, item, below, name);
    }
  }
}

/** Whether the settings have a key that a password or token belongs in, so that the whole file is kept as a secret. */
export function holdsSecret(settings: Settings | undefined): boolean {
  return Object.entries(settings ?? {}).some(
    ([key, value]) =>
      ["token", "password", "headers_setter"].includes(key) ||
      (typeof value === "object" && value !== null && isPlainInput(value) && holdsSecret(value as Settings)),
  );
}

function keyOf(keys: AgentKeys, key: string): AgentKeys | undefined {
  return Object.keys(keys).includes(key) ? keys[key] : keys["*"];
}

function decidedBy({ decided }: AgentFile, path: string): string | undefined {
  return Object.entries(decided).find(([key]) => path === key || path.startsWith(`${key}.`))?.[1];
}

function unknownKey(
  refuse: Refuser,
  file: AgentFile,
  top: string,
  path: string,
  value: unknown,
  keys: AgentKeys,
): never {
  if (renamedKey(file.renamed, path) === undefined)
    return refuse(`${top}.${path}`, `is no key of ${file.agent}, ${file.unknown}`, `write one of ${names(keys)}`);
  const inner = firstKey(path, value);
  const renamed = renamedKey(file.renamed, inner);
  if (!renamed)
    return refuse(
      `${top}.${inner}`,
      `is a key of another agent; ${file.agent} has nothing in its place`,
      "leave it out",
    );
  const argument = decidedBy(file, renamed.split(",")[0]!);
  return refuse(
    `${top}.${inner}`,
    `is a key of another agent; in ${file.agent} it is ${renamed}`,
    `write ${argument ?? `settings.${renamed}`}`,
  );
}

/** The first key below a path: what became of it is more exact than what became of its group. */
function firstKey(path: string, value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !isPlainInput(value)) return path;
  const [entry] = Object.entries(value);
  return entry === undefined ? path : firstKey(`${path}.${entry[0]}`, entry[1]);
}

const names = (keys: AgentKeys) => Object.keys(keys).join(", ");

function checkLeaf(refuse: Refuser, property: string, key: string, value: unknown): void {
  checked(value, (known) => {
    for (const item of Array.isArray(known) ? known : [known])
      if (!["string", "number", "boolean"].includes(typeof item) || Number.isNaN(item))
        refuse(property, "is not a value", "write a text, a number, true or false, or a list of those");
    if (key === "skip_verify" && known !== false)
      refuse(
        property,
        "lets anyone pass for the server",
        "leave it out, and write the authority's path as `ca` beside it",
      );
  });
}

/** The text, unless it is a secret: those have no place in a ConfigMap, or in a file that all may read. */
export function withoutSecrets<T>(refuse: Refuser, property: string, text: T): T {
  if (isPlainInput(text)) return text;
  const known = output(text);
  return output([known, isSecret(known)] as const).apply(([value, secret]) => {
    if (secret)
      refuse(
        property,
        "holds a secret that is neither a token nor a password, and the file would be open to all",
        "leave it out (or, if it is public, use pulumi.unsecret)",
      );
    return value;
  }) as T;
}

import { type Argument, isPlainInput, nearestName } from "../../foundation";
import { type AgentKeys, type AgentValue, agentReleases, agentValues, agentWords, v2Keys, v3Keys } from "./keys";
import { becameInV3, calledInV2, type RenamedKeys, renamedKey } from "./renamed";

/** Keys of the agent's file as the user gave them. */
// biome-ignore lint/suspicious/noExplicitAny: this is what is checked
type Settings = Record<string, any>;

interface AgentFile {
  agent: string;
  keys: AgentKeys;
  renamed: RenamedKeys;
  /** Behaviour of the agent towards a key that it does not know. */
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

/** Checks that the agent has each key, that no argument decides it, that values are of its types, and that no value opens the agent to others. */
export function checkSettings(settings: Argument<Settings | undefined>, version: "v2" | "v3"): void {
  const file = files[version];
  for (const [key, value] of settings.record<unknown>()) checkKey(file, value, [key], file.keys);
}

function checkKey(file: AgentFile, argument: Argument<unknown>, path: string[], keys: AgentKeys): void {
  if (argument.value === undefined || argument.value === null) return;
  const decided = decidedBy(file, path.join("."));
  const below = keyOf(keys, path[path.length - 1]!);
  if (decided !== undefined) argument.refuse(`is decided by ${decided}`, `write ${decided} in its place`);
  else if (below === undefined) refuseUnknown(file, argument, path, keys);
  else if (typeof below === "string") checkValue(argument, path, below);
  else checkGroup(file, argument, path, below);
}

function checkGroup(file: AgentFile, argument: Argument<unknown>, path: string[], keys: AgentKeys): void {
  const { value } = argument;
  if (!isPlainInput<unknown>(value))
    argument.refuse(
      "is one output as a whole, so what is in it is not known yet",
      "give the list or object itself, and make outputs or secrets of the values in it",
    );
  else if (Array.isArray(value))
    for (const entry of (argument as Argument<unknown[]>).entries()) checkGroup(file, entry, path, keys);
  else if (typeof value !== "object" || value === null)
    argument.refuse("is not a group of keys", `write at least one of ${names(keys)} below it`);
  else
    for (const [key, item] of (argument as Argument<Settings>).record<unknown>())
      checkKey(file, item, [...path, key], keys);
}

function checkValue(argument: Argument<unknown>, path: string[], kind: AgentValue): void {
  const dotted = path.join(".");
  // A value that is known late may be a secret.
  const show = isPlainInput(argument.value) ? shown : kindOf;
  argument.known((value, known) => {
    if (isWords(kind)) {
      checkWords(known, agentWords[kind], show);
      return;
    }
    const [test, remedy] = agentValues[kind];
    if (!test(value)) known.refuse(`is ${show(value)}`, remedy);
    else if (path[path.length - 1] === "skip_verify" && value === true)
      known.refuse("lets anyone pass for the server", "leave it out, and write the authority's path as `ca` beside it");
    else if (dotted === "api.host" && !/^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(value as string))
      known.refuse(
        `is ${JSON.stringify(value)}: anyone who reaches it can write NGINX's configuration, without authentication`,
        'write "127.0.0.1", or leave it out',
      );
  });
}

const isWords = (kind: AgentValue): kind is keyof typeof agentWords => Object.keys(agentWords).includes(kind);

function checkWords(argument: Argument<unknown>, words: readonly string[], show: (value: unknown) => string): void {
  if (!Array.isArray(argument.value)) argument.refuse(`is ${show(argument.value)}`, "write a list of texts");
  for (const entry of Array.isArray(argument.value) ? (argument as Argument<unknown[]>).entries() : []) {
    if (words.includes(entry.value as string)) continue;
    const near = typeof entry.value === "string" ? nearestName(entry.value, words) : undefined;
    const all = words.join(", ");
    entry.refuse(`is ${show(entry.value)}`, near ? `write ${near}, or another of ${all}` : `write one of ${all}`);
  }
}

/** Returns a value for a message. */
function shown(value: unknown): string {
  if (typeof value === "string") return value.length > 60 ? kindOf(value) : JSON.stringify(value);
  return typeof value === "number" || typeof value === "boolean" ? `${value}` : kindOf(value);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function keyOf(keys: AgentKeys, key: string): AgentKeys | AgentValue | undefined {
  return Object.keys(keys).includes(key) ? keys[key] : keys["*"];
}

function decidedBy({ decided }: AgentFile, path: string): string | undefined {
  return Object.entries(decided).find(([key]) => path === key || path.startsWith(`${key}.`))?.[1];
}

function refuseUnknown(file: AgentFile, argument: Argument<unknown>, path: string[], keys: AgentKeys): void {
  const [inner, innerPath] = firstKey(argument, path.join("."));
  const renamed =
    renamedKey(file.renamed, path.join(".")) === undefined ? undefined : renamedKey(file.renamed, innerPath);
  const decided = renamed && decidedBy(file, renamed.split(",")[0]!);
  if (renamed === undefined) {
    const near = nearestName(path[path.length - 1]!, Object.keys(keys));
    argument.refuse(
      `is no key of ${file.agent}, ${file.unknown}`,
      near && near !== "*" ? `write ${argument.path.replace(/[^.]+$/, near)}` : `write one of ${names(keys)}`,
    );
  } else if (renamed === "")
    inner.refuse(`is a key of another agent; ${file.agent} has nothing in its place`, "leave it out");
  else
    inner.refuse(
      `is a key of another agent; in ${file.agent} it is ${renamed}`,
      `write ${decided ?? `settings.${renamed}`}`,
    );
}

/** Returns the first key below a path: its new name is more exact than that of its group. */
function firstKey(argument: Argument<unknown>, path: string): [argument: Argument<unknown>, path: string] {
  const { value } = argument;
  if (typeof value !== "object" || value === null || Array.isArray(value) || !isPlainInput(value))
    return [argument, path];
  const [entry] = (argument as Argument<Settings>).record<unknown>();
  return entry === undefined ? [argument, path] : firstKey(entry[1], `${path}.${entry[0]}`);
}

const names = (keys: AgentKeys) => Object.keys(keys).join(", ");

/** A key that a secret belongs in, whichever agent has it. */
const secretKey =
  /(?:^|[_-])(?:tokens?|passwords?|passwd|secrets?|credentials?|api[_-]?key|authorization)$|^headers_setter$/i;
const urlKey = /^(?:url|plus_api|stub_status)$/;
const userInfo =
  /[a-z][a-z0-9+.-]*:\/\/(?:[^\s/?#@]+@|[^\s?#]*\?[^\s#]*(?:token|password|secret|api[_-]?key)[^\s=&#]*=)/i;

/**
 * Returns whether a file has a secret in it, so that the whole of it is kept as one: under a key for secrets, or in a URL before its host or in its query.
 * A URL that is an Output counts as one with a secret.
 */
export const holdsSecret = (tree: unknown, key = ""): boolean => {
  if (tree === undefined || tree === null) return false;
  if (secretKey.test(key)) return true;
  if (!isPlainInput<unknown>(tree)) return urlKey.test(key);
  if (typeof tree === "object") return Object.entries(tree).some(([name, value]) => holdsSecret(value, name));
  return hasUserInfo(tree);
};

/** Returns whether a text has a URL in it with a user name, a password or a token. */
export const hasUserInfo = (text: unknown): boolean => typeof text === "string" && userInfo.test(text);

import * as pulumi from "@pulumi/pulumi";
import { type Argument, isPlainInput, isPlainThroughout, publicValue } from "../../foundation";
import { isMap, mergeValues } from "../../helm";
import type {
  NginxAgentConfigurationArgs,
  NginxAgentTls,
  NginxAgentV1,
  NginxAgentV2,
  NginxAgentV3,
  NginxAgentV3Server,
} from "./nginx-agent-args";
import { hasUserInfo, holdsSecret } from "./settings";
import { printYaml, type YamlValue } from "./yaml";

/** Port that a management plane listens on unless it is told otherwise. */
export const standardPort = 443;

type Files = Pick<NginxAgentConfigurationArgs, "v1" | "v2" | "v3">;

/** The file of an agent, and whether it has a secret in it. */
export interface AgentFile {
  text: pulumi.Input<string>;
  isSecret: boolean;
}

/** Returns the file: as a secret where it has one in it, otherwise refusing a secret that the agent expects nowhere. */
export function resolveFile(argument: Argument<Files>): AgentFile {
  const tree = agentTree(argument.value);
  const text = print(tree);
  if (holdsSecret(tree)) return { text: pulumi.secret(text), isSecret: true };
  const { v1, v2 } = argument.value;
  const version = argument.field(v1 ? "v1" : v2 ? "v2" : "v3");
  const refuse = () =>
    version.refuse(
      "holds a secret that is neither a token nor a password, and the file would be open to all",
      "leave it out (or, if it is public, use pulumi.unsecret)",
    );
  // Plain URLs are in the tree. One that is known late is under a key for URLs, or is refused.
  const open = isPlainInput(text)
    ? text
    : text.apply((known) => {
        if (hasUserInfo(known))
          version.refuse(
            "has a URL with a user name, a password or a token in it, and the file would be open to all",
            "write that URL as a plain text, or its password under a key for passwords",
          );
        return known;
      });
  return { text: publicValue(open, refuse), isSecret: false };
}

/** Returns the text of the file, at once where every value is plain. */
export const agentFile = (args: Files): pulumi.Input<string> => print(agentTree(args));

function print(tree: object): pulumi.Input<string> & (string | pulumi.Output<string>) {
  return isPlainThroughout(tree)
    ? printYaml(tree as Record<string, YamlValue>)
    : pulumi.output(tree).apply((known) => printYaml(known as Record<string, YamlValue>));
}

function agentTree({ v1, v2, v3 }: Files): object {
  const tree = v1
    ? v1Tree(v1)
    : v2
      ? mergeValues(v2Tree(v2), v2.settings ?? {})
      : v3
        ? mergeValues(v3Tree(v3), v3.settings ?? {})
        : {};
  return (withoutUndefined(tree) ?? {}) as object;
}

function v1Tree({ hostname, port, tls, log, location, tags, configDirectories, nginx }: NginxAgentV1) {
  return {
    server: isPlainInput(hostname) ? `${hostname}:${port}` : pulumi.interpolate`${hostname}:${port}`,
    tls: switchedTls(tls),
    log,
    metadata: { location },
    tags,
    config_dirs: joined(configDirectories, ","),
    nginx: { bin_path: nginx?.binaryPath, stub_status: nginx?.stubStatusUrl, plus_api: nginx?.plusApiUrl },
  };
}

function v2Tree(v2: NginxAgentV2) {
  const { hostname, port = standardPort, metrics } = v2;
  // Without these two the agent asks for the name that its connection has; said, nothing on the way changes it.
  const names = v2.tls?.unsafePlaintext ? {} : { metrics: hostname, command: hostname };
  return {
    server: { host: hostname, grpcPort: port, token: v2.token, ...names },
    tls: { ...switchedTls(v2.tls), skip_verify: v2.tls?.unsafeSkipVerification ?? false },
    log: v2.log,
    nginx: { exclude_logs: joined(v2.excludeLogs, ",") },
    dataplane: { status: { poll_interval: v2.statusPollInterval } },
    metrics: {
      report_interval: metrics?.reportInterval,
      collection_interval: metrics?.collectionInterval,
      mode: metrics?.mode,
    },
    config_dirs: joined(v2.configDirectories, ":"),
    tags: v2.tags,
    instance_group: v2.instanceGroup,
  };
}

function v3Tree(v3: NginxAgentV3) {
  return {
    log: v3.log,
    allowed_directories: v3.allowedDirectories,
    command: commandTree(v3),
    auxiliary_command: v3.auxiliary && commandTree(v3.auxiliary),
    data_plane_config: { nginx: { exclude_logs: v3.excludeLogs } },
    features: v3.features,
    labels: v3.labels,
  };
}

function commandTree({ hostname, port = standardPort, token, tokenPath, tls }: NginxAgentV3Server) {
  return {
    server: { host: hostname, port, type: "grpc" },
    auth: { token, tokenpath: tokenPath },
    // Agent 3 speaks TLS when any key of it is there, and in the clear otherwise: the name alone is enough.
    tls: tls?.unsafePlaintext
      ? undefined
      : { server_name: hostname, ...paths(tls), skip_verify: tls?.unsafeSkipVerification ?? false },
  };
}

/** TLS of agents 1 and 2, whose default is off. */
function switchedTls(tls: NginxAgentTls | undefined) {
  return { enable: !tls?.unsafePlaintext, ...paths(tls) };
}

function paths(tls: NginxAgentTls | undefined) {
  return {
    cert: tls?.clientCertificate?.certificatePath,
    key: tls?.clientCertificate?.keyPath,
    ca: tls?.trustedCertificatesPath,
  };
}

function joined(items: pulumi.Input<string>[] | undefined, separator: string): pulumi.Input<string> | undefined {
  if (items === undefined) return undefined;
  return items.every(isPlainInput) ? items.join(separator) : pulumi.all(items).apply((known) => known.join(separator));
}

/** Returns a value without keys that are not given, and without groups that have no others. */
function withoutUndefined(value: unknown): unknown {
  if (!isMap(value)) return value;
  const given = Object.entries(value)
    .map(([key, item]) => [key, withoutUndefined(item)] as const)
    .filter(([, item]) => item !== undefined && item !== null);
  return given.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(given);
}

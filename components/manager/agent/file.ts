import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import type {
  NginxAgentConfigurationArgs,
  NginxAgentTls,
  NginxAgentV1,
  NginxAgentV2,
  NginxAgentV3,
  NginxAgentV3Server,
} from "./nginx-agent-args";
import { printYaml, type YamlValue } from "./yaml";

/** Port that a management plane listens on unless it is told otherwise. */
export const standardPort = 443;

/** Text of the agent's file, at once where every value is plain. */
export function agentFile(args: Pick<NginxAgentConfigurationArgs, "v1" | "v2" | "v3">): pulumi.Input<string> {
  const tree = withoutUndefined(agentTree(args)) as Record<string, unknown>;
  return isPlain(tree)
    ? printYaml(tree as Record<string, YamlValue>)
    : pulumi.output(tree).apply((known) => printYaml(known as Record<string, YamlValue>));
}

function agentTree({ v1, v2, v3 }: Parameters<typeof agentFile>[0]): object {
  if (v1 !== undefined) return v1Tree(v1);
  if (v2 !== undefined) return merged(v2Tree(v2), v2.settings ?? {});
  return merged(v3Tree(v3!), v3!.settings ?? {});
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

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && isPlainInput(value);

function merged(tree: object, settings: object): object {
  const result: Record<string, unknown> = { ...tree };
  for (const [key, value] of Object.entries(settings)) {
    const former = result[key];
    result[key] = isMap(former) && isMap(value) ? merged(former, value) : value;
  }
  return result;
}

/** What is not given is no key of the file, nor is a group of nothing that no user wrote. */
function withoutUndefined(value: unknown): unknown {
  if (!isMap(value)) return value;
  const given = Object.entries(value)
    .map(([key, item]) => [key, withoutUndefined(item)] as const)
    .filter(([, item]) => item !== undefined);
  return given.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(given);
}

const isPlain = (value: unknown): boolean =>
  isPlainInput(value) && (typeof value !== "object" || value === null || Object.values(value).every(isPlain));

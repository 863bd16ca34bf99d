import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats } from "../../foundation";
import { checkAuthorities, readCertificates } from "../../pki";
import { checkHostCertificate } from "../certificate-checks";
import {
  AgentPublication,
  checkAgentAuthorities,
  checkFront,
  checkHostBackendTls,
  connectsByHttp,
  type InstanceManagerV1Front,
  isLoopback,
  managerPorts,
} from "../front";
import type { ResolvedHost } from "../host";
import { checkServerName } from "../hostname";
import type { SnippetOrigins } from "../snippets";
import type { InstanceManagerV1HostArgs, InstanceManagerV1Manager } from "./instance-manager-v1-host-args";
import { defaultBindAddress } from "./manager-file";

type Host = Argument<InstanceManagerV1HostArgs>;

const parts = ["grpc", "gateway"] as const;

/** Checks an InstanceManagerV1Host but for its machine: what would open Instance Manager, and what would not start. */
export function checkInstanceManagerV1Host(host: Host, machine: ResolvedHost): SnippetOrigins {
  const hostname = host.field("hostname");
  checkServerName(hostname);
  host.field("drainSeconds").integer(1, 24 * 60 * 60);
  let origins: SnippetOrigins = new Map();
  host.check(
    () => checkManager(host.field("manager") as Argument<InstanceManagerV1Manager | undefined>, host),
    () => {
      if (host.value.front) origins = checkHostFront(host, machine);
      else refuseFrontMaterial(host);
    },
  );
  for (const certificate of [
    host.field("certificate"),
    host.field("agentCertificate"),
    host.field("manager").field("certificate"),
  ])
    checkHostCertificate(certificate, { usage: "server", names: [hostname] });
  return origins;
}

function checkManager(manager: Argument<InstanceManagerV1Manager | undefined>, { value: args }: Host): void {
  const {
    bindAddress = defaultBindAddress,
    grpcPort = managerPorts.grpc,
    gatewayPort = managerPorts.gateway,
  } = manager.value ?? {};
  checkBindAddress(manager.field("bindAddress"), bindAddress, args);
  manager.integers({ grpcPort: [1, 65535], gatewayPort: [1, 65535] });
  if (grpcPort === gatewayPort)
    manager.field("gatewayPort").refuse("is grpcPort too", "give each service a port of its own");
  for (const property of ["logPath", "metricsPath"] as const) manager.field(property).matches(folderPath);
  manager.field("group").matches(formats.account);
  const authority = manager.field("systemAuthorityPem");
  checkAuthorities(authority);
  authority.known((pem, argument) => {
    const { length = 0 } = argument.read((refuse) => readCertificates(refuse, argument.path, pem)) ?? {};
    if (length > 1)
      argument.refuse(
        `has ${length} certificates, and the operating system takes one from a file`,
        "write the root alone",
      );
  });
}

/** Absolute path that may end in a slash. */
const folderPath: Format = {
  ...formats.absolutePath,
  test: (text) => formats.absolutePath.test(text.replace(/(?<=.)\/$/, "")),
};

function checkBindAddress(
  argument: Argument<string | undefined>,
  address: string,
  { manager, front, upstreams }: InstanceManagerV1HostArgs,
): void {
  const socket = address.startsWith("/");
  if (socket) argument.matches(formats.absolutePath);
  else if (isIP(address) === 0 && address !== "localhost")
    argument.refuse("is neither an address nor the path of a socket", "write 127.0.0.1, or a path");
  else if (!isLoopback(address)) {
    if (manager?.certificate === undefined)
      argument.refuse(
        `is ${address}, where passwords and agents' instructions would go in the clear: there is no manager.certificate`,
        "give a certificate, or write 127.0.0.1 and a front",
      );
    else if (front)
      argument.refuse(
        `is ${address}, so that agents can walk around the front`,
        "leave it out: NGINX reaches 127.0.0.1",
      );
  }
  for (const part of parts)
    if (socket && upstreams?.[part] === undefined && front?.[part === "grpc" ? "agents" : "api"])
      argument
        .with(`upstreams.${part}`, undefined)
        .refuse("is missing: manager.bindAddress is a socket", "write where the service is: unix:/run/nginx-manager/…");
}

function checkHostFront(host: Host, machine: ResolvedHost): SnippetOrigins {
  const { manager = {}, backendTls, upstreams = {} } = host.value;
  const front = host.field("front") as Argument<InstanceManagerV1Front>;
  const { agents, status } = front.value;
  const passed = agents?.publication === AgentPublication.passthrough;
  const [authorities, lists, tls] = [
    host.field("agentAuthoritiesPem"),
    host.field("agentCrlPem"),
    host.field("backendTls"),
  ];
  const origins = checkFront(front, {
    edition: machine.edition,
    certificate: host.field("certificate"),
    agentCertificate: host.field("agentCertificate"),
    authorities,
    statusUsers: host.field("statusUsers"),
    statusWriters: host.field("statusWriters"),
    statusAddress: status?.address ?? "127.0.0.1",
  });
  checkPorts(host);
  checkAgentAuthorities(authorities, lists, front.field("agents").field("revocation").field("crl"));
  if (passed && manager.certificate === undefined && upstreams.grpc === undefined)
    host
      .field("manager")
      .with("manager.certificate", undefined)
      .refuse(
        'is missing: with front.agents.publication "passthrough" Instance Manager is where TLS ends',
        "give its certificate",
      );
  const verifies = connectsByHttp(front.value);
  if (manager.certificate && verifies && !backendTls)
    tls.refuse(
      "is missing: with manager.certificate both services speak TLS only",
      "give the authorities of that certificate",
    );
  if (backendTls && !verifies) tls.refuse("is given, but TLS is only passed on", "leave it out, or publish the api");
  if (backendTls && !manager.certificate && Object.keys(upstreams).length === 0)
    tls.refuse("is given, but without manager.certificate Instance Manager speaks no TLS", "give both");
  checkBackendTls(host);
  for (const part of parts)
    checkUpstream(host.field("upstreams").field(part), backendTls !== undefined || (part === "grpc" && passed));
  for (const file of [host.field("statusUsers"), host.field("statusWriters")]) checkPasswordFile(file);
  return origins;
}

/** Checks the ports of all listeners, and that no two have one. */
function checkPorts(host: Host): void {
  const { front, manager = {}, upstreams = {} } = host.value;
  const { api, agents, status } = front!;
  const taken = new Map<number, string>();
  for (const option of [
    host.field("front").field("api").field("port"),
    host.field("front").field("api").field("redirectPort"),
    host.field("front").field("agents").field("port"),
    host.field("front").field("status").field("port"),
  ])
    option.port();
  for (const [path, port] of [
    ["manager.grpcPort", upstreams.grpc ? undefined : (manager.grpcPort ?? managerPorts.grpc)],
    ["manager.gatewayPort", upstreams.gateway ? undefined : (manager.gatewayPort ?? managerPorts.gateway)],
    ["front.api.port", api && (api.port ?? 443)],
    ["front.api.redirectPort", api?.redirectPort],
    ["front.agents.port", agents && (agents.port ?? 10_443)],
    ["front.status.port", status && (status.port ?? 8080)],
  ] as const) {
    if (port === undefined) continue;
    const other = taken.get(port);
    // The manager's own two are compared elsewhere.
    if (other !== undefined && path !== "manager.gatewayPort")
      host.with(path, port).refuse(`is ${port}, which ${other} has`, "give each a port of its own");
    taken.set(port, path);
  }
}

function checkBackendTls(host: Host): void {
  const tls = host.field("backendTls");
  const serverName = tls.field("serverName");
  checkServerName(serverName);
  if (serverName.value !== undefined)
    checkHostCertificate(host.field("manager").field("certificate"), { usage: "server", names: [serverName] });
  checkHostBackendTls(tls);
}

const upstreamAddress: Format = {
  test: (text) => text.startsWith("unix:") || (formats.hostAndOptionalPort.test(text) && /[^:]:\d+$/.test(text)),
  wrong: "is not the address of a service",
  remedy: "write host:port, or unix: and the path of a socket",
};

function checkUpstream(upstream: Argument<string | undefined>, verified: boolean): void {
  upstream.matches(upstreamAddress);
  const { value } = upstream;
  if (value === undefined || !upstreamAddress.test(value)) return;
  if (value.startsWith("unix:")) upstream.with(upstream.path, value.slice(5)).matches(formats.absolutePath);
  else if (!verified && !isLoopback(value.replace(/:\d+$/, "").replace(/[[\]]/g, "")))
    upstream.refuse("is another machine, and there is no backendTls", "give it, or use 127.0.0.1 or a socket");
}

/** Refuses arguments that only NGINX uses. */
function refuseFrontMaterial(host: Host): void {
  host
    .field("agentAuthoritiesPem")
    .notGiven(
      "is given without front: nginx-manager.conf has no key for authorities, so nothing says that agents are asked for a certificate",
      "publish agents by front, or leave it out",
    );
  for (const property of [
    "certificate",
    "agentCertificate",
    "agentCrlPem",
    "upstreams",
    "backendTls",
    "drainSeconds",
    "statusUsers",
    "statusWriters",
  ] as const)
    host.field(property).notGiven("is given without front", "it is NGINX's: leave it out, or give the front");
}

/** Checks the form of a password file; never quotes it. */
function checkPasswordFile(file: Argument<Input<string> | undefined>): void {
  file.known((text, argument) => {
    const lines = text.split("\n").filter((line) => line !== "");
    if (lines.length === 0 || !lines.every((line) => /^[^:\s#]+:[^\s:]{8,}(?::.*)?$/.test(line)))
      argument.refuse(
        "is not a password file",
        "write lines as `htpasswd` or `openssl passwd -6` make them: user:hash",
      );
    else if (lines.some((line) => /^[^:]+:(?:\{PLAIN\}|(?!\$|\{))/.test(line)))
      argument.refuse("has a password in the clear, or by crypt", "hash it with `openssl passwd -6`");
  });
}

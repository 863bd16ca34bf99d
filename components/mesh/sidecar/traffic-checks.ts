import { type Argument, type Format, formats } from "../../foundation";
import { meshFormats } from "../formats";
import { portsPerPurpose, reservedPorts } from "./ports";
import {
  MeshMode,
  type MeshPeer,
  MeshProtocol,
  type SidecarArgs,
  type SidecarInbound,
  type SidecarOutbound,
} from "./sidecar-args";

/** Values of the other arguments that decide about a port. */
export interface PortContext {
  redirect: boolean;
  inbound: readonly SidecarInbound[];
  outbound: readonly SidecarOutbound[];
  /** First of the ports that NGINX has for itself. */
  firstPort: number;
}

/** Checks that both lists together have an entry, and neither has more than there are ports for. */
export function checkLists(argument: Argument<SidecarArgs>): void {
  const { inbound = [], outbound = [] } = argument.value;
  if (inbound.length + outbound.length === 0)
    argument
      .field("inbound")
      .refuse("and outbound are empty", "declare at least one port, or one workload that this one connects to");
  for (const key of ["inbound", "outbound"] as const) {
    const length = argument.value[key]?.length ?? 0;
    if (length > portsPerPurpose)
      argument.field(key).refuse(`has ${length} entries`, `declare at most ${portsPerPurpose}`);
  }
}

/** Checks ports on which the workload is reached: each is reachable, closed to strangers, and not in a circle with NGINX. */
export function checkInbound(list: Argument<SidecarInbound[] | undefined>, context: PortContext): void {
  const ports = new Set<unknown>();
  for (const entry of list.entries()) {
    const { mode = MeshMode.strict } = entry.value;
    entry.check(
      () => checkOwnPort(entry.field("port"), context),
      () => entry.field("port").unique(ports, "declare each port once"),
      ...(mode === MeshMode.off
        ? [checkOff]
        : [
            checkAllow,
            (one: Argument<SidecarInbound>) => checkPlainPaths(one, mode),
            (one: Argument<SidecarInbound>) => checkApplicationPort(one, context),
          ]),
    );
  }
}

function checkOff(one: Argument<SidecarInbound>): void {
  for (const field of ["allow", "allowTrustDomain", "plainPaths", "applicationPort"] as const)
    if (one.value[field] !== undefined && one.value[field] !== false)
      one.field(field).refuse("is given for mode off, in which nobody heeds it", "leave it out, or write another mode");
}

function checkAllow(one: Argument<SidecarInbound>): void {
  const { allow: given, allowTrustDomain = false } = one.value;
  const allow = one.field("allow");
  if (given !== undefined && allowTrustDomain)
    allow.refuse("is given beside allowTrustDomain", "leave one of the two out");
  if (given === undefined && !allowTrustDomain)
    allow.refuse(
      "is missing, so nobody could connect",
      "name the workloads that may (or, for every one of the trust domain, allowTrustDomain: true)",
    );
  if (given?.length === 0) allow.refuse("is empty, so nobody could connect", "name at least one workload");
  for (const peer of allow.entries()) peer.check(checkPeer);
}

/** Checks the names of a workload, whose identity is made from them. */
function checkPeer(peer: Argument<MeshPeer>): void {
  peer.field("namespace").matches(formats.dnsLabel);
  peer.field("serviceAccount").matches(formats.dnsSubdomain);
}

const requestPath: Format = {
  test: (text) => /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/.test(text),
  wrong: "is not the path of a request",
  remedy: "write it as the probe asks: it begins with /, and has no fragment or space",
};

const grpcMethod: Format = {
  test: (text) => !requestPath.test(text) || /^\/[A-Za-z0-9_.]+\/[A-Za-z0-9_]+$/.test(text),
  wrong: "is not a method of gRPC",
  remedy: "write /<package.Service>/<Method>",
};

function checkPlainPaths(one: Argument<SidecarInbound>, mode: MeshMode): void {
  const plainPaths = one.field("plainPaths");
  const { protocol } = one.value;
  if (plainPaths.value === undefined) return;
  if (protocol === MeshProtocol.tcp)
    plainPaths.refuse("is given for tcp, which has no paths", "leave it out: a tcpSocket probe needs none");
  if (mode === MeshMode.permissive)
    plainPaths.refuse("is given for mode permissive, where all plaintext passes", "leave it out");
  const seen = new Set<unknown>();
  for (const path of plainPaths.entries()) {
    path.matches(requestPath);
    if (path.value.length > 1024) path.refuse(`has ${path.value.length} characters`, "write at most 1024");
    path.unique(seen, "write each path once");
    if (protocol === MeshProtocol.grpc) path.matches(grpcMethod);
  }
}

/** NGINX and the application listen on two ports, unless connections are redirected. */
function checkApplicationPort(one: Argument<SidecarInbound>, context: PortContext): void {
  const { port, applicationPort } = one.value;
  const argument = one.field("applicationPort");
  if (context.redirect) {
    if (applicationPort !== undefined)
      argument.refuse(
        "is given with redirect",
        "leave it out: the application listens on port, and connections to it are redirected",
      );
    return;
  }
  if (applicationPort === undefined)
    argument.refuse("is missing", "write the port on 127.0.0.1 on which the application listens, or set redirect");
  checkOwnPort(argument, context);
  if (port >= 1 && port < 1024)
    one
      .field("port")
      .refuse(
        `is ${port}, on which NGINX may not listen without privileges`,
        "use a port from 1024; the Service may have another",
      );
  const other = context.inbound.find((each) => each.port === applicationPort);
  if (other)
    argument.refuse(
      `is ${applicationPort}, ${other.port === port ? "the port on which NGINX listens" : "another port of the pod"}`,
      "let the application listen on one of its own",
    );
}

/** Checks a port of the user's: it is outside those that NGINX has for itself. */
function checkOwnPort(argument: Argument<number | undefined>, { firstPort }: PortContext): void {
  const { value } = argument;
  argument.port();
  if (value !== undefined && value >= firstPort && value < firstPort + reservedPorts)
    argument.refuse(
      `is ${value}, one of those that the sidecar has for itself`,
      `set firstPort, so that ${reservedPorts} ports from it on are free`,
    );
}

/** Checks workloads that this one connects to: they are told apart, and can be reached. */
export function checkOutbound(list: Argument<SidecarOutbound[] | undefined>, context: PortContext): void {
  const names = new Set<unknown>();
  for (const [index, entry] of list.entries().entries()) {
    const before = context.outbound.slice(0, index);
    entry.check(
      () => entry.field("name").matches(workloadName),
      () => entry.field("name").unique(names, "give each workload a name of its own"),
      () => entry.field("host").matches(meshFormats.serviceHost),
      () => entry.field("port").port(),
      () => entry.field("peer").given(checkPeer),
      checkKeepalive,
      () => (context.redirect ? checkRedirected(entry, before) : checkLocalPort(entry, before, context)),
    );
  }
}

const workloadName: Format = {
  test: (text) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text),
  wrong: "is not the name of a workload",
  remedy: "use at most 63 lower-case letters, digits and -",
};

function checkKeepalive(one: Argument<SidecarOutbound>): void {
  const keepalive = one.field("keepalive");
  keepalive.integer(0, 1000);
  if (keepalive.value !== undefined && one.value.protocol === MeshProtocol.tcp)
    keepalive.refuse("is given for tcp, where each connection is the application's", "leave it out");
}

/** With redirect, tcp is known by its port alone; http and grpc are known by the host too. */
function checkRedirected(one: Argument<SidecarOutbound>, before: readonly SidecarOutbound[]): void {
  const { port, protocol, localPort } = one.value;
  if (localPort !== undefined)
    one.field("localPort").refuse("is given with redirect", "leave it out: the application connects as it did");
  const sharing = before.find((other) => other.port === port && port !== undefined);
  if (sharing && (protocol === MeshProtocol.tcp || sharing.protocol !== protocol))
    one
      .field("port")
      .refuse(
        `is ${port}, like that of "${sharing.name}", and with redirect ${protocol} and ${sharing.protocol} cannot share one`,
        "let one of the two Services have another port, or leave redirect out",
      );
  const aliases = one.field("aliases");
  if (aliases.value !== undefined && protocol === MeshProtocol.tcp)
    aliases.refuse("is given for tcp, which has no header Host", "leave it out");
  for (const alias of aliases.entries()) alias.matches(meshFormats.serviceHost);
}

function checkLocalPort(
  one: Argument<SidecarOutbound>,
  before: readonly SidecarOutbound[],
  context: PortContext,
): void {
  const localPort = one.field("localPort");
  const { value } = localPort;
  if (one.value.aliases !== undefined)
    one.field("aliases").refuse("is given without redirect", "leave it out: the port on 127.0.0.1 says who is called");
  if (value === undefined) {
    localPort.refuse("is missing", "write the port on 127.0.0.1 to which the application connects, or set redirect");
    return;
  }
  checkOwnPort(localPort, context);
  if (value >= 1 && value < 1024)
    localPort.refuse(`is ${value}, on which NGINX may not listen without privileges`, "use a port from 1024");
  if (before.some((other) => other.localPort === value))
    localPort.refuse(`repeats ${value}`, "give each workload a port of its own on 127.0.0.1");
  if (context.inbound.some(({ port, applicationPort }) => port === value || applicationPort === value))
    localPort.refuse(`is ${value}, a port in inbound`, "give it a port of its own on 127.0.0.1");
}

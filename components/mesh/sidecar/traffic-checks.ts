import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats } from "../../foundation";
import { meshFormats } from "../formats";
import { isReserved, portsPerPurpose, reservedPorts } from "./ports";
import {
  MeshIpFamily,
  MeshMode,
  type MeshPeer,
  MeshProtocol,
  type SidecarArgs,
  type SidecarInbound,
  type SidecarOutbound,
} from "./sidecar-args";

/** Other arguments on which the rules of a port depend. */
export interface PortContext {
  redirect: boolean;
  inbound: readonly SidecarInbound[];
  outbound: readonly SidecarOutbound[];
  /** First of the ports reserved for NGINX. */
  firstPort: number;
  /** Whether NGINX itself resolves the hosts of workloads. */
  asksNameServers: boolean;
  ipFamilies: readonly MeshIpFamily[];
}

/** Checks that both lists together have an entry, and neither has more than NGINX has ports. */
export function checkLists(argument: Argument<SidecarArgs>): void {
  const { inbound = [], outbound = [] } = argument.value;
  if (inbound.length + outbound.length === 0)
    argument
      .field("inbound")
      .refuse("and outbound are empty", "declare at least one port, or one workload to which this one connects");
  for (const key of ["inbound", "outbound"] as const) {
    const { length } = argument.value[key] ?? [];
    if (length > portsPerPurpose)
      argument.field(key).refuse(`has ${length} entries`, `declare at most ${portsPerPurpose}`);
  }
}

/** Checks the inbound ports: clients reach each, only the allowed ones pass, and NGINX does not connect to itself. */
export function checkInbound(list: Argument<SidecarInbound[] | undefined>, context: PortContext): void {
  const ports = new Set<unknown>();
  for (const entry of list.entries())
    entry.check(
      () => checkPort(entry.field("port"), context),
      () => entry.field("port").unique(ports, "declare each port once"),
      ...(entry.value.mode === MeshMode.off
        ? [checkOff]
        : [checkAllow, checkPlainPaths, () => checkApplicationPort(entry, context)]),
    );
}

function checkOff(entry: Argument<SidecarInbound>): void {
  for (const key of ["allow", "allowTrustDomain", "plainPaths", "applicationPort"] as const)
    entry.field(key).notGiven("is given for mode off, which ignores it", "leave it out, or write another mode");
}

function checkAllow(entry: Argument<SidecarInbound>): void {
  entry.exactlyOne(
    ["allow", "allowTrustDomain"],
    "name the workloads that may connect, or set allowTrustDomain: true for every workload of the trust domain",
  );
  const allow = entry.field("allow");
  allow.notEmpty("name at least one workload that may connect");
  for (const peer of allow.entries()) peer.check(checkPeer);
}

/** Checks the names from which a workload's identity is made. */
function checkPeer(peer: Argument<MeshPeer>): void {
  peer.field("namespace").matches(formats.dnsLabel);
  peer.field("serviceAccount").matches(formats.dnsSubdomain);
}

const requestPath: Format = {
  test: (text) => /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]{0,1023}$/.test(text),
  wrong: "is not the path of a request",
  remedy: "write it as the probe requests it: at most 1024 characters, from `/` on, without fragment or space",
};

const grpcMethod: Format = {
  test: (text) => !requestPath.test(text) || /^\/[A-Za-z0-9_.]+\/[A-Za-z0-9_]+$/.test(text),
  wrong: "is not a method of gRPC",
  remedy: "write /<package.Service>/<Method>",
};

function checkPlainPaths(entry: Argument<SidecarInbound>): void {
  const plainPaths = entry.field("plainPaths");
  const { protocol, mode } = entry.value;
  if (protocol === MeshProtocol.tcp)
    plainPaths.notGiven("is given for tcp, which has no paths", "leave it out: a tcpSocket probe needs none");
  if (mode === MeshMode.permissive)
    plainPaths.notGiven("is given for mode permissive, which accepts all plaintext", "leave it out");
  const seen = new Set<unknown>();
  for (const path of plainPaths.entries()) {
    path.matches(requestPath);
    path.unique(seen, "write each path once");
    if (protocol === MeshProtocol.grpc) path.matches(grpcMethod);
  }
}

/** Checks that NGINX and the application listen on two ports, unless connections are redirected. */
function checkApplicationPort(entry: Argument<SidecarInbound>, context: PortContext): void {
  const { port, applicationPort } = entry.value;
  const argument = entry.field("applicationPort");
  if (context.redirect) {
    argument.notGiven("is given with redirect", "leave it out: connections to port are redirected");
    return;
  }
  if (applicationPort === undefined)
    argument.refuse("is missing", "write the port on 127.0.0.1 on which the application listens, or set redirect");
  checkPort(argument, context);
  checkUnprivileged(entry.field("port"));
  const other = context.inbound.find((each) => each.port === applicationPort);
  if (other)
    argument.refuse(
      `is ${applicationPort}, ${other.port === port ? "the port on which NGINX listens" : "another port of the pod"}`,
      "let the application listen on another port",
    );
}

/** Checks a port of the user, outside the ports reserved for NGINX. */
function checkPort(argument: Argument<number | undefined>, { firstPort }: PortContext): void {
  argument.port();
  if (isReserved(argument.value, firstPort))
    argument.refuse(
      `is ${argument.value}, which is reserved for the sidecar`,
      `set firstPort, so that ${reservedPorts} ports from it on are free`,
    );
}

/** Checks a port on which NGINX listens, without privileges. */
function checkUnprivileged(argument: Argument<number | undefined>): void {
  const { value = 0 } = argument;
  if (value >= 1 && value < 1024)
    argument.refuse(
      `is ${value}, on which NGINX cannot listen without privileges`,
      "write 1024 or higher; the Service may have another port",
    );
}

/** Checks the outbound workloads: NGINX can tell them apart and reach them. */
export function checkOutbound(list: Argument<SidecarOutbound[] | undefined>, context: PortContext): void {
  const names = new Set<unknown>();
  for (const [index, entry] of list.entries().entries()) {
    const before = context.outbound.slice(0, index);
    entry.check(
      () => entry.field("name").matches(workloadName),
      () => entry.field("name").unique(names, "give each workload its own name"),
      () => checkHost(entry.field("host"), context),
      () => entry.field("port").port(),
      () => entry.field("peer").given(checkPeer),
      checkKeepalive,
      () => (context.redirect ? checkRedirected(entry, before, context) : checkLocalPort(entry, before, context)),
    );
  }
}

const unambiguousHost: Format = {
  test: (text) => text.split(".").length !== 2,
  wrong: "has two labels, and NGINX's resolver has no search list",
  remedy: "write for example orders.shop.svc, with the namespace and svc",
};

/** Checks a host name, which NGINX can complete if it resolves the name itself. */
function checkHost(host: Argument<Input<string>>, { asksNameServers }: PortContext): void {
  host.matches(meshFormats.serviceHost);
  if (asksNameServers) host.matches(unambiguousHost);
}

const workloadName: Format = {
  test: (text) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text),
  wrong: "is not the name of a workload",
  remedy: "write at most 63 lower-case letters, digits and `-`",
};

function checkKeepalive(entry: Argument<SidecarOutbound>): void {
  const keepalive = entry.field("keepalive");
  keepalive.integer(0, 1000);
  if (entry.value.protocol === MeshProtocol.tcp)
    keepalive.notGiven("is given for tcp, where each connection is the application's", "leave it out");
}

/** Checks a workload behind a redirect, which is selected by port alone for tcp, and by port and host for http and grpc. */
function checkRedirected(
  entry: Argument<SidecarOutbound>,
  before: readonly SidecarOutbound[],
  context: PortContext,
): void {
  const { port, protocol } = entry.value;
  const isTcp = protocol === MeshProtocol.tcp;
  entry
    .field("localPort")
    .notGiven("is given with redirect", "leave it out: the application connects to host and port");
  const other = before.find((one) => one.port === port && port !== undefined);
  if (other && (isTcp || other.protocol !== protocol))
    entry
      .field("port")
      .refuse(
        `is ${port}, as for "${other.name}", and with redirect ${protocol} and ${other.protocol} cannot share a port`,
        "give one of the two Services another port, or leave redirect out",
      );
  checkAddresses(entry, context);
  const aliases = entry.field("aliases");
  if (isTcp) aliases.notGiven("is given for tcp, which has no header Host", "leave it out");
  for (const alias of aliases.entries()) alias.matches(meshFormats.serviceHost);
}

/** Checks that a connection by tcp cannot reach another workload than the one it is meant for. */
function checkAddresses(entry: Argument<SidecarOutbound>, { ipFamilies }: PortContext): void {
  const addresses = entry.field("addresses");
  if (entry.value.protocol === MeshProtocol.tcp)
    entry.exactlyOne(
      ["addresses", "unsafeAnyAddress"],
      "write [service.spec.clusterIP], or networks with the pods of a headless Service: after the redirect only the port tells workloads by tcp apart",
    );
  else
    entry
      .field("unsafeAnyAddress")
      .notGiven(`is given for ${entry.value.protocol}, where the header Host selects the workload`, "leave it out");
  addresses.notEmpty("write an address of the Service, or leave it out");
  for (const address of addresses.entries()) {
    address.matches(formats.cidrOrAddress);
    address.known((text, argument) => {
      if (formats.cidrOrAddress.test(text)) checkFamily(argument, ipFamilies);
    });
  }
}

/** Checks that the rules of iptables have the family of an address or a network. */
export function checkFamily(address: Argument<string>, ipFamilies: readonly MeshIpFamily[]): void {
  const family = isIP(address.value.split("/")[0]!) === 4 ? MeshIpFamily.ipv4 : MeshIpFamily.ipv6;
  if (!ipFamilies.includes(family))
    address.refuse(`is of ${family}, which is not in ipFamilies`, `leave it out, or write ipFamilies with ${family}`);
}

function checkLocalPort(
  entry: Argument<SidecarOutbound>,
  before: readonly SidecarOutbound[],
  context: PortContext,
): void {
  const localPort = entry.field("localPort");
  const { value } = localPort;
  for (const key of ["aliases", "addresses", "unsafeAnyAddress"] as const)
    entry.field(key).notGiven("is given without redirect", "leave it out: localPort selects the workload");
  if (value === undefined) {
    localPort.refuse("is missing", "write the port on 127.0.0.1 to which the application connects, or set redirect");
    return;
  }
  checkPort(localPort, context);
  checkUnprivileged(localPort);
  if (before.some((other) => other.localPort === value))
    localPort.refuse(`repeats ${value}`, "give each workload its own port on 127.0.0.1");
  if (context.inbound.some(({ port, applicationPort }) => port === value || applicationPort === value))
    localPort.refuse(`is ${value}, a port in inbound`, "give it its own port on 127.0.0.1");
}

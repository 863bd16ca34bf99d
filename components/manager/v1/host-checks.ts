import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import {
  checkAccount,
  checked,
  checkInteger,
  checkPlain,
  checkPort,
  hostPath,
  type Refuser,
  readTogether,
} from "../../foundation";
import { Edition } from "../../nginx";
import type { HostCertificate } from "../../pki";
import { checkCrl, readCertificates, readPrivateKey } from "../../pki/pem";
import { checkNginxHost } from "../host/nginx-host";
import { dnsName } from "../hostname";
import { checkClientCertificate, checkServerCertificate } from "../proxy/certificates";
import { checkFront } from "./checks";
import { AgentPublication } from "./front-options";
import {
  type InstanceManagerV1HostArgs,
  type InstanceManagerV1Manager,
  ManagerLogLevel,
} from "./instance-manager-v1-host-args";
import { defaultBindAddress, managerPorts } from "./manager-file";
import { isLoopback } from "./status-checks";

/** Refuses what would open Instance Manager, and what would not start, before anything is registered. */
export function checkInstanceManagerV1Host(args: InstanceManagerV1HostArgs, refuse: Refuser): void {
  const { host, manager = {}, front, certificate, agentCertificate, upstreams, backendTls, hostname } = args;
  checkPlain(refuse, { host, manager, front, certificate, agentCertificate, upstreams, backendTls });
  if (hostname === undefined) refuse("hostname", "is missing", "write the DNS name that clients connect to");
  checked(hostname, dnsName(refuse, "hostname"));
  checkNginxHost(refuse, "host", host);
  checkManager(args, manager, refuse);
  checkInteger(refuse, "drainSeconds", args.drainSeconds, 1, 24 * 60 * 60);
  if (front) checkHostFront(args, refuse);
  else refuseFrontMaterial(args, refuse);
  const names = { "": hostname };
  checkServer(refuse, "certificate", certificate, names);
  checkServer(refuse, "agentCertificate", agentCertificate, names);
  checkServer(refuse, "manager.certificate", manager.certificate, names);
}

function checkManager(args: InstanceManagerV1HostArgs, manager: InstanceManagerV1Manager, refuse: Refuser) {
  const { bindAddress = defaultBindAddress, grpcPort, gatewayPort, certificate, logLevel } = manager;
  const socket = bindAddress.startsWith("/");
  if (socket) hostPath(refuse, "manager.bindAddress")(bindAddress);
  else if (isIP(bindAddress) === 0 && bindAddress !== "localhost")
    refuse("manager.bindAddress", "is neither an address nor the path of a socket", "write 127.0.0.1, or a path");
  if (!socket && !isLoopback(bindAddress)) {
    if (certificate === undefined)
      refuse(
        "manager.bindAddress",
        `is ${bindAddress}, where passwords and agents' instructions would go in the clear: there is no manager.certificate`,
        "give a certificate, or write 127.0.0.1 and a front",
      );
    if (args.front)
      refuse(
        "manager.bindAddress",
        `is ${bindAddress}, so that agents can walk around the front`,
        "leave it out: NGINX reaches 127.0.0.1",
      );
  }
  if (socket && args.front)
    for (const part of ["grpc", "gateway"] as const)
      if (args.upstreams?.[part] === undefined && args.front[part === "grpc" ? "agents" : "api"])
        refuse(
          `upstreams.${part}`,
          "is missing: manager.bindAddress is a socket",
          "write where the service is: unix:/run/nginx-manager/…",
        );
  checkPort(refuse, "manager.grpcPort", grpcPort);
  checkPort(refuse, "manager.gatewayPort", gatewayPort);
  if ((grpcPort ?? managerPorts.grpc) === (gatewayPort ?? managerPorts.gateway))
    refuse("manager.gatewayPort", "is grpcPort too", "give each service a port of its own");
  if (logLevel !== undefined && !Object.values(ManagerLogLevel).includes(logLevel))
    refuse("manager.logLevel", "is no such level", `write one of ${Object.values(ManagerLogLevel).join(", ")}`);
  for (const property of ["logPath", "metricsPath"] as const)
    if (manager[property] !== undefined)
      hostPath(refuse, `manager.${property}`)(manager[property]!.replace(/(?<=.)\/$/, ""));
  checkAccount(refuse, "manager.group", manager.group);
  if (manager.systemAuthorityPem !== undefined)
    checked(manager.systemAuthorityPem, (pem) => {
      const { length } = readCertificates(refuse, "manager.systemAuthorityPem", pem);
      if (length > 1)
        refuse(
          "manager.systemAuthorityPem",
          `has ${length} certificates, and the operating system takes one from a file`,
          "write the root alone",
        );
    });
}

function checkHostFront(args: InstanceManagerV1HostArgs, refuse: Refuser) {
  const { host, front, manager = {}, backendTls, upstreams = {}, agentCrlPem } = args;
  const passed = front!.agents?.publication === AgentPublication.passthrough;
  checkFront(
    front!,
    {
      edition: host.edition ?? Edition.plus,
      prefix: "front.",
      certificate: args.certificate !== undefined,
      agentCertificate: args.agentCertificate !== undefined,
      agentAuthorities: args.agentAuthoritiesPem !== undefined,
      authoritiesProperty: "agentAuthoritiesPem",
      users: args.statusUsers !== undefined,
      writes: front!.status?.write === true,
      writers: args.statusWriters !== undefined,
      statusAddress: front!.status?.address ?? "127.0.0.1",
    },
    refuse,
  );
  checkPorts(args, refuse);
  if (args.agentAuthoritiesPem !== undefined)
    checked(args.agentAuthoritiesPem, (pem) => void readCertificates(refuse, "agentAuthoritiesPem", pem));
  const wantsCrl = front!.agents?.revocation?.crl === true;
  if (wantsCrl && agentCrlPem === undefined)
    refuse("agentCrlPem", "is missing: front.agents.revocation.crl is true", "give the lists of all authorities");
  if (!wantsCrl && agentCrlPem !== undefined)
    refuse("agentCrlPem", "is given, but front.agents.revocation.crl is not true", "set it, or leave the lists out");
  if (agentCrlPem !== undefined) checked(agentCrlPem, (pem) => checkCrl(refuse, "agentCrlPem", pem));
  if (passed && manager.certificate === undefined && upstreams.grpc === undefined)
    refuse(
      "manager.certificate",
      'is missing: with front.agents.publication "passthrough" Instance Manager is where TLS ends',
      "give its certificate",
    );
  const verifies = front!.api !== undefined || !passed;
  if (manager.certificate && verifies && !backendTls)
    refuse(
      "backendTls",
      "is missing: with manager.certificate both services speak TLS only",
      "give the authorities of that certificate",
    );
  if (backendTls && !verifies)
    refuse("backendTls", "is given, but TLS is only passed on", "leave it out, or publish the api");
  if (backendTls && !manager.certificate && Object.keys(upstreams).length === 0)
    refuse("backendTls", "is given, but without manager.certificate Instance Manager speaks no TLS", "give both");
  if (backendTls) checkBackendTls(args, refuse);
  for (const part of ["grpc", "gateway"] as const)
    if (upstreams[part] !== undefined) checkUpstream(refuse, `upstreams.${part}`, upstreams[part]!, args);
  for (const property of ["statusUsers", "statusWriters"] as const)
    if (args[property] !== undefined) checked(args[property]!, passwordFile(refuse, property));
}

/** Each port of the host, once. */
function checkPorts({ front, manager = {}, upstreams = {} }: InstanceManagerV1HostArgs, refuse: Refuser) {
  const { api, agents, status } = front!;
  const taken = new Map<number, string>();
  for (const [property, port] of [
    ["manager.grpcPort", upstreams.grpc ? undefined : (manager.grpcPort ?? managerPorts.grpc)],
    ["manager.gatewayPort", upstreams.gateway ? undefined : (manager.gatewayPort ?? managerPorts.gateway)],
    ["front.api.port", api && (api.port ?? 443)],
    ["front.api.redirectPort", api?.redirectPort],
    ["front.agents.port", agents && (agents.port ?? 10_443)],
    ["front.status.port", status && (status.port ?? 8080)],
  ] as const) {
    if (port === undefined) continue;
    const other = taken.get(port);
    if (other !== undefined) refuse(property, `is ${port}, which ${other} has`, "give each a port of its own");
    taken.set(port, property);
  }
}

function checkBackendTls({ backendTls, hostname }: InstanceManagerV1HostArgs, refuse: Refuser) {
  const { authoritiesPem, serverName = hostname, clientCertificate, verifyDepth } = backendTls!;
  if (authoritiesPem === undefined)
    refuse("backendTls.authoritiesPem", "is missing, and nothing would be verified", "give the manager's authorities");
  checked(authoritiesPem, (pem) => void readCertificates(refuse, "backendTls.authoritiesPem", pem));
  checked(serverName, dnsName(refuse, "backendTls.serverName"));
  checkInteger(refuse, "backendTls.verifyDepth", verifyDepth, 1, 10);
  if (!clientCertificate) return;
  checkPair(refuse, "backendTls.clientCertificate", clientCertificate);
  checkClientCertificate(
    refuse,
    "backendTls.clientCertificate.certificatePem",
    clientCertificate.certificatePem ?? clientCertificate.chainPem,
  );
}

function checkUpstream(refuse: Refuser, property: string, address: string, args: InstanceManagerV1HostArgs) {
  const [, path] = /^unix:(.*)$/.exec(address) ?? [];
  if (path !== undefined) return hostPath(refuse, property)(path);
  const [, host, port] = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(address) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    refuse(property, "is no place", "write host:port, or unix: and the path of a socket");
  const passed = property === "upstreams.grpc" && args.front!.agents?.publication === AgentPublication.passthrough;
  if (!isLoopback(host!.replace(/[[\]]/g, "")) && !args.backendTls && !passed)
    refuse(property, "is another machine, and there is no backendTls", "give it, or use 127.0.0.1 or a socket");
}

/** What NGINX alone uses has no place where there is none. */
function refuseFrontMaterial(args: InstanceManagerV1HostArgs, refuse: Refuser) {
  if (args.agentAuthoritiesPem !== undefined)
    refuse(
      "agentAuthoritiesPem",
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
    if (args[property] !== undefined)
      refuse(property, "is given without front", "it is NGINX's: leave it out, or give the front");
}

/** Checks a server's certificate, its key and its names. */
function checkServer(
  refuse: Refuser,
  property: string,
  certificate: HostCertificate | undefined,
  names: Record<string, Input<string>>,
) {
  if (certificate === undefined) return;
  checkPair(refuse, property, certificate);
  checkServerCertificate(
    refuse,
    `${property}.certificatePem`,
    certificate.certificatePem ?? certificate.chainPem,
    names,
  );
}

function checkPair(refuse: Refuser, property: string, { chainPem, privateKeyPem }: HostCertificate) {
  if (chainPem === undefined || privateKeyPem === undefined)
    refuse(property, "has one of chainPem and privateKeyPem", "give both: a Certificate with forHosts has them");
  void readTogether({ chainPem, privateKeyPem }, (texts) => {
    const [leaf] = readCertificates(refuse, `${property}.chainPem`, texts.chainPem!);
    if (!leaf!.checkPrivateKey(readPrivateKey(refuse, `${property}.privateKeyPem`, texts.privateKeyPem!)))
      refuse(`${property}.privateKeyPem`, "is the key of another certificate", "give the key of the first certificate");
    return true;
  });
}

/** Checks the form of a password file; never quotes it. */
const passwordFile = (refuse: Refuser, property: string) => (text: string) => {
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.length === 0 || !lines.every((line) => /^[^:\s#]+:[^\s:]{8,}(?::.*)?$/.test(line)))
    refuse(property, "is no password file", "write lines as `htpasswd` or `openssl passwd -6` make them: user:hash");
  if (lines.some((line) => /^[^:]+:(?:\{PLAIN\}|(?!\$|\{))/.test(line)))
    refuse(property, "has a password in the clear, or by crypt", "hash it with `openssl passwd -6`");
};

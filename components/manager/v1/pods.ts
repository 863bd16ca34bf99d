import { interpolate } from "@pulumi/pulumi";
import { referenceTo, type SecretReference } from "../../foundation";
import { Edition, type NginxPlusArgs, type NginxPort, type NginxSecretMount } from "../../nginx";
import { hasHttp2Directive } from "../../nginx/open-source-version";
import type { BackendPlace } from "../proxy/place";
import { frontNodes } from "./front";
import { AgentPublication } from "./front-options";
import type { InstanceManagerV1ProxyArgs } from "./instance-manager-v1-proxy-args";
import { managerPorts } from "./manager-file";
import { type FrontPlace, upstreamNames } from "./place";

/** What the pods listen on: from 1024, and beside the port for probes. */
export const podPorts = { api: 8443, redirect: 8088, agents: 10_443, status: 8081 };

const folder = (name: string) => `/etc/nginx/manager-${name}`;
const pair = (name: string) => ({ certificate: `${folder(name)}/tls.crt`, key: `${folder(name)}/tls.key` });

/** The proxy as an NginxPlus: its configuration, its ports, and the Secrets that it refers to. */
export function podArgs(args: InstanceManagerV1ProxyArgs): NginxPlusArgs {
  const { api, agents, status, headers, snippets } = args;
  const { http, stream } = frontNodes({ api, agents, status, headers, snippets }, podPlace(args));
  return {
    ...args,
    configuration: {
      http: Object.values(http).flat(),
      ...(stream && { stream: Object.values(stream).flat() }),
    },
    ports: servicePorts(args),
    secretMounts: mounts(args),
  };
}

function servicePorts({ api, agents, status }: InstanceManagerV1ProxyArgs): NginxPort[] {
  const clear = agents?.publication === AgentPublication.clear;
  return [
    ...(api ? [{ name: "https", port: api.port ?? 443, targetPort: podPorts.api, appProtocol: "https" }] : []),
    ...(api?.redirectPort ? [{ name: "http", port: api.redirectPort, targetPort: podPorts.redirect }] : []),
    ...(agents
      ? [
          {
            name: "agents",
            port: agents.port ?? 10_443,
            targetPort: podPorts.agents,
            ...(clear && { appProtocol: "kubernetes.io/h2c" }),
          },
        ]
      : []),
    ...(status ? [{ name: "status", port: status.port ?? podPorts.status, targetPort: podPorts.status }] : []),
  ];
}

function podPlace(args: InstanceManagerV1ProxyArgs): FrontPlace {
  const { edition = Edition.plus, openSourceVersion, hostname, manager, backendTls, status } = args;
  const tls = backendTls && {
    serverName: backendTls.serverName ?? hostname,
    verifyDepth: backendTls.verifyDepth ?? 2,
    authorities: `${folder("backend-authorities")}/ca.crt`,
    ...(backendTls.clientCertificate && { certificate: pair("backend-certificate") }),
  };
  const backend = (part: "grpc" | "gateway"): BackendPlace => ({
    upstream: upstreamNames[part],
    address: interpolate`${manager.host}:${manager[`${part}Port`] ?? managerPorts[part]}`,
    tls,
  });
  return {
    hostname,
    http2Directive: hasHttp2Directive(edition, openSourceVersion),
    ports: podPorts,
    status: { address: status?.address, port: podPorts.status },
    agentLog: "/dev/stdout",
    certificate: pair("certificate"),
    agentCertificate: pair(args.agentCertificate ? "agent-certificate" : "certificate"),
    agentAuthorities: `${folder("agent-authorities")}/ca.crt`,
    agentCrl: `${folder("agent-authorities")}/ca.crl`,
    ...(args.statusUsers && { users: `${folder("status-users")}/users` }),
    ...(args.statusWriters && { writers: `${folder("status-writers")}/users` }),
    grpc: backend("grpc"),
    gateway: backend("gateway"),
  };
}

function mounts(args: InstanceManagerV1ProxyArgs): NginxSecretMount[] {
  const { backendTls, agents } = args;
  const certificate = ["tls.crt", "tls.key"];
  return [
    ...mount("certificate", args.certificate, certificate),
    ...mount("agent-certificate", args.agentCertificate, certificate),
    ...mount("agent-authorities", args.agentAuthorities, ["ca.crt", ...(agents?.revocation?.crl ? ["ca.crl"] : [])]),
    ...mount("backend-authorities", backendTls?.trustedCertificates, ["ca.crt"]),
    ...mount("backend-certificate", backendTls?.clientCertificate, certificate),
    ...mount("status-users", args.statusUsers, ["users"]),
    ...mount("status-writers", args.statusWriters, ["users"]),
  ];
}

const mount = (name: string, reference: SecretReference | undefined, keys: string[]): NginxSecretMount[] =>
  reference === undefined ? [] : [{ name, path: folder(name), keys, ...referenceTo(reference) }];

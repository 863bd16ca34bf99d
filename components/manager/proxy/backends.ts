import type { Input } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import type { NginxConfigNode } from "../../nginx";
import type { InstanceManagerBackends, InstanceManagerProxyArgs } from "../instance-manager-proxy-args";
import { paths } from "./paths";

/** The parts of Instance Manager that the proxy talks to, with the ports of the chart's Services. */
export const backendPorts: Record<keyof InstanceManagerBackends, number> = { apigw: 443, dpm: 8036, ingestion: 8035 };
export type BackendPart = keyof typeof backendPorts;

export const backendParts = Object.keys(backendPorts) as BackendPart[];

const upstreamName = (part: BackendPart) => `manager_${part}`;

/** The upstream block of each part. */
export function upstreamNodes({ namespace, backends = {} }: InstanceManagerProxyArgs): NginxConfigNode[] {
  return backendParts.map((part) => {
    const { host = pulumi.interpolate`${part}.${namespace}.svc`, port = backendPorts[part] } = backends[part] ?? {};
    return {
      name: "upstream",
      args: [upstreamName(part)],
      block: [
        { name: "zone", args: [upstreamName(part), "64k"] },
        { name: "server", args: [pulumi.interpolate`${host}:${port}`] },
        { name: "keepalive", args: ["20"] },
      ],
    };
  });
}

/** Sends a location's requests to one part, over gRPC or HTTP, as NGINX's module of that name calls its directives. */
export function passNodes(
  args: InstanceManagerProxyArgs,
  module: "grpc" | "proxy",
  part: BackendPart,
): NginxConfigNode[] {
  const { backends = {}, backendTls } = args;
  const plain = { grpc: "grpc", proxy: "http" }[module];
  const pass = (scheme: string): NginxConfigNode => ({
    name: `${module}_pass`,
    args: [`${scheme}://${upstreamName(part)}`],
  });
  if (!backendTls) return [pass(plain)];
  const ssl = (name: string, ...values: Input<string>[]): NginxConfigNode => ({
    name: `${module}_ssl_${name}`,
    args: values,
  });
  return [
    ssl("protocols", "TLSv1.2", "TLSv1.3"),
    ssl("server_name", "on"),
    // The default would be the upstream's name, which no server certificate carries.
    ssl("name", backends[part]?.serverName ?? part),
    ssl("verify", "on"),
    ssl("verify_depth", `${backendTls.verifyDepth ?? 2}`),
    ssl("trusted_certificate", `${paths.backendAuthorities}/ca.crt`),
    ssl("certificate", `${paths.backendCertificate}/tls.crt`),
    ssl("certificate_key", `${paths.backendCertificate}/tls.key`),
    pass(`${plain}s`),
  ];
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MeshReference } from "../../../components/mesh/mesh-reference";
import type { SidecarArgs } from "../../../components/mesh/sidecar";

export const mesh: MeshReference = {
  trustDomain: "mesh.example.com",
  clusterName: "cluster",
  className: "mesh",
  serverHost: "spire-server.spire-server.svc",
  serverPort: 8081,
  agentNamespace: "spire-system",
  agentServiceAccountName: "spire-agent",
  bundleConfigMapName: "spire-bundle",
  bundleKey: "bundle.crt",
  verifyDepth: 2,
  caTtlSeconds: 86_400,
};

export const web = { namespace: "shop", serviceAccount: "web" };

/** Minimum arguments of a Sidecar with open-source NGINX. */
export const least: SidecarArgs = {
  namespace: "shop",
  mesh,
  edition: "oss",
  redirect: {},
  inbound: [{ port: 8080, protocol: "http", allow: [web] }],
};

/** Every protocol, mode and direction. */
export const whole: SidecarArgs = {
  ...least,
  ipFamilies: ["IPv4", "IPv6"],
  redirect: { egress: "declared", excludedCidrs: ["10.0.0.0/8", "fd00::/8"] },
  inbound: [
    { port: 8080, protocol: "http", allow: [web], plainPaths: ["/healthz", "/metrics?full=1"] },
    { port: 8081, protocol: "http", mode: "permissive", allowTrustDomain: true },
    { port: 8082, protocol: "http", mode: "off" },
    { port: 9090, protocol: "grpc", allow: [web], plainPaths: ["/grpc.health.v1.Health/Check"] },
    { port: 5432, protocol: "tcp", allow: [web] },
    { port: 5433, protocol: "tcp", mode: "permissive", allow: [web] },
  ],
  outbound: [
    { name: "orders", host: "orders.shop.svc", port: 8080, protocol: "http", peer: web, keepalive: 16 },
    { name: "search", host: "search.shop.svc", port: 8080, protocol: "http", peer: web, aliases: ["find"] },
    { name: "ledger", host: "ledger.bank.svc.cluster.local", port: 9000, protocol: "grpc", peer: web },
    { name: "db", host: "db.shop.svc", port: 5432, protocol: "tcp", peer: web, unsafeAnyAddress: true },
  ],
};

/** The same without redirect, with ports on 127.0.0.1. */
export const explicit: SidecarArgs = {
  ...whole,
  redirect: undefined,
  inbound: whole.inbound!.map((one) => (one.mode === "off" ? one : { ...one, applicationPort: one.port + 20_000 })),
  outbound: whole.outbound!.map(({ aliases, unsafeAnyAddress, ...one }, index) => ({
    ...one,
    localPort: 3000 + index,
  })),
};

/** Output `sidecarTemplate` of a SidecarInjector of an earlier release, with `imagePullSecrets: ["registry-login"]`. */
export const earlierTemplate = readFileSync(join(__dirname, "earlier-template.json"), "utf8");

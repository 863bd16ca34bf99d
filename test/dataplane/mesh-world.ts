import { chmodSync } from "node:fs";
import { missingPrograms } from "../../loopback/missing";
import { type Svid, TrustDomain } from "./mesh-identities";
import { MeshNetwork, namespacesMissing } from "./mesh-network";
import { MeshPod, type Request, renderPod } from "./mesh-pod";

const missing =
  missingPrograms("nginx", "openssl", "ip", "iptables-nft-restore", "setpriv", "nsenter") ?? namespacesMissing();
export const describeInNamespaces = missing ? describe.skip : describe;
export const title = (name: string) => (missing ? `${name} (${missing})` : name);

export const peer = (serviceAccount: string) => ({ namespace: "shop", serviceAccount });
const web = [peer("web")];

/** Inbound ports of `orders`: all protocols, all modes. */
export const inbound = [
  { port: 8080, protocol: "http", allow: web, plainPaths: ["/healthz", "/metrics?full=1"] },
  { port: 8081, protocol: "http", mode: "permissive", allow: web },
  { port: 8082, protocol: "http", mode: "off" },
  { port: 9090, protocol: "grpc", allow: web, plainPaths: ["/grpc.health.v1.Health/Check"] },
  { port: 5432, protocol: "tcp", allow: web },
  { port: 5433, protocol: "tcp", mode: "permissive", allow: web },
  { port: 8083, protocol: "http", allowTrustDomain: true },
] as const;

const orders = { host: "orders.shop.svc", peer: peer("orders") };
/** Workloads to which a client connects. */
export const workloads = [
  { ...orders, name: "orders", port: 8080, protocol: "http" },
  { ...orders, name: "orders-permissive", port: 8081, protocol: "http" },
  { ...orders, name: "orders-trust", port: 8083, protocol: "http" },
  { ...orders, name: "orders-grpc", port: 9090, protocol: "grpc" },
  { ...orders, name: "orders-tcp", port: 5432, protocol: "tcp" },
  { ...orders, name: "orders-tcp-permissive", port: 5433, protocol: "tcp" },
] as const;

/** The same behind a redirect. */
export const outbound = workloads.map((one) => (one.protocol === "tcp" ? { ...one, unsafeAnyAddress: true } : one));

export const listeners = inbound.map(({ port, protocol }) => ({ protocol, host: "::", port }));
export const copy = <T>(list: readonly T[]) => list.map((one) => ({ ...one })) as never;

/** Pods, processes and authorities of one describe, removed at its end. */
export class World {
  readonly network = new MeshNetwork();
  readonly domain = new TrustDomain("mesh.example.com");
  readonly strangers = new TrustDomain("mesh.example.com");
  readonly pods: MeshPod[] = [];
  /** Pod of the kubelet. */
  readonly node = this.pod();

  pod(hosts: Record<string, string> = {}): MeshPod {
    const pod = new MeshPod(this.pods?.length ? this.network.pod() : this.network.node, hosts);
    this.pods.push(pod);
    return pod;
  }

  /** Writes a file that all users of these pods can read. */
  openFile(text: string): string {
    const path = this.domain.openssl.file(text);
    chmodSync(this.domain.openssl.folder, 0o711);
    chmodSync(path, 0o644);
    return path;
  }

  async remove(): Promise<void> {
    for (const pod of this.pods) await pod.stop();
    this.domain.openssl.remove();
    this.strangers.openssl.remove();
    this.network.remove();
  }
}

export const http = (host: string, port: number, more: Partial<Request> = {}): Request => ({
  protocol: "http",
  host,
  port,
  ...more,
});
export const tcp = (host: string, port: number, more: Partial<Request> = {}): Request => ({
  protocol: "tcp",
  host,
  port,
  ...more,
});
export const grpc = (host: string, port: number, more: Partial<Request> = {}): Request => ({
  protocol: "grpc",
  host,
  port,
  ...more,
});

/** Returns the chain of a TLS client, leaf first. */
export const shown = ({ certificate, key }: Svid) => ({ cert: certificate, key });

/** Starts `orders` with all inbound ports, and a client that reaches it by this name. */
export async function startServerAndClient(world: World, host: string): Promise<{ server: MeshPod; client: MeshPod }> {
  const server = world.pod();
  await server.serve("orders", listeners);
  await server.sidecar(await renderPod({ redirect: {}, inbound: copy(inbound) }), world.domain.svid("shop", "orders"));
  const client = world.pod({ [host]: server.network.address });
  await client.sidecar(await renderPod({ redirect: {}, outbound: copy(outbound) }), world.domain.svid("shop", "web"));
  return { server, client };
}

import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, Edition, LicenseSecret, Namespace, ServiceMesh, Sidecar, SpireCrds } from "nginx-stacks";
import { workload } from "./workload";

const config = new pulumi.Config();
const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;
const storageClass = config.get("storageClass");
const kubernetesVersion = config.get("kubernetesVersion");

// Every pod here needs a sidecar. Sidecars need no privileges, because NGINX listens on explicit ports instead of a redirect by iptables.
const namespace = new Namespace("shop", { labels: { "nginx-stacks/mesh": "strict" } }).name;

const jwt = edition === Edition.plus ? config.requireSecret("jwt") : undefined;
const sidecars = {
  edition,
  image: config.get("image"),
  license: jwt && new LicenseSecret("license", { namespace, jwt }),
};

// SPIRE's authority is below this issuer, so clients that trust its root trust the mesh.
const authority = new CertificateAuthority("authority", {
  subject: { commonName: "Mesh example root", organization: "Example" },
  intermediate: { subject: { commonName: "Mesh example issuer", organization: "Example" } },
  subordinateAuthorities: 1,
});

const mesh = new ServiceMesh("mesh", {
  trustDomain: config.require("trustDomain"),
  clusterName: config.require("clusterName"),
  server: {
    storage: storageClass ? { volume: { size: "1Gi", storageClass } } : { unsafeEphemeral: true },
    upstreamAuthority: { disk: { issuer: authority } },
    crds: config.get<SpireCrds>("crds", { allowedValues: Object.values(SpireCrds) }),
    crdSource: config.get("crdSource"),
    validatingWebhook: config.getBoolean("validatingWebhook"),
  },
  agent: { kubelet: edition === Edition.plus ? { clusterAuthority: true } : { unsafeSkipVerification: true } },
  injection: kubernetesVersion ? { kubernetesVersion, sidecars } : undefined,
});

/** Returns a workload of the shop by its ServiceAccount. */
const peer = (serviceAccount: string) => ({ namespace, serviceAccount });
const application = { local: 9080, orders: 3000, stock: 3001 };
const port = 8080;

const stock = new Sidecar("stock", {
  ...sidecars,
  namespace,
  mesh,
  inbound: [
    { port, applicationPort: application.local, protocol: "http", allow: [peer("orders")], plainPaths: ["/healthz"] },
  ],
});
// Its pods have the labels of the Sidecar, and get the containers at creation.
const stockHost = workload("stock", {
  namespace,
  sidecar: stock,
  byLabel: kubernetesVersion !== undefined,
  port,
  listen: application.local,
  answer: "return 200 '12 in stock\\n';",
});

const orders = new Sidecar("orders", {
  ...sidecars,
  namespace,
  mesh,
  inbound: [
    { port, applicationPort: application.local, protocol: "http", allow: [peer("client")], plainPaths: ["/healthz"] },
  ],
  outbound: [
    { name: "stock", host: stockHost, port, localPort: application.stock, peer: peer("stock"), protocol: "http" },
  ],
});
const ordersHost = workload("orders", {
  namespace,
  sidecar: orders,
  port,
  listen: application.local,
  answer: `proxy_pass http://127.0.0.1:${application.stock};`,
});

const client = new Sidecar("client", {
  ...sidecars,
  namespace,
  mesh,
  outbound: [
    { name: "orders", host: ordersHost, port, localPort: application.orders, peer: peer("orders"), protocol: "http" },
  ],
});
workload("client", {
  namespace,
  sidecar: client,
  command: ["sh", "-c", `while true; do curl -sS http://127.0.0.1:${application.orders}/; sleep 10; done`],
});

/** Roots that clients outside the mesh have to trust. */
export const rootAuthorities = authority.bundle;
/** Host names of the services, for allowed workloads. */
export const hosts = { orders: ordersHost, stock: stockHost };

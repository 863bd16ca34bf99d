import * as pulumi from "@pulumi/pulumi";
import {
  Certificate,
  CertificateAuthority,
  Edition,
  Gateway,
  GatewayFabric,
  GatewayFabricCrds,
  LicenseSecret,
  Namespace,
  RegistrySecret,
} from "nginx-stacks";
import { backend } from "./backend";
import { policy, route } from "./routes";

const config = new pulumi.Config();
const edition = config.get<Edition>("edition", { allowedValues: [Edition.plus, Edition.oss] }) ?? Edition.oss;

const controlPlane = new Namespace("nginx-gateway").name;

// NGINX Plus needs the subscription's JWT twice: to pull the image, and to run. The control plane takes both to every Gateway.
const jwt = edition === Edition.plus ? config.requireSecret("jwt") : undefined;
const registry = jwt && new RegistrySecret("registry", { namespace: controlPlane, jwt });
const license = jwt && new LicenseSecret("license", { namespace: controlPlane, jwt });

const fabric = new GatewayFabric("fabric", {
  namespace: controlPlane,
  // Two stacks in one cluster differ in these two.
  name: config.get("name"),
  gatewayClassName: config.get("gatewayClassName"),
  edition,
  crds: config.get<GatewayFabricCrds>("crds", { allowedValues: Object.values(GatewayFabricCrds) }),
  crdSource: config.get("crdSource"),
  imagePullSecrets: registry && [registry.secretName],
  usage: license && { license },
});

const namespace = new Namespace("web").name;
const authority = new CertificateAuthority("authority", { subject: { commonName: "Gateway example root" } });
const hosts = { shop: "shop.example.com", blog: "blog.example.com" };
const certificate = (name: keyof typeof hosts) =>
  new Certificate(name, {
    namespace,
    issuer: authority,
    usage: "server",
    subject: { commonName: hosts[name] },
    dnsNames: [hosts[name]],
  });

const gateway = new Gateway("web", {
  namespace,
  gatewayClassName: fabric.gatewayClassName,
  listeners: [
    { name: "http", port: 80, protocol: "HTTP" },
    { name: "shop", port: 443, protocol: "HTTPS", hostname: hosts.shop, certificates: [certificate("shop")] },
    { name: "blog", port: 443, protocol: "HTTPS", hostname: hosts.blog, certificates: [certificate("blog")] },
  ],
});

// Clients without TLS are redirected.
route("to-https", gateway, "http", {
  hostnames: Object.values(hosts),
  rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
});

// The shop tries its next version on a tenth of the requests, and takes pictures of 10 MB.
const stable = backend("shop", namespace);
const next = backend("shop-next", namespace);
const shop = route("shop", gateway, "shop", {
  hostnames: [hosts.shop],
  rules: [
    {
      backendRefs: [
        { ...stable, weight: 90 },
        { ...next, weight: 10 },
      ],
    },
  ],
});
policy("shop-uploads", "ClientSettingsPolicy", shop, { body: { maxSize: "10m", timeout: "30s" } });

// The blog is read only, and no reader gets more than ten pages a second.
const blog = route("blog", gateway, "blog", {
  hostnames: [hosts.blog],
  rules: [{ matches: ["GET", "HEAD"].map((method) => ({ method })), backendRefs: [backend("blog", namespace)] }],
});
policy("blog-readers", "RateLimitPolicy", blog, {
  rateLimit: {
    rejectCode: 429,
    local: { rules: [{ key: "$binary_remote_addr", rate: "10r/s", zoneSize: "10m", burst: 20, noDelay: true }] },
  },
});

/** What browsers must trust. */
export const trustedRoot = authority.rootCertificatePem;
/** Where the address is: `kubectl get gateway -n <namespace> <gateway>`. */
export const gatewayName = pulumi.interpolate`${gateway.namespace}/${gateway.gatewayName}`;

import { Gateway, GatewayFabric } from "nginx-stacks";
import { backend } from "../gateway-fabric/backend";
import { route } from "../gateway-fabric/routes";
import type { Foundation } from "./given";
import { config, crds } from "./settings";

/** NGINX Gateway Fabric, and a website behind a Gateway of it. */
export function gateway({ namespace, server, nginx: { license, ...nginx } }: Foundation) {
  const fabric = new GatewayFabric("fabric", {
    ...nginx,
    namespace: namespace("gateway"),
    usage: license && { license },
    dataPlane: { replicas: config.getNumber("gatewayReplicas") },
    ...crds,
  });

  const hostname = `www.${config.require("domain")}`;
  const web = new Gateway("web", {
    namespace: namespace("web"),
    gatewayClassName: fabric.gatewayClassName,
    listeners: [
      {
        name: "https",
        port: 443,
        protocol: "HTTPS",
        hostname,
        certificates: [server("www-server", "web", [hostname])],
      },
    ],
  });
  const website = backend("www", namespace("web"));
  route("www", web, "https", { hostnames: [hostname], rules: [{ backendRefs: [website] }] });

  return { website: `https://${hostname}/` };
}

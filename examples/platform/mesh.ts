import { ServiceMesh, Sidecar } from "nginx-stacks";
import { workload } from "../service-mesh/workload";
import type { Foundation } from "./given";
import { config, crds } from "./settings";

/** A mesh, and in it a service with one client. */
export function mesh({ namespace: of, issuer, nginx }: Foundation) {
  const namespace = of("shop");
  const sidecars = { ...nginx, image: config.get("sidecarImage") };
  const storageClass = config.get("storageClass");
  const kubernetesVersion = config.get("kubernetesVersion");

  const mesh = new ServiceMesh("mesh", {
    trustDomain: `mesh.${config.require("domain")}`,
    clusterName: config.require("clusterName"),
    serverNamespace: of("mesh-server"),
    systemNamespace: of("mesh-system"),
    server: {
      storage: storageClass ? { volume: { size: "1Gi", storageClass } } : { unsafeEphemeral: true },
      // The root, and below it the issuer that signs SPIRE's authority.
      upstreamAuthority: { disk: { issuer: issuer("mesh"), chainLength: 1 } },
      ...crds,
      validatingWebhook: config.getBoolean("validatingWebhook"),
    },
    agent: { kubelet: storageClass ? { clusterAuthority: true } : { unsafeSkipVerification: true } },
    injection: kubernetesVersion ? { kubernetesVersion, sidecars } : undefined,
  });

  const peer = (serviceAccount: string) => ({ namespace, serviceAccount });
  const port = 8080;
  const orders = new Sidecar("orders", {
    ...sidecars,
    namespace,
    mesh,
    inbound: [{ port, applicationPort: 9080, protocol: "http", allow: [peer("shop")], plainPaths: ["/healthz"] }],
  });
  const answer = "return 200 'an order\\n';";
  const host = workload("orders", { namespace, sidecar: orders, port, listen: 9080, answer });

  const shop = new Sidecar("shop", {
    ...sidecars,
    namespace,
    mesh,
    outbound: [{ name: "orders", host, port, localPort: 3000, peer: peer("orders"), protocol: "http" }],
  });
  const command = ["sh", "-c", "while true; do curl -sS http://127.0.0.1:3000/; sleep 10; done"];
  workload("shop", { namespace, sidecar: shop, command });

  return { trustDomain: mesh.trustDomain };
}

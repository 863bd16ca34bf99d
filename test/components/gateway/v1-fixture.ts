import { Namespace } from "../../../components/foundation";
import { GatewayFabricV1 } from "../../../components/gateway/gateway-fabric-v1";
import type { GatewayFabricV1Args } from "../../../components/gateway/gateway-fabric-v1-args";
import { type KubernetesObject, manifests, record } from "../../../engine";

/** What the seed does: the JWT in two Secrets with the names of upstream. */
export const plus: Partial<GatewayFabricV1Args> = {
  usage: { license: { secretName: "nplus-license" } },
  imagePullSecrets: ["nginx-plus-registry-secret"],
};

/** The objects of a GatewayFabricV1 in a namespace that is there. */
export async function rendered(args: Partial<GatewayFabricV1Args>): Promise<KubernetesObject[]> {
  const run = await record(
    () => void new GatewayFabricV1("gateway", { namespace: "nginx-gateway", crds: "existing", ...args }),
  );
  return manifests(run, { secrets: "show" });
}

/** The objects of a GatewayFabricV1 and of its namespace. */
export async function renderedWithNamespace(args: Partial<GatewayFabricV1Args>): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const namespace = new Namespace("gateway", { name: "nginx-gateway", podSecurity: "baseline" }).name;
    new GatewayFabricV1("gateway", { namespace, crds: "existing", ...args });
  });
  return manifests(run, { secrets: "show" });
}

/** The one object of a kind. */
export function the(kind: string, objects: KubernetesObject[]) {
  const found = objects.filter((object) => object.kind === kind);
  expect(found).toHaveLength(1);
  // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
  return found[0] as any;
}

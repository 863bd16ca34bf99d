import { Namespace } from "../../../components/foundation";
import { GatewayFabric } from "../../../components/gateway/gateway-fabric";
import type { GatewayFabricArgs } from "../../../components/gateway/gateway-fabric-args";
import { type KubernetesObject, manifests, record } from "../../../engine";

/** What the document does: the JWT in two Secrets with the names of upstream. */
export const plus: Partial<GatewayFabricArgs> = {
  usage: { license: { secretName: "nplus-license" } },
  imagePullSecrets: ["nginx-plus-registry-secret"],
};

/** The requests of a GatewayFabric in a namespace that is there. */
export const recorded = (args: Partial<GatewayFabricArgs>) =>
  record(() => void new GatewayFabric("gateway", { namespace: "nginx-gateway", crds: "existing", ...args }));

/** Certificates under upstream's names, so that nothing else differs. */
export const certificates: Partial<GatewayFabricArgs> = {
  serverCertificate: { secretName: "server-tls" },
  agentCertificate: { secretName: "agent-tls" },
};

/** The objects of a GatewayFabric in a namespace that is there. */
export async function rendered(args: Partial<GatewayFabricArgs>): Promise<KubernetesObject[]> {
  return withoutSecrets(manifests(await recorded(args), { secrets: "show" }));
}

/** The objects of a GatewayFabric and of its namespace. */
export async function renderedWithNamespace(args: Partial<GatewayFabricArgs>): Promise<KubernetesObject[]> {
  const run = await record(() => {
    const namespace = new Namespace("gateway", { name: "nginx-gateway" }).name;
    new GatewayFabric("gateway", { namespace, crds: "existing", ...args });
  });
  return withoutSecrets(manifests(run, { secrets: "show" }));
}

/** Of Secrets, only which keys they have: what is in them is random. */
const withoutSecrets = (objects: KubernetesObject[]): KubernetesObject[] =>
  objects.map((one) =>
    one.kind === "Secret"
      ? { ...one, data: Object.fromEntries(Object.keys(one.data ?? {}).map((key) => [key, "…"])) }
      : one,
  );

// biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
type Manifest = any;

/** The one object of a kind, or of a kind and name. */
export function the(kind: string, objects: KubernetesObject[], name?: string): Manifest {
  const found = objects.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  expect(found).toHaveLength(1);
  return found[0];
}

/** The arguments of the control plane. */
export const flags = (objects: KubernetesObject[]): string[] =>
  the("Deployment", objects).spec.template.spec.containers[0].args;

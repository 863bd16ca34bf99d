import { checkPlain, type Refuser } from "../foundation";
import { checkSpireAgent } from "./agent/checks";
import { checkDriver } from "./agent/spiffe-csi-driver";
import type { SpireAgentArgs } from "./agent/spire-agent-args";
import { checkInjector } from "./injector/checks";
import type { SidecarInjectorArgs } from "./injector/sidecar-injector-args";
import type { MeshReference } from "./mesh-reference";
import { checkSpireServer } from "./server/checks";
import type { SpireServerArgs } from "./server/spire-server-args";
import type { ServiceMeshArgs } from "./service-mesh-args";

/** The parts of the arguments for the components of a mesh. */
export const serverArgs = (args: ServiceMeshArgs, places: Places): SpireServerArgs => {
  const { trustDomain, unsafeExampleTrustDomain, clusterName, images, monitoring } = args;
  return {
    ...args.server,
    namespace: places.server,
    agentNamespace: places.system,
    ...{ trustDomain, unsafeExampleTrustDomain, clusterName, images, monitoring },
  };
};
export const agentArgs = ({ agent, images, monitoring }: ServiceMeshArgs, mesh: MeshReference): SpireAgentArgs => ({
  ...agent,
  ...{ mesh, images, monitoring },
});
export const injectorArgs = ({ injection, images }: ServiceMeshArgs): SidecarInjectorArgs => ({
  images,
  ...injection!.sidecars,
  kubernetesVersion: injection!.kubernetesVersion,
  strictNamespaces: injection!.strictNamespaces,
});

/** Namespaces of the mesh. */
export interface Places {
  server: SpireServerArgs["namespace"];
  system: SpireServerArgs["namespace"];
}

const shared = ["trustDomain", "clusterName", "images", "monitoring"];

/** Refuses, before anything is registered, what any component of the mesh would. */
export function checkServiceMesh(refuse: Refuser, name: string, args: ServiceMeshArgs): void {
  const { trustDomain, serverNamespace, systemNamespace, ...structure } = args;
  checkPlain(refuse, structure);
  if (args.server === undefined)
    refuse("server", "is missing", "give at least { storage }: where the SPIRE server keeps its data");
  if (args.agent === undefined)
    refuse("agent", "is missing", "give at least { kubelet }: how the SPIRE agents verify the kubelets");
  const places = { server: serverNamespace ?? "server", system: systemNamespace ?? "system" };
  if (serverNamespace !== undefined && serverNamespace === systemNamespace)
    refuse(
      "systemNamespace",
      "is that of the server",
      "use two: agents and driver take a Namespace that admits privileged pods, and the server needs none such",
    );
  const { lifetimes } = checkSpireServer(
    within(refuse, { namespace: "serverNamespace", agentNamespace: "systemNamespace" }, "server"),
    name,
    serverArgs(args, places),
  );
  const mesh = { caTtlSeconds: lifetimes.caTtlSeconds } as MeshReference;
  checkSpireAgent(within(refuse, {}, "agent"), agentArgs(args, mesh));
  checkDriver(within(refuse, { namespace: "systemNamespace" }, "csiDriver"), {
    ...args.csiDriver,
    namespace: "system",
  });
  if (args.injection) checkInjection(refuse, args);
}

function checkInjection(refuse: Refuser, args: ServiceMeshArgs): void {
  const { strictNamespaces = [], kubernetesVersion } = args.injection!;
  checkPlain(refuse, {
    "injection.strictNamespaces": args.injection!.strictNamespaces,
    "injection.kubernetesVersion": kubernetesVersion,
  });
  const own = ["strictNamespaces", "kubernetesVersion"];
  const paths = Object.fromEntries(own.map((property) => [property, `injection.${property}`]));
  checkInjector(within(refuse, paths, "injection.sidecars"), injectorArgs(args));
  for (const [index, namespace] of strictNamespaces.entries())
    if (namespace === args.serverNamespace || namespace === args.systemNamespace)
      refuse(
        `injection.strictNamespaces[${index}]`,
        "is a Namespace of the mesh itself, whose pods have no sidecar",
        "name the namespaces of your workloads",
      );
}

/** A refuser for the arguments of a component, which are a part of the mesh's. */
const within =
  (refuse: Refuser, paths: Record<string, string>, rest: string): Refuser =>
  (property, wrong, remedy) => {
    const [first = ""] = property.split(/[.[]/);
    if (shared.includes(first)) return refuse(property, wrong, remedy);
    return refuse(paths[first] ? property.replace(first, paths[first]!) : `${rest}.${property}`, wrong, remedy);
  };

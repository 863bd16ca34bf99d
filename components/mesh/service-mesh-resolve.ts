import { type Input, output } from "@pulumi/pulumi";
import { type Argument, containedArguments, resolveArguments, withFacts } from "../foundation";
import type { MeshReference } from "./mesh-reference";
import { checkImages, checkPrivileged } from "./pod-rules";
import type { ServiceMeshArgs } from "./service-mesh-args";
import { type ResolvedInjector, resolveContainedInjector, type SidecarInjectorArgs } from "./sidecar-injector";
import { type ResolvedDriver, resolveContainedDriver, type SpiffeCsiDriverArgs } from "./spiffe-csi-driver";
import { type ResolvedSpireAgent, resolveContainedAgent, type SpireAgentArgs } from "./spire-agent";
import { type ResolvedSpireServer, resolveContainedServer, type SpireServerArgs, serverLayout } from "./spire-server";

/** A mesh with its components; the names of its Namespaces are known later. */
export interface ResolvedMesh {
  args: ServiceMeshArgs;
  sidecarIdentity: boolean;
  server: ResolvedSpireServer;
  agent: ResolvedSpireAgent;
  driver: ResolvedDriver;
  injector: ResolvedInjector | undefined;
}

/** Resolves the arguments of a ServiceMesh and of the components in it; faults have the name and paths of the mesh. */
export const resolveMesh = (name: string, args: ServiceMeshArgs): ResolvedMesh =>
  resolveArguments("ServiceMesh", name, "ServiceMeshArgs", args, (argument) => {
    const { serverNamespace, systemNamespace, injection, sidecarIdentity = true } = argument.value;
    // A Namespace made by the mesh differs from those of all Secrets of the program.
    const newNamespace = (suffix: string) => withFacts(output(suffix), { component: `ServiceMesh "${name}"` });
    const namespaces = {
      server: serverNamespace ?? newNamespace("server"),
      system: systemNamespace ?? newNamespace("system"),
    };
    argument.check(checkNamespaces, () => checkImages(argument.field("injection").field("sidecars").field("images")));
    const server = resolveContainedServer(
      argument.inner(toServerArgs(argument.value, namespaces), mapPaths(serverPaths, "server")),
    );
    const mesh = {
      caTtlSeconds: server.lifetimes.caTtlSeconds,
      serverPort: serverLayout.serverPort,
      agentNamespace: namespaces.system,
    } as MeshReference;
    const agent = resolveContainedAgent(argument.inner(toAgentArgs(argument.value, mesh), mapPaths({}, "agent")));
    const driver = resolveContainedDriver(
      argument.inner(toDriverArgs(argument.value, namespaces.system), mapPaths({}, "csiDriver")),
    );
    const injector =
      injection &&
      resolveContainedInjector(
        argument.inner(toInjectorArgs(argument.value), mapPaths(injectorPaths, "injection.sidecars")),
      );
    return { args: argument.value, sidecarIdentity, server, agent, driver, injector };
  });

interface Namespaces {
  server: Input<string>;
  system: Input<string>;
}

const serverPaths = {
  ...{ trustDomain: "trustDomain", unsafeExampleTrustDomain: "unsafeExampleTrustDomain", clusterName: "clusterName" },
  ...{ images: "images", monitoring: "monitoring", namespace: "serverNamespace", agentNamespace: "systemNamespace" },
};
const injectorPaths = {
  kubernetesVersion: "injection.kubernetesVersion",
  strictNamespaces: "injection.strictNamespaces",
  earlierSidecars: "injection.earlierSidecars",
};

/** Returns the function that maps paths of a contained component to those of the mesh. */
const mapPaths =
  (paths: Record<string, string>, rest: string) =>
  (path: string): string => {
    const [first = ""] = path.split(/[.[]/);
    return paths[first] ? path.replace(first, paths[first]!) : `${rest}.${path}`;
  };

const toServerArgs = (args: ServiceMeshArgs, { server, system }: Namespaces): SpireServerArgs => {
  const { trustDomain, unsafeExampleTrustDomain, clusterName, images, monitoring, openshift } = args;
  return {
    ...args.server,
    namespace: server,
    agentNamespace: system,
    ...{ trustDomain, unsafeExampleTrustDomain, clusterName, images, monitoring, openshift },
  };
};

const toAgentArgs = ({ agent }: ServiceMeshArgs, mesh: MeshReference): SpireAgentArgs => ({ ...agent, mesh });

const toDriverArgs = ({ csiDriver }: ServiceMeshArgs, namespace: Input<string>): SpiffeCsiDriverArgs => ({
  ...csiDriver,
  namespace,
});

const toInjectorArgs = ({ injection, images }: ServiceMeshArgs): SidecarInjectorArgs => {
  const { sidecars, kubernetesVersion, strictNamespaces, earlierSidecars } = injection!;
  return { images, ...sidecars, kubernetesVersion, strictNamespaces, earlierSidecars };
};

function checkNamespaces(argument: Argument<ServiceMeshArgs>): void {
  const { serverNamespace, systemNamespace, injection } = argument.value;
  if (serverNamespace !== undefined && serverNamespace === systemNamespace)
    argument
      .field("systemNamespace")
      .refuse(
        "is also serverNamespace",
        "use two: agents and driver need a Namespace that admits privileged pods, and the server does not",
      );
  checkPrivileged(argument.field("systemNamespace"), "agents and driver are");
  if (!injection) return;
  for (const namespace of argument.field("injection").field("strictNamespaces").entries())
    if (namespace.value === serverNamespace || namespace.value === systemNamespace)
      namespace.refuse(
        "is a Namespace of the mesh, whose pods have no sidecar",
        "name the namespaces of your workloads",
      );
}

/** Returns the resolved arguments of the components in a mesh, with the names of the Namespaces. */
export function toContainedArguments({ args, server, agent, driver, injector }: ResolvedMesh, namespaces: Namespaces) {
  const { images, monitoring, openshift } = args;
  const own = { namespace: namespaces.server, agentNamespace: namespaces.system };
  return {
    server: containedArguments(toServerArgs(args, namespaces), { ...server, ...own }),
    agent: (mesh: MeshReference) =>
      containedArguments(toAgentArgs(args, mesh), { ...agent, mesh, images, monitoring, openshift }),
    driver: containedArguments(toDriverArgs(args, namespaces.system), {
      ...driver,
      images,
      openshift,
      namespace: namespaces.system,
    }),
    injector: injector && containedArguments(toInjectorArgs(args), injector),
  };
}

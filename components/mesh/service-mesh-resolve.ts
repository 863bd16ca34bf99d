import { type Input, output } from "@pulumi/pulumi";
import { type Argument, containedArguments, resolveArguments, withFacts } from "../foundation";
import type { MeshReference } from "./mesh-reference";
import { checkImages, checkPrivileged } from "./pod-rules";
import type { ServiceMeshArgs } from "./service-mesh-args";
import { type ResolvedInjector, resolveSidecarInjector, type SidecarInjectorArgs } from "./sidecar-injector";
import { type ResolvedDriver, resolveDriver, type SpiffeCsiDriverArgs } from "./spiffe-csi-driver";
import { type ResolvedSpireAgent, resolveSpireAgent, type SpireAgentArgs } from "./spire-agent";
import { type ResolvedSpireServer, resolveSpireServer, type SpireServerArgs, serverLayout } from "./spire-server";

/** A mesh as it will be made; its Namespaces are known once they are made. */
export interface ResolvedMesh {
  args: ServiceMeshArgs;
  sidecarIdentity: boolean;
  server: ResolvedSpireServer;
  agent: ResolvedSpireAgent;
  driver: ResolvedDriver;
  injector: ResolvedInjector | undefined;
}

/** Resolves a mesh and the components in it, with the mesh's name and paths. */
export const resolveMesh = (name: string, args: ServiceMeshArgs): ResolvedMesh =>
  resolveArguments("ServiceMesh", name, "ServiceMeshArgs", args, (argument) => {
    const { serverNamespace, systemNamespace, injection, sidecarIdentity = true } = argument.value;
    // A Namespace that the mesh makes is another one than those of all Secrets of the program.
    const made = (suffix: string) => withFacts(output(suffix), { component: `ServiceMesh "${name}"` });
    const namespaces = { server: serverNamespace ?? made("server"), system: systemNamespace ?? made("system") };
    argument.check(checkNamespaces, () => checkImages(argument.field("injection").field("sidecars").field("images")));
    const server = resolveSpireServer(
      argument.inner(serverArgs(argument.value, namespaces), renamed(serverPaths, "server")),
    );
    const mesh = {
      caTtlSeconds: server.lifetimes.caTtlSeconds,
      serverPort: serverLayout.serverPort,
      agentNamespace: namespaces.system,
    } as MeshReference;
    const agent = resolveSpireAgent(argument.inner(agentArgs(argument.value, mesh), renamed({}, "agent")));
    const driver = resolveDriver(
      argument.inner(driverArgs(argument.value, namespaces.system), renamed({}, "csiDriver")),
    );
    const injector =
      injection &&
      resolveSidecarInjector(
        argument.inner(injectorArgs(argument.value), renamed(injectorPaths, "injection.sidecars")),
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
};

/** Returns the function that turns paths of a contained component into those of the mesh. */
const renamed =
  (paths: Record<string, string>, rest: string) =>
  (path: string): string => {
    const [first = ""] = path.split(/[.[]/);
    return paths[first] ? path.replace(first, paths[first]!) : `${rest}.${path}`;
  };

const serverArgs = (args: ServiceMeshArgs, { server, system }: Namespaces): SpireServerArgs => {
  const { trustDomain, unsafeExampleTrustDomain, clusterName, images, monitoring, openshift } = args;
  return {
    ...args.server,
    namespace: server,
    agentNamespace: system,
    ...{ trustDomain, unsafeExampleTrustDomain, clusterName, images, monitoring, openshift },
  };
};

/** Agents of a mesh with injection are in a cluster that knows the narrower right. */
const agentArgs = ({ agent, injection }: ServiceMeshArgs, mesh: MeshReference): SpireAgentArgs => ({
  ...agent,
  kubelet: agent?.kubelet && {
    ...agent.kubelet,
    fineGrainedAuthorization: agent.kubelet.fineGrainedAuthorization ?? (injection ? true : undefined),
  },
  mesh,
});

const driverArgs = ({ csiDriver }: ServiceMeshArgs, namespace: Input<string>): SpiffeCsiDriverArgs => ({
  ...csiDriver,
  namespace,
});

const injectorArgs = ({ injection, images }: ServiceMeshArgs): SidecarInjectorArgs => {
  const { sidecars, kubernetesVersion, strictNamespaces } = injection!;
  return { images, ...sidecars, kubernetesVersion, strictNamespaces };
};

function checkNamespaces(argument: Argument<ServiceMeshArgs>): void {
  const { serverNamespace, systemNamespace, injection } = argument.value;
  if (serverNamespace !== undefined && serverNamespace === systemNamespace)
    argument
      .field("systemNamespace")
      .refuse(
        "is that of the server",
        "use two: agents and driver take a Namespace that admits privileged pods, and the server needs none such",
      );
  checkPrivileged(argument.field("systemNamespace"), "agents and driver are");
  if (!injection) return;
  for (const namespace of argument.field("injection").field("strictNamespaces").entries())
    if (namespace.value === serverNamespace || namespace.value === systemNamespace)
      namespace.refuse(
        "is a Namespace of the mesh itself, whose pods have no sidecar",
        "name the namespaces of your workloads",
      );
}

/** Returns the arguments of the components in a mesh, which check nothing again, in the Namespaces that were made or given. */
export function containedComponents({ args, server, agent, driver, injector }: ResolvedMesh, namespaces: Namespaces) {
  const { images, monitoring, openshift } = args;
  const own = { namespace: namespaces.server, agentNamespace: namespaces.system };
  return {
    server: containedArguments(serverArgs(args, namespaces), { ...server, ...own }),
    agent: (mesh: MeshReference) =>
      containedArguments(agentArgs(args, mesh), { ...agent, mesh, images, monitoring, openshift }),
    driver: containedArguments(driverArgs(args, namespaces.system), {
      ...driver,
      images,
      openshift,
      namespace: namespaces.system,
    }),
    injector: injector && containedArguments(injectorArgs(args), injector),
  };
}

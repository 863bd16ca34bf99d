import { manifests, record } from "../../engine";
import { exportedComponents as components } from "./exported-components";
import { validArguments } from "./valid-arguments";

// biome-ignore lint/suspicious/noExplicitAny: pods have the shape of their kind, which the API server checks in the cluster tests
type Pod = any;

/** Rules that pods keep, and the entries of a pod that break each. */
const rules: Record<string, (pod: Pod) => string[]> = {
  "folders in memory or on the node's disk have a limit": ({ volumes = [] }) =>
    volumes.filter(({ emptyDir }: Pod) => emptyDir && !emptyDir.sizeLimit).map(({ name }: Pod) => name),
  "containers have a limit of memory": (pod) =>
    containersOf(pod).filter(({ resources }: Pod) => !resources?.limits?.memory),
  "containers write into volumes alone": (pod) =>
    containersOf(pod).filter(({ securityContext }: Pod) => !securityContext?.readOnlyRootFilesystem),
  "processes get no more rights than they start with": (pod) =>
    containersOf(pod).filter(({ securityContext }: Pod) => securityContext?.allowPrivilegeEscalation !== false),
  "pods see nothing of their node": (pod) => ["hostNetwork", "hostPID", "hostIPC"].filter((field) => pod[field]),
  "pods have no token of the API server": ({ automountServiceAccountToken }) =>
    automountServiceAccountToken === false ? [] : ["the token"],
};

const containersOf = ({ containers, initContainers = [] }: Pod): Pod[] => [...containers, ...initContainers];

const asUpstream = "objects are those of upstream's manifests, but for what the page lists";
const spireCalls = "SPIRE calls the API server: tokens of nodes and pods, the bundle, identities";

/** Pods that break a rule, with the reason. */
const exceptions: Record<string, string> = {
  "GatewayFabric Deployment the token: pods have no token of the API server": asUpstream,
  "GatewayFabricV1 Deployment the token: pods have no token of the API server": asUpstream,
  ...Object.fromEntries(
    ["conf", "stream-conf", "main-includes", "secrets", "run", "cache", "includes", "lib"].map((name) => [
      `GatewayFabricV1 Deployment nginx-${name}: folders in memory or on the node's disk have a limit`,
      asUpstream,
    ]),
  ),
  ...Object.fromEntries(
    ["nginx", "init"].flatMap((name) => [
      [`GatewayFabricV1 Deployment ${name}: containers have a limit of memory`, asUpstream],
      [`GatewayFabricV1 Deployment ${name}: processes get no more rights than they start with`, asUpstream],
    ]),
  ),
  "NginxPlus Deployment nginx: containers have a limit of memory": "`resources` of the arguments replaces the default",
  ...Object.fromEntries(
    ["ServiceMesh", "SpireServer"].map((name) => [
      `${name} StatefulSet the token: pods have no token of the API server`,
      spireCalls,
    ]),
  ),
  ...Object.fromEntries(
    ["ServiceMesh", "SpireAgent"].flatMap((name) => [
      [`${name} DaemonSet the token: pods have no token of the API server`, "the agent shows it to the kubelet"],
      [`${name} DaemonSet hostPID: pods see nothing of their node`, "the agent finds the process that calls it"],
    ]),
  ),
  ...Object.fromEntries(
    ["ServiceMesh", "SpiffeCsiDriver"].flatMap((name) =>
      ["spiffe-csi-driver", "selinux"].map((container) => [
        `${name} DaemonSet ${container}: processes get no more rights than they start with`,
        "mounts in pods of others and labels of SELinux need a privileged container",
      ]),
    ),
  ),
};

test("pods of every component keep the rules, but for the listed exceptions", async () => {
  const broken = new Set<string>();
  for (const [name, component] of components)
    for (const args of validArguments[name] ?? []) {
      const run = await record(() => void new component("x", args as never), { preview: true });
      for (const { kind, spec } of manifests(run) as { kind: string; spec?: Pod }[]) {
        const pod = spec?.template?.spec;
        if (!pod?.containers) continue;
        for (const [rule, find] of Object.entries(rules))
          for (const entry of find(pod) as (string | { name: string })[])
            broken.add(`${name} ${kind} ${typeof entry === "string" ? entry : entry.name}: ${rule}`);
      }
    }
  expect([...broken].sort()).toEqual(Object.keys(exceptions).sort());
});

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** Arguments with images, and the same with a digest in each of them, one after another. */
function withDigests(value: unknown, within = ""): unknown[] {
  if (Array.isArray(value))
    return value.flatMap((entry, index) => withDigests(entry, within).map((changed) => value.with(index, changed)));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const named = /(?:^i|I)mage$/.test(key) || (within === "images" && key !== "registry");
    if (typeof entry !== "string") return withDigests(entry, key).map((changed) => ({ ...value, [key]: changed }));
    if (!named && !(key === "tag" && /Image$/.test(within))) return [];
    return [{ ...value, [key]: `${entry.replace(/@.*/, "")}@${digest}` }];
  });
}

const images = components.flatMap(([name, component]) =>
  (validArguments[name] ?? []).flatMap((args) =>
    withDigests(args).map((changed, index) => ({ name, index, component, changed })),
  ),
);

test("arguments with images are found", () => {
  expect(new Set(images.map(({ name }) => name)).size).toBeGreaterThan(8);
});

test.each(images)("$name takes a digest in image $index", async ({ component, changed }) => {
  const run = record(() => void new component("x", changed as never), { preview: true });
  await expect(run).resolves.toMatchObject({ requests: expect.arrayContaining([expect.anything()]) });
});

import type { KubernetesObject } from "../../engine";
import { until } from "../cluster/until";
import { exampleStacks } from "../example-stacks";
import { hasImage, imageRepository, imagesNotHad } from "./images";
import { managerStandIn } from "./manager-stand-in";
import { expectCopiesNotReady, expectEvent, mutations } from "./mutations";
import { imagesOf, type NodeCluster } from "./node";
import { type Loose, render } from "./rendered";

const workloads = ["Deployment", "StatefulSet", "DaemonSet", "Job"];
const isWorkload = ({ kind }: KubernetesObject) => workloads.includes(kind);
const runs = (object: KubernetesObject) => imagesOf([object]).every(hasImage);

/** Parts of the platform that run without the mesh, which needs a CSI driver. */
const withoutMesh = { "platform:areas": JSON.stringify(["gateway", "mqtt", "manager"]) };

/** Groups whose definitions this cluster lacks. */
const foreignGroups = /^(gateway\.networking\.k8s\.io|gateway\.nginx\.org|apiextensions\.k8s\.io)\//;

/** Objects of a stack that a cluster without CRDs takes. */
async function renderForNode(stack: string): Promise<KubernetesObject[]> {
  const objects = await render(stack, stack.startsWith("platform/services-") ? withoutMesh : {});
  return objects.filter(({ apiVersion }) => !foreignGroups.test(String(apiVersion)));
}

const isLicense = ({ kind, data }: Loose) => kind === "Secret" && data !== undefined && "license.jwt" in data;

/** Installs a stack, and waits until each pod that has its images is Ready. */
async function install(node: NodeCluster, stack: string): Promise<KubernetesObject[]> {
  const objects = await renderForNode(stack);
  const standIn = stack.startsWith("instance-manager/") ? managerStandIn(objects) : [];
  const licenses = objects.filter(isLicense);
  // As Pulumi does: a Job depends on everything else.
  const jobs = objects.filter(({ kind }) => kind === "Job");
  const first = objects.filter((object) => !jobs.includes(object));
  await node.apply([...first.filter((object) => !licenses.includes(object)), ...standIn]);
  for (const { metadata } of licenses) {
    const pods = objects.filter((one) => isWorkload(one) && one.metadata.namespace === metadata.namespace);
    const { name, namespace } = metadata;
    if (!pods.some((one) => mounts(one, String(name)))) continue;
    await expectEvent(node, String(namespace), new RegExp(`secret "${name}" not found`));
  }
  await node.apply(licenses);
  await waitRunning(node, first);
  await node.apply(jobs);
  await waitRunning(node, jobs);
  return objects;
}

const mounts = ({ spec }: Loose, secretName: string): boolean =>
  (spec.template.spec.volumes ?? []).some((volume: Loose) =>
    [volume, ...(volume.projected?.sources ?? [])].some(
      ({ secret }: Loose) => (secret?.secretName ?? secret?.name) === secretName,
    ),
  );

/** Waits until each workload that has its images is Ready, and each pod without one waits for nothing but its image. */
async function waitRunning(node: NodeCluster, objects: KubernetesObject[]): Promise<void> {
  const all = objects.filter(isWorkload);
  await node.waitReady(all.filter(runs), 120);
  for (const workload of all.filter((one) => !runs(one))) await waitForImages(node, workload);
}

/** Volumes, with their Secrets and ConfigMaps, come before the image: a pod that waits for its image has them. */
const waitForImages = (node: NodeCluster, workload: Loose) =>
  until(`the pods of ${workload.metadata.name}`, 60, async () => {
    const labels = Object.entries(workload.spec.selector.matchLabels).map((pair) => pair.join("="));
    const select = ["-n", workload.metadata.namespace, "-l", labels.join(",")];
    const pods: Loose[] = JSON.parse(await node.kubectl(["get", "pods", "-o", "json", ...select])).items;
    const waits = pods.map(({ status }) => {
      const containers: Loose[] = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
      const reasons = containers.map(({ image, state }) => [hasImage(image), state.waiting?.reason ?? "runs"]);
      // One that waits for its image keeps those after it from their start.
      return (
        reasons.some(([, reason]) => reason === imageMissing) &&
        reasons.every(([has, reason]) => reason === (has ? "runs" : imageMissing) || reason === "PodInitializing")
      );
    });
    if (waits.length > 0 && waits.every(Boolean)) return true;
    throw new Error(JSON.stringify(pods.map(({ status }) => status)));
  });

const imageMissing = "ErrImageNeverPull";

/** The stacks of the examples on a node. Each is installed once. */
export interface Stacks {
  names: string[];
  install(stack: string): Promise<KubernetesObject[]>;
}

// Foundations have no pods and come with the services on them; the mesh has tests of its own.
const elsewhere = /^(platform\/foundation-|service-mesh\/)/;

/** Stacks that are installed when they are asked for, two at a time. */
export function installedStacks(node: () => NodeCluster): Stacks {
  const installs = new Map<string, Promise<KubernetesObject[]>>();
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  return {
    names: exampleStacks()
      .filter(({ hasObjects, name }) => hasObjects && !elsewhere.test(name))
      .map(({ name }) => name),
    install(stack) {
      const known = installs.get(stack);
      if (known !== undefined) return known;
      const lane = installs.size % lanes.length;
      const started = lanes[lane]!.then(() => install(node(), stack));
      lanes[lane] = started.catch(() => undefined);
      installs.set(stack, started);
      return started;
    },
  };
}

/** Tests that each stack of each example comes up. */
export function stackTests(node: () => NodeCluster, stacks: Stacks): void {
  const seen = new Set<string>();

  test.each(stacks.names)(
    "%s: every pod that has an image becomes Ready, all others wait for theirs alone, and none of NGINX Plus starts without its licence Secret",
    async (stack) => {
      // The first test starts all; each reports its own.
      for (const one of stacks.names) stacks.install(one).catch(() => undefined);
      const objects = await stacks.install(stack);
      const missing = imagesOf(objects).filter((image) => !hasImage(image));
      for (const image of missing.map(imageRepository)) seen.add(image);
      expect(missing.filter((image) => !(imageRepository(image) in imagesNotHad))).toEqual([]);
    },
  );

  test("no image is taken for one that cannot be had without need", () => {
    expect([...seen].sort()).toEqual(Object.keys(imagesNotHad).sort());
  });

  test.each(mutations)("no pod of NGINX becomes Ready with $name", async (mutation) => {
    const objects = (await Promise.all(stacks.names.map((stack) => stacks.install(stack)))).flat();
    const fronts = objects.filter(
      (one: Loose) =>
        one.kind === "Deployment" &&
        runs(one) &&
        one.spec.template.spec.containers[0].readinessProbe?.httpGet &&
        (!mutation.needsSecret || one.spec.template.spec.volumes.some((volume: Loose) => volume.secret)),
    );
    expect(fronts.length).toBeGreaterThan(mutation.needsSecret ? 5 : 10);
    await expectCopiesNotReady(node(), fronts, mutation);
  });
}

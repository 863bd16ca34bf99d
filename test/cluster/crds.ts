import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileGroups, type KubernetesObject, type RunResult } from "../../engine";
import type { ExampleStack } from "../example-stacks";
import type { Cluster } from "./fixture";

const folder = join(__dirname, "../../../shared/crds");

/** Files of Gateway Fabric whose tags could not be had, and what stands for them. */
const standIns = { "2.6.8": "2.6.7", "2.7.2": "main-2026-08-20" };

/** Where CRDs come from in a test: a folder where there is one, the pinned URLs otherwise. */
export const crdSource = existsSync(folder) ? withStandIns() : undefined;

function withStandIns(): string {
  const links = mkdtempSync(join(tmpdir(), "nginx-stacks-crds-"));
  process.on("exit", () => rmSync(links, { recursive: true, force: true }));
  for (const file of readdirSync(folder)) symlinkSync(join(folder, file), join(links, file));
  const path = (version: string) => `nginx-gateway-fabric-${version}.yaml`;
  for (const [version, other] of Object.entries(standIns))
    symlinkSync(join(folder, path(other)), join(links, path(version)));
  return links;
}

/** Whether the example has CRDs, which a cluster has once: for one line of Gateway Fabric, of SPIRE's controller manager, or of both. */
export const hasCrds = (example: ExampleStack) => example.name.startsWith("gateway-fabric") || isMesh(example);

/** Whether the example has a mesh, of which a cluster has one: its CSI driver's name is in every pod with a sidecar. */
export const isMesh = ({ name }: ExampleStack) => /^(service-mesh\/|platform\/services-)/.test(name);

/** No controller manager runs here: its webhook would refuse every identity. */
const withoutWebhook = (example: ExampleStack): Record<string, string> =>
  isMesh(example) ? { validatingWebhook: "false" } : {};

/** The example with CRDs that it brings itself, from there. */
export const withCrds = (example: ExampleStack): ExampleStack =>
  hasCrds(example)
    ? {
        ...example,
        config: { ...example.config, crds: "install", ...(crdSource && { crdSource }), ...withoutWebhook(example) },
      }
    : example;

/** Applies the files that a run names, as `pulumi up` would before what needs them; gives the arguments of kubectl that name them. */
export async function applyFiles(cluster: Cluster, run: Pick<RunResult, "requests" | "secretTexts" | "digest">) {
  const files = fileGroups(run).flatMap(({ files }) => (files as string[]).flatMap((file) => ["-f", file]));
  if (files.length === 0) return files;
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", ...files]);
  await cluster.kubectl(["wait", "--for=condition=Established", "--timeout=180s", "crds", "--all"]);
  return files;
}

/** Deletes the objects and waits until they are gone. */
export async function remove(cluster: Cluster, objects: KubernetesObject[]): Promise<void> {
  const documents = [...objects].reverse().map((object) => JSON.stringify(object));
  await cluster.kubectl(["delete", "--ignore-not-found", "--wait", "-f", "-"], documents.join("\n---\n"));
}

import { createHash } from "node:crypto";
import type { GatewayFabricArgs } from "../../../components/gateway/gateway-fabric-args";
import type { KubernetesObject } from "../../../engine";
import { certificates, plus, rendered } from "./v2-fixture";

/** The arguments that stand for each of upstream's variants, `deploy/<variant>/deploy.yaml`. */
const linux = { "kubernetes.io/os": "linux" };
const variants: Record<string, Partial<GatewayFabricArgs>> = {
  default: {},
  azure: { nodeSelector: linux, dataPlane: { nodeSelector: linux } },
  experimental: { experimentalFeatures: true },
  inference: { inferenceExtension: true },
  nodeport: { dataPlane: { service: { type: "NodePort" } } },
  openshift: { openshift: true },
  snippets: { snippets: true },
  "snippets-filters": { snippetsFilters: true },
};

/** Digests of upstream's files, read from the tags: one version of each shape that the manifests have had, and of the newest every variant. */
const digests: Record<string, Record<string, string>> = {
  "2.0.0": {
    "experimental-nginx-plus": "9e7542579f867fb5",
    "nginx-plus": "6229e6997e9fa31e",
    openshift: "a99eee28dad7abe3",
    "snippets-filters-nginx-plus": "4f935b5e7c5ac8aa",
  },
  "2.0.2": {
    "experimental-nginx-plus": "cae766751c8bb5d2",
    "nginx-plus": "c40c2680e464fdf6",
    openshift: "3db3234952a0082f",
    "snippets-filters-nginx-plus": "0396c58e7a1cfe70",
  },
  "2.1.4": {
    "experimental-nginx-plus": "712a3fc02442e271",
    "nginx-plus": "c5942d5812d13477",
    openshift: "d1b811d7051a7156",
    "snippets-filters-nginx-plus": "ba1ca8e705db2b14",
  },
  "2.2.2": {
    "experimental-nginx-plus": "f056a5865c30d9ca",
    inference: "d7ecdfb572c11717",
    "nginx-plus": "8b508f469ddfa32f",
    openshift: "4014a7ffbd479863",
    "snippets-filters-nginx-plus": "876a9ab3018bdc43",
  },
  "2.3.0": {
    "experimental-nginx-plus": "7e69f01d2d479959",
    inference: "cd1d4a6dff768ba5",
    "nginx-plus": "157f3aa4b919ae77",
    openshift: "42ee3ed84624eee4",
    "snippets-filters-nginx-plus": "3da92ae947e191a3",
  },
  "2.4.2": {
    "experimental-nginx-plus": "0ac25e802a9395b8",
    inference: "7e37a3059a10adce",
    "nginx-plus": "58bbec111f2d909d",
    openshift: "ffcbf3991faf180b",
    "snippets-nginx-plus": "ada8aefbc776d0fc",
  },
  "2.5.1": {
    "experimental-nginx-plus": "0c1d863295e111dd",
    inference: "8823492b70620445",
    "nginx-plus": "05538d0becb71ae6",
    openshift: "0966141e57e5dff8",
    "snippets-nginx-plus": "ff7152b4722a0fff",
  },
  "2.6.7": {
    azure: "3d0a843c85eae8ab",
    default: "13c316bf1ab24cee",
    experimental: "648320bb5990e12c",
    "experimental-nginx-plus": "2ab9771265793c0d",
    inference: "960ecac2866b215a",
    "inference-nginx-plus": "713a54e4105631bd",
    "nginx-plus": "272248eb59227dd4",
    nodeport: "a61e356299864124",
    openshift: "f93a0923bb1db17f",
    snippets: "c6740756117c130a",
    "snippets-nginx-plus": "121523f305d877cc",
  },
};

test.each(Object.keys(digests))("each variant of %s is upstream's, object by object", async (version) => {
  const ours: Record<string, string> = {};
  for (const variant of Object.keys(digests[version]!)) {
    const base = variant.replace(/-?nginx-plus$/, "") || "default";
    const edition = variant.endsWith("nginx-plus") ? plus : ({ edition: "oss" } as const);
    ours[variant] = digest(await rendered({ ...certificates, ...edition, ...variants[base], version }));
  }
  expect(ours).toEqual(digests[version]);
});

/** A digest of every object that upstream's file and ours share, whatever their order and that of their fields. */
function digest(objects: KubernetesObject[]): string {
  const shared = objects.filter(
    ({ kind, metadata }) => !["Namespace", "Job"].includes(kind) && !metadata.name?.endsWith("-cert-generator"),
  );
  const texts = shared.map((one) => JSON.stringify(sorted(one))).sort();
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

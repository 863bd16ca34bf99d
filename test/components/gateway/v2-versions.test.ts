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

/** Digests of upstream's files, read from the tags: one version of each shape that the manifests have had. */
const digests: Record<string, Record<string, string>> = {
  "2.0.0": {
    azure: "7447deb5a2b4b043",
    default: "fa6d5765273930ca",
    experimental: "4386dc58e1c119af",
    "experimental-nginx-plus": "9e7542579f867fb5",
    "nginx-plus": "6229e6997e9fa31e",
    nodeport: "dab9044bc01bf067",
    openshift: "a99eee28dad7abe3",
    "snippets-filters": "6fd4a2eaf611dec0",
    "snippets-filters-nginx-plus": "4f935b5e7c5ac8aa",
  },
  "2.0.2": {
    azure: "aa640b76efcaf318",
    default: "5f48ccea5c2eed31",
    experimental: "64dbd8212576ab49",
    "experimental-nginx-plus": "cae766751c8bb5d2",
    "nginx-plus": "c40c2680e464fdf6",
    nodeport: "7a771828aea74f02",
    openshift: "3db3234952a0082f",
    "snippets-filters": "48014ba2c2a3963a",
    "snippets-filters-nginx-plus": "0396c58e7a1cfe70",
  },
  "2.1.4": {
    azure: "099f19754285a76d",
    default: "26c482f0546540ff",
    experimental: "b9b041c98cd4b2f0",
    "experimental-nginx-plus": "712a3fc02442e271",
    "nginx-plus": "c5942d5812d13477",
    nodeport: "b5815409180a4ae9",
    openshift: "d1b811d7051a7156",
    "snippets-filters": "025b004aac383845",
    "snippets-filters-nginx-plus": "ba1ca8e705db2b14",
  },
  "2.2.2": {
    azure: "0d160dbb16c283fa",
    default: "8e243cf4d92ca57e",
    experimental: "c60d0fcd6350a289",
    "experimental-nginx-plus": "f056a5865c30d9ca",
    inference: "d7ecdfb572c11717",
    "inference-nginx-plus": "403004d290415efa",
    "nginx-plus": "8b508f469ddfa32f",
    nodeport: "34060261597372c0",
    openshift: "4014a7ffbd479863",
    "snippets-filters": "7e2162a5633d33dd",
    "snippets-filters-nginx-plus": "876a9ab3018bdc43",
  },
  "2.3.0": {
    azure: "66ff87b154db1bfe",
    default: "102a808cbd04fe08",
    experimental: "320d8c1482ee4249",
    "experimental-nginx-plus": "7e69f01d2d479959",
    inference: "cd1d4a6dff768ba5",
    "inference-nginx-plus": "d31aea4b39ac6030",
    "nginx-plus": "157f3aa4b919ae77",
    nodeport: "c8eea104f02aae74",
    openshift: "42ee3ed84624eee4",
    "snippets-filters": "5acb2f78e80bc158",
    "snippets-filters-nginx-plus": "3da92ae947e191a3",
  },
  "2.4.2": {
    azure: "ac6251ff45df37ee",
    default: "2496f6ca4015f385",
    experimental: "ca6ef9f3235affd0",
    "experimental-nginx-plus": "0ac25e802a9395b8",
    inference: "7e37a3059a10adce",
    "inference-nginx-plus": "bc93e6071d3f35c9",
    "nginx-plus": "58bbec111f2d909d",
    nodeport: "f177e5bcebc44bc6",
    openshift: "ffcbf3991faf180b",
    snippets: "03efc5dc0ce00c60",
    "snippets-nginx-plus": "ada8aefbc776d0fc",
  },
  "2.5.1": {
    azure: "4d2f6ee552a533ad",
    default: "fb32a1119c674367",
    experimental: "90a284b805be83c5",
    "experimental-nginx-plus": "0c1d863295e111dd",
    inference: "8823492b70620445",
    "inference-nginx-plus": "7b67dbeeb26bb788",
    "nginx-plus": "05538d0becb71ae6",
    nodeport: "1c3efec34ef46c98",
    openshift: "0966141e57e5dff8",
    snippets: "e27761062c6892b2",
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

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayFabric, type GatewayFabricArgs, GatewayFabricV1 } from "../../../components";
import { crdFiles } from "../../../components/gateway/crds";
import { knownVersions } from "../../../components/gateway/versions";
import { type RunResult, record } from "../../../engine";
import { thrownBy, withoutPlace } from "../refusals";

const version = (number: string) => knownVersions.find((one) => one.version === number)!;

/** Requests of a GatewayFabric with such arguments. */
const requested = (more: Partial<GatewayFabricArgs>): Promise<RunResult> =>
  record(() => void new GatewayFabric("x", { namespace: "n", edition: "oss", ...more }));

test("a version needs the files that upstream publishes for it", () => {
  const urls = (number: string, more = {}) => crdFiles(version(number), more).flatMap(({ urls }) => urls);
  expect(urls("1.6.1")).toEqual([
    "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.2.1/standard-install.yaml",
    "https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v1.6.1/deploy/crds.yaml",
  ]);
  expect(urls("2.6.7", { inferenceExtension: true }).slice(2)).toEqual([
    "https://raw.githubusercontent.com/kubernetes-sigs/gateway-api-inference-extension/v1.5.0/config/crd/bases/inference.networking.k8s.io_inferencepools.yaml",
  ]);
  expect(urls("2.6.7", { experimentalFeatures: true })).toEqual([
    "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.5.1/experimental-install.yaml",
    "https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v2.6.7/deploy/crds.yaml",
  ]);
});

test("they are installed unless they are there, and kept unless told otherwise", async () => {
  const group = async (more: Partial<GatewayFabricArgs>) => {
    const { requests } = await requested(more);
    return requests.find(({ type }) => type === "kubernetes:yaml/v2:ConfigGroup");
  };
  expect(await group({})).toMatchObject({
    name: "x-crds",
    inputs: { files: crdFiles(version("2.6.8"), {}).flatMap(({ urls }) => urls) },
    retainOnDelete: true,
  });
  expect((await group({ deleteCrds: true }))?.retainOnDelete).toBe(false);
  expect((await group({ crdSource: "https://mirror.example.com/crds/" }))?.inputs.files).toEqual([
    "https://mirror.example.com/crds/gateway-api-1.5.1-standard.yaml",
    "https://mirror.example.com/crds/nginx-gateway-fabric-2.6.8.yaml",
  ]);
  expect(await group({ crds: "existing" })).toBeUndefined();
});

test("the missing CRDs are named", async () => {
  const { log } = await requested({ crds: "existing" });
  expect(
    log.filter(({ severity }) => severity !== "warning").map(({ severity, message }) => `${severity}: ${message}`),
  ).toEqual([
    "info: the CRDs of https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.5.1/standard-install.yaml and " +
      "https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v2.6.8/deploy/crds.yaml have to be there, applied server-side",
  ]);
});

describe("a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-crds-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("has to have the files of the version, which have that in their names", async () => {
    writeFileSync(join(folder, "gateway-api-1.5.1-standard.yaml"), "");
    expect(() => new GatewayFabric("wrong", { namespace: "n", edition: "oss", crdSource: folder })).toThrow(
      `GatewayFabric "wrong": crdSource has no nginx-gateway-fabric-2.6.8.yaml; download ` +
        `https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v2.6.8/deploy/crds.yaml to ${folder}/nginx-gateway-fabric-2.6.8.yaml`,
    );
    writeFileSync(join(folder, "nginx-gateway-fabric-2.6.8.yaml"), "");
    const { requests } = await requested({ crdSource: folder });
    expect(requests.find(({ name }) => name === "x-crds")!.inputs.files).toEqual([
      `${folder}/gateway-api-1.5.1-standard.yaml`,
      `${folder}/nginx-gateway-fabric-2.6.8.yaml`,
    ]);
  });
});

test("InferencePools need a CRD of their own, which is installed, looked for and named with the others", async () => {
  const group = (run: RunResult) => run.requests.find(({ type }) => type === "kubernetes:yaml/v2:ConfigGroup");
  const run = await requested({ inferenceExtension: true, crdSource: "https://mirror.example.com/crds" });
  expect(group(run)?.inputs.files).toEqual([
    "https://mirror.example.com/crds/gateway-api-1.5.1-standard.yaml",
    "https://mirror.example.com/crds/nginx-gateway-fabric-2.6.8.yaml",
    "https://mirror.example.com/crds/inference-pools-1.5.0.yaml",
  ]);
  const { log } = await requested({ inferenceExtension: true, crds: "existing" });
  expect(log.flatMap(({ severity, message }) => (severity === "info" ? [message] : []))).toEqual([
    expect.stringContaining("gateway-api-inference-extension/v1.5.0/config/crd/bases/"),
  ]);
  expect(knownVersions.filter((one) => one.inferenceExtensionVersion === undefined).at(-1)?.version).toBe("2.1.4");
});

test.each([GatewayFabric, GatewayFabricV1] as (new (name: string, args: object) => object)[])(
  "%p refuses what CRDs that exist contradict, and nothing else",
  async (component) => {
    const given = { namespace: "n", edition: "oss", crds: "existing" };
    const { requests } = await record(() => void new component("x", { ...given, deleteCrds: false }));
    expect(requests.filter(({ type }) => type === "kubernetes:yaml/v2:ConfigGroup")).toEqual([]);
    const { message } = thrownBy(() => new component("x", { ...given, deleteCrds: true, crdSource: "crds" })) as Error;
    expect(withoutPlace(message)).toBe(
      ["crdSource", "deleteCrds"]
        .map(
          (path) =>
            `${component.name} "x": ${path} is given beside crds "existing"; remove one of the two: CRDs that are there are left alone`,
        )
        .join("\n"),
    );
  },
);

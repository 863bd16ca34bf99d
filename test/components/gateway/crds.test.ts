import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { refuser } from "../../../components/foundation";
import { checkCrds, crdFiles, installCrds } from "../../../components/gateway/crds";
import type { GatewayFabricCommonArgs } from "../../../components/gateway/gateway-fabric-args";
import { knownVersions } from "../../../components/gateway/versions";
import { type RunResult, record } from "../../../engine";

const version = (number: string) => knownVersions.find((one) => one.version === number)!;
const args = (more: Partial<GatewayFabricCommonArgs> = {}): GatewayFabricCommonArgs => ({ namespace: "n", ...more });

/** What a component with such arguments asks for. */
async function requested(more: Partial<GatewayFabricCommonArgs>): Promise<RunResult> {
  class Fabric extends pulumi.ComponentResource {
    constructor() {
      super("test:index:Fabric", "x");
      const crds = installCrds("x", version("2.6.7"), args(more), { parent: this });
      new pulumi.ComponentResource("test:index:After", "x-after", {}, { parent: this, dependsOn: crds });
    }
  }
  return record(() => new Fabric());
}

test("a version needs the files that upstream publishes for it", () => {
  const urls = (number: string, more = {}) => crdFiles(version(number), args(more)).map(({ url }) => url);
  expect(urls("1.6.1")).toEqual([
    "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.2.1/standard-install.yaml",
    "https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v1.6.1/deploy/crds.yaml",
  ]);
  expect(urls("2.6.7", { experimentalFeatures: true })).toEqual([
    "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.5.1/experimental-install.yaml",
    "https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v2.6.7/deploy/crds.yaml",
  ]);
});

test("they are installed unless they are there, and kept unless told otherwise", async () => {
  const group = async (more: Partial<GatewayFabricCommonArgs>) => {
    const { requests } = await requested(more);
    return requests.find(({ type }) => type === "kubernetes:yaml/v2:ConfigGroup");
  };
  expect(await group({})).toMatchObject({
    name: "x-crds",
    inputs: { files: crdFiles(version("2.6.7"), args()).map(({ url }) => url) },
    retainOnDelete: true,
  });
  expect((await group({ deleteCrds: true }))?.retainOnDelete).toBe(false);
  expect((await group({ crdSource: "https://mirror.example.com/crds/" }))?.inputs.files).toEqual([
    "https://mirror.example.com/crds/gateway-api-1.5.1-standard.yaml",
    "https://mirror.example.com/crds/nginx-gateway-fabric-2.6.7.yaml",
  ]);
  expect(await group({ crds: "existing" })).toBeUndefined();
});

test("what has to be there is said", async () => {
  const { log } = await requested({ crds: "existing" });
  expect(log.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    "info: the CRDs of https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.5.1/standard-install.yaml and " +
      "https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v2.6.7/deploy/crds.yaml have to be there, applied server-side",
  ]);
});

describe("a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-crds-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const refuse = refuser("GatewayFabric", "wrong");

  test("has to have the files of the version, which have that in their names", async () => {
    writeFileSync(join(folder, "gateway-api-1.5.1-standard.yaml"), "");
    expect(() => checkCrds(refuse, version("2.6.7"), args({ crdSource: folder }))).toThrow(
      `GatewayFabric "wrong": crdSource has no nginx-gateway-fabric-2.6.7.yaml; download ` +
        `https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v2.6.7/deploy/crds.yaml to ${folder}/nginx-gateway-fabric-2.6.7.yaml`,
    );
    writeFileSync(join(folder, "nginx-gateway-fabric-2.6.7.yaml"), "");
    checkCrds(refuse, version("2.6.7"), args({ crdSource: folder }));
    const { requests } = await requested({ crdSource: folder });
    expect(requests.find(({ name }) => name === "x-crds")!.inputs.files).toEqual([
      `${folder}/gateway-api-1.5.1-standard.yaml`,
      `${folder}/nginx-gateway-fabric-2.6.7.yaml`,
    ]);
  });
});

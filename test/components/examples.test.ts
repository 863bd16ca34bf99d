import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hosts, type KubernetesObject, manifests, type RunResult, runProgram } from "../../engine";
import { mountedFiles, type PodSpec } from "../../loopback/pod";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../crossplane";
import { exampleStacks, runExample } from "../example-stacks";
import { danglingPorts, danglingReferences, requestLints } from "../lints";
import { baseline, lostOrReplaced } from "./recorded";

const plusReleases: CrossplaneRelease[] = ["R33", "R34", "R35", "R36", "R37"];

describe.each(exampleStacks())("examples/$name", (example) => {
  const { name, config, secretConfig, hasObjects, smallConfig } = example;
  const state = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  let run: RunResult;
  beforeAll(async () => {
    run = await runExample(example, state);
  });
  afterAll(() => rmSync(state, { recursive: true }));

  test.each(Object.keys(requestLints))("%s", (lint) => expect(requestLints[lint]!(run)).toEqual([]));

  test(hasObjects ? "has objects for a cluster" : "has none for a cluster", () => {
    expect(manifests(run).length > 0).toBe(hasObjects);
  });

  test("every reference leads to an object and a key of it", () => {
    expect(danglingReferences(manifests(run, { secrets: "show" }))).toEqual([]);
  });

  test("probes, Services and selectors lead to ports and pods that exist", () => {
    expect(danglingPorts(manifests(run, { secrets: "show" }))).toEqual([]);
  });

  const missing = crossplaneMissing();
  (missing ? test.skip : test)(`NGINX's own tables know each directive${missing ? ` (${missing})` : ""}`, () => {
    const objects = manifests(run, { secrets: "show" });
    const pods = objects.filter(({ kind }) => kind === "Deployment").map(podSpecOf);
    const cases = pods.flatMap((spec) =>
      spec.containers
        .filter(({ command }) => command?.[0] === "nginx")
        .flatMap((container) => {
          const files = mountedFiles(spec, container, objects).map(([path, text]) => [path, `${text}`]);
          const main = container.args![container.args!.indexOf("-c") + 1]!;
          const releases: CrossplaneRelease[] = container.image.includes("nginx-plus/") ? plusReleases : ["oss"];
          return releases.map((release) => ({ files: Object.fromEntries(files), main, release }));
        }),
    );
    expect(cases.length > 0).toBe(run.requests.some(({ type }) => type === "nginx-stacks:index:NginxPlus"));
    expect(parseStrict(cases).flatMap(({ errors }) => errors)).toEqual([]);
  });

  test("planted secrets stand in no manifest and no file of a host, in any encoding", () => {
    const text = JSON.stringify([manifests(run), hosts(run)]);
    const forms = Object.values(secretConfig).flatMap((value) =>
      (["utf8", "base64", "base64url", "hex"] as const).map((encoding) => Buffer.from(value).toString(encoding)),
    );
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
  });

  test("no resource that a user's stack may have is lost or replaced", async () => {
    // Of a new stack: what is made once is unknown there, and so the same each time.
    const small = { ...example, config: { ...config, ...smallConfig } };
    const preview = await runExample(small, join(state, "new"), true);
    expect(lostOrReplaced(baseline(name.replace("/", "-"), preview.requests), preview.requests)).toEqual([]);
  });
});

test("pulumi up in the repository's own folder deploys the example, and not the library's exports", async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  const folder = join(__dirname, "../..");
  const { requests } = await runProgram({ folder, stack: "dev", stateFolder, preview: true });
  rmSync(stateFolder, { recursive: true });
  expect(requests.map(({ type }) => type)).toContain("nginx-stacks:index:MqttProxy");
});

const podSpecOf = (deployment: KubernetesObject) =>
  (deployment.spec as unknown as { template: { spec: PodSpec } }).template.spec;

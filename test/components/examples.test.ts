import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartReleases, hosts, manifests, type RunResult, runProgram } from "../../engine";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../crossplane";
import { exampleStacks, runExample, runWithRead } from "../example-stacks";
import { gixyMissing } from "../gixy";
import { danglingPorts, danglingReferences, requestLints, writtenBySpire } from "../lints";
import { danglingNimReferences } from "../manager-references";
import { openingPolicies, stoppedFlows } from "../network-policies/flows";
import { graveFindings, nginxConfigurations, rendersNginx } from "../nginx-configurations";
import { baseline, lostOrReplaced } from "./recorded";

const plusReleases: CrossplaneRelease[] = ["R33", "R34", "R35", "R36", "R37"];

describe.each(exampleStacks())("examples/$name", (example) => {
  const { name, config, secretConfig, hasObjects, smallConfig } = example;
  const small = { ...example, config: { ...config, ...smallConfig } };
  const state = mkdtempSync(join(tmpdir(), "nginx-stacks-state-"));
  let run: RunResult;
  let read: RunResult[];
  beforeAll(async () => {
    const runs = await runWithRead(small, state);
    [read, run] = [runs.slice(0, -1), runs.at(-1)!];
  });
  afterAll(() => rmSync(state, { recursive: true }));

  test.each(Object.keys(requestLints))("%s", (lint) => expect(requestLints[lint]!(run)).toEqual([]));

  test(hasObjects ? "has objects for a cluster" : "has none for a cluster", () => {
    expect(manifests(run).length > 0).toBe(hasObjects);
  });

  test("every reference leads to an object and a key of it", () => {
    const objects = manifests(run, { secrets: "show" });
    const there = read.flatMap((other) => manifests(other, { secrets: "show" }));
    expect(danglingReferences([...there, ...objects], writtenBySpire(objects))).toEqual([]);
    expect(danglingNimReferences(chartReleases(run, { secrets: "show" }), objects)).toEqual([]);
  });

  test("probes, Services and selectors lead to ports and pods that exist", () => {
    expect(danglingPorts(manifests(run, { secrets: "show" }))).toEqual([]);
  });

  test("NetworkPolicies let each connection through that the objects need, and none of them is needless", () => {
    const objects = [...read, run].flatMap((one) => manifests(one, { secrets: "show" }));
    expect(stoppedFlows(objects)).toEqual([]);
    const needless = openingPolicies(objects).filter(
      (policy) => stoppedFlows(objects.filter((object) => object !== policy)).length === 0,
    );
    expect(needless.map(({ metadata }) => metadata.name)).toEqual([]);
  });

  const missing = crossplaneMissing();
  (missing ? test.skip : test)(`NGINX's own tables know each directive${missing ? ` (${missing})` : ""}`, () => {
    const configurations = nginxConfigurations(run);
    expect(configurations.length > 0).toBe(rendersNginx(run));
    const cases = configurations.flatMap(({ edition, newest, ...configuration }) =>
      (edition === "plus" ? plusReleases.slice(newest ? -1 : 0) : (["oss"] as const)).map((release) => ({
        ...configuration,
        release,
      })),
    );
    expect(parseStrict(cases).flatMap(({ errors }) => errors)).toEqual([]);
  });

  const withoutGixy = gixyMissing();
  (withoutGixy ? test.skip : test)(`gixy-ng finds nothing grave${withoutGixy ? ` (${withoutGixy})` : ""}`, () => {
    expect(graveFindings(nginxConfigurations(run))).toEqual([]);
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

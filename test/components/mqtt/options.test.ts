import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { MqttProxy, type MqttProxyArgs } from "../../../components";
import { record } from "../../../engine";
import { type CrossplaneRelease, crossplaneMissing, parseStrict } from "../../crossplane";
import { nginxConfigurations } from "../../nginx-configurations";
import { everyOption } from "./every-option";
import { readSchemaOptions, type SchemaOptions } from "./schema-options";
import { wireTests } from "./wire-tests";

const root = join(__dirname, "../../..");
const read = (name: string) => readFileSync(join(root, "test/dataplane", name), "utf8");
let schema: SchemaOptions;
beforeAll(async () => {
  schema = await readSchemaOptions();
});

/** The options that the documentation names as not run, from the table below that heading. */
function notOnTheWire(): string[] {
  const page = readFileSync(join(root, "docs/mqtt-proxy.md"), "utf8");
  const [, section = ""] = page.split("\n## What the tests show on the wire, and what not\n");
  const rows = section
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split("|").slice(1, -1));
  expect(rows.filter((cells) => cells.length !== 2 || cells.some((cell) => cell.trim() === ""))).toEqual([]);
  return rows.flatMap(([options]) => [...options!.matchAll(/`([^`]+)`/g)].map(([, option]) => option!));
}

test("each option has a test on the wire, or the documentation lists it as not tested", () => {
  expect([...Object.keys(wireTests), ...notOnTheWire()].sort()).toEqual(
    [...schema.options, ...schema.inherited].sort(),
  );
});

test.each(Object.entries(wireTests))("the test on the wire of %s exists and uses it", (option, [file, name]) => {
  const source = read(`${file}.test.ts`);
  // Where a test has its proxy from another file, the option may stand there.
  const arguments_ = source.includes("renderMqttStack(") ? source + read("mqtt-stack.ts") : source;
  const written = new RegExp(`\\b${option.split(".")[1]}\\b`);
  expect([source.split(JSON.stringify(name)).length - 1, written.test(arguments_)]).toEqual([1, true]);
});

test("the arguments that are checked with NGINX's tables have every option", () => {
  const used = new Set(Object.values(everyOption).flatMap((args) => [...schema.used(args)]));
  expect(schema.options.filter((option) => !used.has(option))).toEqual([]);
});

const missing = crossplaneMissing();
const releases: [CrossplaneRelease, MqttProxyArgs["pods"]][] = [
  ...(["R33", "R34", "R35"] as const).map((release): [CrossplaneRelease, MqttProxyArgs["pods"]] => [
    release,
    { release, unsafeAllowVulnerableRelease: true },
  ]),
  ["R36", { release: "R36 P8" }],
  ["R37", {}],
];

const described = missing ? describe.skip : describe;
described(`NGINX's own tables of R33 to R37${missing ? ` (${missing})` : ""}`, () => {
  test.each(Object.entries(everyOption))("know each directive of %s", async (_what, args) => {
    const cases = [];
    for (const [release, pods] of releases) {
      const run = await record(() => {
        const kept = { "gauges.conf": "map $mqtt_upstream $mqtt_connect_username_gauges { default x; }" };
        new k8s.core.v1.Secret("kept", { metadata: { name: "kept" }, stringData: kept });
        new MqttProxy("edge", {
          ...{ namespace: "mqtt", license: { secretName: "license", revision: "1" } },
          ...args,
          pods: { image: "registry.example.com/nginx-plus:own", ...args.pods, ...pods },
        });
      });
      const configurations = nginxConfigurations(run);
      expect(configurations.length).toBe(1);
      cases.push(...configurations.map(({ main, files }) => ({ main, files, release })));
    }
    expect(parseStrict(cases).flatMap(({ errors }) => errors)).toEqual([]);
  });
});

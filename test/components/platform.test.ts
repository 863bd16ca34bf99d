import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSecret, type PropertyMap, type RunResult, reveal, runProgram } from "../../engine";
import { exampleStacks } from "../example-stacks";

const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-platform-"));
afterAll(() => rmSync(folder, { recursive: true }));

const example = (stack: string) => exampleStacks().find(({ name }) => name === `platform/${stack}`)!;
const stateFolder = (stack: string) => join(folder, stack);

let foundations: Record<string, RunResult>;
beforeAll(async () => {
  const run = (stack: string) => runProgram({ ...example(stack), stateFolder: stateFolder(stack) });
  foundations = { dev: await run("foundation-dev"), prod: await run("foundation-prod") };
});

/** Some of the services in the small environment. */
const services = (...areas: string[]) =>
  runProgram({
    ...example("services-dev"),
    config: { areas: JSON.stringify(areas) },
    stateFolder: stateFolder("services-dev"),
    stackReferences: { "foundation-dev": stateFolder("foundation-dev") },
  });

/** The outputs that are secrets, and the others. */
const outputsOf = ({ outputs }: RunResult) => {
  const names = Object.keys(outputs).sort();
  return {
    secret: names.filter((name) => hasSecret(outputs[name]!)),
    open: names.filter((name) => !hasSecret(outputs[name]!)),
  };
};

const keysOf = ({ requests }: RunResult) =>
  Object.fromEntries(
    requests
      .filter(({ type }) => type === "tls:index/privateKey:PrivateKey")
      .map(({ name, outputs }) => [name, String(reveal(outputs.privateKeyPem!))]),
  );

test.each([
  ["dev", []],
  ["prod", ["licenseRevision"]],
])(
  "what the %s foundation puts out: the keys of those who issue for services, and of nobody else",
  (environment, more) => {
    const foundation = foundations[environment]!;
    const issuing = ["brokers", "manager", "mesh", "servers"];
    expect(outputsOf(foundation)).toEqual({
      secret: [...issuing.map((area) => `${area}IssuerKey`), ...more].sort(),
      open: [...issuing.map((area) => `${area}Issuer`), "enrolled", "namespaces", "trusted"].sort(),
    });
    const text = JSON.stringify(reveal(foundation.outputs as never));
    const shown = Object.entries(keysOf(foundation)).filter(([, key]) =>
      text.includes(JSON.stringify(key).slice(1, -1)),
    );
    expect(shown.map(([name]) => name).sort()).toEqual(issuing.map((area) => `${area}-intermediate-key`));
  },
);

test("no two areas have a root in common", () => {
  const { trusted } = foundations.dev!.outputs as { trusted: PropertyMap };
  expect(Object.keys(trusted).sort()).toEqual(["agents", "brokers", "devices", "manager", "mesh", "servers"]);
  expect(new Set(Object.values(trusted)).size).toBe(6);
});

const components = ({ requests }: RunResult) =>
  requests
    .map(({ type }) => type.replace("nginx-stacks:index:", ""))
    .filter((type) => ["GatewayFabric", "MqttProxy", "InstanceManagerProxy", "ServiceMesh"].includes(type))
    .sort();

test("a stack has the areas that its file names", async () => {
  const some = await services("mqtt", "manager");
  expect(components(some)).toEqual(["InstanceManagerProxy", "MqttProxy"]);
  expect(outputsOf(some)).toEqual({ secret: ["brokerPasswords"], open: ["agentHost", "manager", "mqtt"] });
  await expect(services("mqtt", "toString")).rejects.toThrow(
    'platform:areas has "toString"; write some of gateway, mqtt, manager, mesh',
  );
});

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { manifests, type PropertyMap, record, reveal, runProgram, Secret } from "../../engine";
import { command } from "../../engine/command";
import { readProject } from "../../engine/project";
import { keptStacks } from "../../engine/stack-references";
import { projectFolder } from "./project-folder";
import { temporaryFolder } from "./temporary";

const password = `planted-${randomBytes(12).toString("base64url")}`;

/** One project: stack `authority` puts out, every other stack reads what it did. */
const program = (reference = "authority") => `
const pulumi = require("@pulumi/pulumi");
const { core } = require("@pulumi/kubernetes");
const config = new pulumi.Config();
if (pulumi.getStack() === "authority") {
  const password = config.requireSecret("password");
  Object.assign(exports, { password, nested: { password, port: 5432 }, address: "db.example.com", ports: [1, 2], none: null });
} else {
  const authority = new pulumi.StackReference("authority", { name: ${JSON.stringify(reference)} });
  const name = config.get("output") ?? "address";
  new core.v1.Secret("credentials", { stringData: { password: authority.requireOutput("password") } });
  new core.v1.ConfigMap("settings", { data: { [name]: authority.requireOutput(name) } });
  Object.assign(exports, {
    ports: authority.getOutput("ports"),
    nested: authority.getOutput("nested"),
    password: authority.getOutput("password"),
    absent: authority.getOutput("absent").apply((value) => typeof value),
    secretDetails: authority.getOutputDetails("password").then((details) => Object.keys(details)),
    openDetails: authority.getOutputDetails("address"),
    value: authority.getOutputValue("address"),
  });
}`;

const render = async (folder: string, stack: string, ...more: string[]) => {
  const said: string[] = [];
  const streams = { stdout: (text: string) => said.push(text), stderr: (text: string) => said.push(text) };
  const out = join(temporaryFolder(), "out");
  const status = await command(["render", folder, "--stack", stack, "--out", out, ...more], streams);
  return { status, said: said.join(""), files: status === 0 ? contents(out) : "" };
};
const contents = (folder: string) =>
  readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");

describe("a stack reads the outputs of another of its project", () => {
  const folder = projectFolder({
    "index.js": program(),
    "Pulumi.authority.yaml": `config:\n  password: ${password}\n`,
  });
  const run = (stack: string, given = {}) => runProgram({ folder, stack, secretConfig: { password }, ...given });
  beforeAll(() => run("authority"));

  test("plain ones are plain, secret ones secret, and one that is not there is undefined", async () => {
    const { outputs, requests } = await run("app");
    expect(outputs).toEqual({
      ports: [1, 2],
      nested: new Secret({ password, port: 5432 }),
      password: new Secret(password),
      absent: "undefined",
      secretDetails: ["secretValue"],
      openDetails: { value: "db.example.com" },
      value: "db.example.com",
    });
    const reference = requests.find(({ type }) => type === "pulumi:pulumi:StackReference");
    expect(reference).toMatchObject({
      urn: "urn:pulumi:app::temporary::pulumi:pulumi:StackReference::authority",
      id: "authority",
      parent: "urn:pulumi:app::temporary::pulumi:pulumi:Stack::temporary-app",
      outputs: { name: "authority", secretOutputNames: ["nested", "password"] },
    });
    expect(reference!.outputs.outputs).toEqual({
      ...{ address: "db.example.com", ports: [1, 2], none: null },
      nested: { password: new Secret(password), port: 5432 },
      password: new Secret(password),
    });
  });

  test("a preview knows them too", async () => {
    const { outputs } = await run("app", { preview: true });
    expect(outputs).toMatchObject({ password: new Secret(password), value: "db.example.com" });
  });

  test("the planted secret is in no rendered file and in no line", async () => {
    const { said, files } = await render(folder, "app");
    expect(files).toMatch(/password: digest:/);
    expect(files).toContain("db.example.com");
    expect(said + files).not.toContain(password);
  });

  test("only the owner reads the folder that keeps them", () => {
    const state = join(folder, ".nginx-stacks/authority");
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(join(state, "state.json")).mode & 0o777).toBe(0o600);
  });

  test("an output that is required and not there ends the run", async () => {
    await expect(run("app", { config: { output: "adress" } })).rejects.toThrow(
      "Required output 'adress' does not exist on stack 'authority'.",
    );
  });
});

describe("names of stacks", () => {
  const outputs = { address: "db.example.com" };
  const read = (name: string, given: string) =>
    record(() => ({ address: new pulumi.StackReference("it", { name }).getOutput("address") }), {
      project: "shop",
      stackOutputs: { [given]: outputs },
    });
  const own = ["prod", "organization/prod", "organization/shop/prod"];

  test.each(own.flatMap((name) => own.map((given) => [name, given])))("%s is the stack %s", async (name, given) => {
    expect((await read(name, given)).outputs).toEqual(outputs);
  });

  test.each(["acme/prod", "acme/shop/prod", "organization/network/prod", "dev"])("%s is another", async (name) => {
    await expect(read(name, "prod")).rejects.toThrow(`the outputs of stack "${name}" are not among`);
    expect((await read(name, name)).outputs).toEqual(outputs);
  });

  test.each(["a/b/c/d", "../authority", "a//b", "organization/shop/..", "a b"])("%j is refused", async (name) => {
    await expect(read(name, "prod")).rejects.toThrow(
      `"${name}" is not the name of a stack; write <stack>, <organization>/<stack> or <organization>/<project>/<stack>`,
    );
  });

  test("a stack of another project is found where --stack-reference says that its state is", async () => {
    const stateFolder = join(temporaryFolder(), "state");
    const network = { project: "network", stack: "prod", stateFolder };
    await record(() => ({ password: pulumi.secret("a password"), address: "elsewhere" }), network);
    const folder = projectFolder({ "index.js": program("acme/network/prod") });
    const { status, files } = await render(folder, "app", "--stack-reference", `acme/network/prod=${stateFolder}`);
    expect({ status, files }).toEqual({ status: 0, files: expect.stringContaining("elsewhere") });
  });
});

test("what a stack no longer puts out is gone, and neither a failed run nor a preview changes what it did", async () => {
  const folder = projectFolder({ "index.js": "" });
  const own = { project: "temporary", stack: "dev", stateFolder: join(folder, ".nginx-stacks/dev") };
  const put = (name: string, preview = false) => record(() => ({ [name]: "value" }), { ...own, preview });
  const kept = () => keptStacks(readProject(folder))("dev");
  await put("first");
  await put("second");
  expect(kept()).toEqual({ second: "value" });
  const late = () => record(() => ({ third: pulumi.output(Promise.reject(new Error("late"))) }), own);
  await expect(late()).rejects.toThrow("late");
  await put("fourth", true);
  expect(kept()).toEqual({ second: "value" });
});

describe("a stack that cannot be read", () => {
  test("because it was not rendered yet: the error says what to run", async () => {
    const folder = projectFolder({ "index.js": program() });
    await render(folder, "authority", "--preview", "--config", `password=${password}`);
    expect((await render(folder, "app")).said).toBe(
      `error: the program reads stack "authority", which was not rendered yet (a preview does not count); first run: nginx-stacks render ${relative(process.cwd(), folder)} --stack authority --out <folder>\n`,
    );
  });

  const name = "organization/network/prod";
  const read = (given?: Record<string, string>) => () =>
    keptStacks(readProject(projectFolder({ "index.js": "" })), given)(name);

  test("because its project is not named", () => {
    expect(read()).toThrow(
      'the program reads stack "organization/network/prod", which is none of this project; render it, and then say where its state is: ' +
        "--stack-reference organization/network/prod=<its project folder>/.nginx-stacks/prod",
    );
  });

  test("because its state folder is empty, or that of another stack", async () => {
    const folder = temporaryFolder();
    expect(read({ [name]: folder })).toThrow(
      `first run: nginx-stacks render <its project folder> --stack prod --state ${folder} --out <folder>`,
    );
    await record(() => ({}), { project: "temporary", stack: "authority", stateFolder: folder });
    expect(read({ [name]: folder })).toThrow(
      `${folder} has the outputs of stack "temporary/authority", and not those of "network/prod"; name another state folder for organization/network/prod`,
    );
  });

  test("because --stack-reference is not a pair", async () => {
    const { status, said } = await render(temporaryFolder(), "app", "--stack-reference", "authority");
    expect({ status, said }).toEqual({
      status: 2,
      said: 'error: --stack-reference takes <name>=<state folder>, not "authority"\nSee nginx-stacks --help.\n',
    });
  });
});

describe("record", () => {
  const authority = () => record(() => ({ password: pulumi.secret(password), address: "db.example.com" }));
  const app = (stackOutputs?: Record<string, PropertyMap>) =>
    record(
      () => {
        const reference = new pulumi.StackReference("organization/network/prod");
        const stringData = { password: reference.requireOutput("password") as pulumi.Output<string> };
        new kubernetes.core.v1.Secret("credentials", { stringData });
        return { address: reference.requireOutput("address"), password: reference.requireOutput("password") };
      },
      { stackOutputs },
    );

  test("gives a program the outputs of other runs", async () => {
    const { outputs } = await authority();
    const result = await app({ "organization/network/prod": outputs });
    expect(result.outputs).toEqual({ address: "db.example.com", password: new Secret(password) });
    expect(reveal(result.outputs)).toEqual({ address: "db.example.com", password });
    expect(JSON.stringify(manifests(result))).not.toContain(password);
  });

  test("refuses a stack whose outputs it was not given", async () => {
    const expected = 'the outputs of stack "organization/network/prod" are not among the given stackOutputs';
    await expect(app()).rejects.toThrow(expected);
    await expect(app({ "organization/network/dev": {} })).rejects.toThrow(expected);
  });

  test("a secret of the other stack that stands in the open is refused", async () => {
    const { outputs } = await authority();
    const open = () => {
      const read = new pulumi.StackReference("prod").requireOutput("password");
      new kubernetes.core.v1.ConfigMap("open", { data: { password: pulumi.unsecret(read) } });
    };
    const result = await record(open, { stackOutputs: { prod: outputs } });
    expect(() => manifests(result)).toThrow("has the value of a secret in the open, at data.password");
  });

  test("a stack is read twice under two names, and not under one", async () => {
    const { outputs } = await authority();
    const stackOutputs = { prod: outputs };
    const read = (...names: string[]) =>
      record(() => names.forEach((name) => void new pulumi.StackReference(name, { name: "prod" })), { stackOutputs });
    expect((await read("one", "two")).requests.filter(({ id }) => id === "prod")).toHaveLength(2);
    await expect(read("one", "one")).rejects.toThrow("Duplicate resource URN");
  });
});

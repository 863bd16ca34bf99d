import * as library from "../../components";
import { isArgumentType } from "../../components/foundation";
import { PluginProvider } from "../../plugin";
import { exportedComponents as components } from "./exported-components";

interface Property {
  description?: string;
  secret?: boolean;
  default?: unknown;
}

interface Schema {
  resources: Record<string, { isComponent: boolean; inputProperties: Record<string, Property> }>;
  types: Record<string, { properties?: Record<string, Property> }>;
}

let schema: Schema;
beforeAll(async () => {
  schema = JSON.parse(await new PluginProvider(library).getSchema());
});

test("the analyser behind `pulumi package add` reads every component, under its class's token", () => {
  expect(Object.keys(schema.resources).sort()).toEqual(components.map(([name]) => `nginx-stacks:index:${name}`).sort());
});

test("every argument and every field of every type says what it is", () => {
  const silent = [...Object.entries(schema.resources), ...Object.entries(schema.types)]
    // Types copied from @pulumi/kubernetes have Kubernetes's own words.
    .flatMap(([token, type]) =>
      Object.entries("inputProperties" in type ? type.inputProperties : (type.properties ?? {}))
        .filter(([, property]) => !property.description)
        .map(([name]) => `${token}.${name}`),
    );
  expect(silent).toEqual([]);
});

test("no description has a link that the analyser cannot write out", () => {
  expect(JSON.stringify(schema)).not.toContain("[object Object]");
});

test("the arguments of every component have an interface in the table", () => {
  expect(components.filter(([name]) => !isArgumentType(`${name}Args`)).map(([name]) => name)).toEqual([]);
});

test("secrets and defaults are in the schema", () => {
  const { jwt } = schema.resources["nginx-stacks:index:LicenseSecret"]!.inputProperties;
  expect(jwt).toMatchObject({ secret: true });
  const { drainSeconds } = schema.resources["nginx-stacks:index:NginxPlus"]!.inputProperties;
  expect(drainSeconds).toMatchObject({ default: 60 });
});

/** Words that only names of secrets have, and names with them that are none: `tokenLogin` is a reference to a Secret. */
const secretWords = /password|token|privateKey|^jwt$|connectionString|credentialsFile/i;
const noSecrets = /Key$|Path$|File$|Generation$|tokenHeader|passwordKey|^tokenLogin$/;

test("every argument whose name says that it is a secret is marked as one", () => {
  // Types of outputs alone have no place for the mark: their values are secrets in themselves.
  const types = Object.entries(schema.types).filter(([token]) => isArgumentType(token.split(":")[2]!));
  const unmarked = [...Object.entries(schema.resources), ...types].flatMap(([token, type]) =>
    Object.entries("inputProperties" in type ? type.inputProperties : (type.properties ?? {}))
      .filter(([name, { secret }]) => secretWords.test(name) && !noSecrets.test(name) && !secret)
      .map(([name]) => `${token}.${name}`),
  );
  expect(unmarked).toEqual([]);
});

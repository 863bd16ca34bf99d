import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import * as library from "../../index";

type ComponentClass = new (
  name: string,
  args: never,
  opts?: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

const components = Object.entries(library)
  .filter(([, value]) => typeof value === "function" && value.prototype instanceof pulumi.ComponentResource)
  .map(([name, value]) => [name, value as unknown as ComponentClass] as const);

interface Schema {
  resources: Record<string, { isComponent: boolean; inputProperties: Record<string, { description?: string }> }>;
  types: Record<string, { properties?: Record<string, { description?: string }> }>;
}

let schema: Schema;
beforeAll(async () => {
  const provider = new ComponentProvider({
    components: components.map(([, component]) => component) as never,
    dirname: join(__dirname, "../.."),
    name: "nginx-stacks",
  });
  schema = JSON.parse(await provider.getSchema());
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

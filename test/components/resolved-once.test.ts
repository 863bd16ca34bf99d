import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";
import { ArgumentReader } from "../../components/foundation/arguments/read";
import type { NginxConfigNode } from "../../components/nginx";
import { record } from "../../engine";
import { validArguments } from "./valid-arguments";

const printed: NginxConfigNode[][] = [];
jest.mock("../../components/nginx/conf/printer", () => {
  const printer = jest.requireActual("../../components/nginx/conf/printer");
  const noting =
    (print: (nodes: NginxConfigNode[], ...rest: unknown[]) => unknown) =>
    (nodes: NginxConfigNode[], ...rest: unknown[]) => {
      printed.push(nodes);
      return print(nodes, ...rest);
    };
  return { ...printer, printTree: noting(printer.printTree), printConfig: noting(printer.printConfig) };
});

type ComponentClass = new (name: string, args: object) => pulumi.ComponentResource;
const components = Object.entries(library).flatMap(([name, value]) =>
  typeof value === "function" && value.prototype instanceof pulumi.ComponentResource
    ? [[name, value as unknown as ComponentClass] as const]
    : [],
);

/** Components whose arguments a program reads, and configurations that it prints. */
async function observe(program: () => void): Promise<{ reads: string[]; texts: string[] }> {
  printed.length = 0;
  const read = jest.spyOn(ArgumentReader.prototype, "readArguments");
  try {
    await record(program, { preview: true });
    const reads = read.mock.contexts.map((reader) => (reader as unknown as { component: string }).component);
    return { reads, texts: printed.map((nodes) => JSON.stringify(nodes)) };
  } finally {
    read.mockRestore();
  }
}

const repeated = (texts: string[]) => texts.filter((text, index) => text !== "[]" && texts.indexOf(text) !== index);

describe.each(components)("%s", (name, Component) => {
  test("arguments are read once and configurations printed once, also of the components in it", async () => {
    for (const args of validArguments[name]!) {
      const { reads, texts } = await observe(() => void new Component("once", args));
      expect(reads).toContain(`${name} "once"`);
      expect(repeated(reads)).toEqual([]);
      expect(repeated(texts)).toEqual([]);
    }
  });
});

test("a second read and a second print are seen", async () => {
  const [args] = validArguments.MqttProxy!;
  const { reads, texts } = await observe(() => {
    for (const parent of ["One", "Two"])
      new library.MqttProxy("proxy", args as library.MqttProxyArgs, {
        parent: new pulumi.ComponentResource(`test:index:${parent}`, parent),
      });
  });
  expect(repeated(reads)).toEqual(['MqttProxy "proxy"']);
  expect(repeated(texts)).not.toEqual([]);
});

import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { argumentOf, refuser } from "../../../components/foundation";
import {
  block,
  checkHcl,
  environment,
  flag,
  type HclNode,
  number,
  printHcl,
  quoteHcl,
  text,
  texts,
} from "../../../components/mesh/hcl";

test("a tree of every kind of node is printed in its order", () => {
  expect(
    printHcl([
      block("server", [
        text("trust_domain", "mesh.test"),
        number("bind_port", 8081),
        flag("disable_jwt_svids", true),
        environment("connection_string", "DATABASE"),
      ]),
      block("plugins", [
        block("NodeAttestor", [block("plugin_data", [block("clusters", [block("the cluster", [])])])], "k8s_psat"),
        block("KeyManager", [], 'a "b"'),
      ]),
      texts("list", ["a", "b,c"]),
    ]),
  ).toMatchInlineSnapshot(`
"server {
  trust_domain = "mesh.test"
  bind_port = 8081
  disable_jwt_svids = true
  connection_string = "\${DATABASE}"
}
plugins {
  NodeAttestor "k8s_psat" {
    plugin_data {
      clusters {
        "the cluster" {
        }
      }
    }
  }
  KeyManager "a \\"b\\"" {
  }
}
list = ["a", "b,c"]
"
`);
});

test.each([
  ["a quote and a backslash", 'a"b\\c', '"a\\"b\\\\c"'],
  ["a line break", "a\nb\r", '"a\\nb\\u000d"'],
  ["a variable, which -expandEnv would replace", "$HOME and $$", '"\\u0024HOME and \\u0024\\u0024"'],
  ["an interpolation, which HCL 1 would copy with quotes and all", '${a"b}', '"\\u0024{a\\"b}"'],
  ["characters beyond ASCII", "é\u{1f512}\ue123", '"\\u00e9\\U0001f512\\ue123"'],
])("in a text, %s is data", (_, value, quoted) => {
  expect(quoteHcl(value)).toBe(quoted);
  // An escape must not end the text or print a dollar sign.
  expect(quoted.slice(1, -1).replace(/\\./g, "")).not.toMatch(/["\n$]/);
});

test("any text is read back unchanged, and has no dollar sign for -expandEnv", () => {
  // HCL 1 has JSON's escapes, and one of eight digits.
  const read = (quoted: string) =>
    JSON.parse(
      quoted.replace(/\\(?:U([0-9a-f]{8})|.)/g, (whole, code) =>
        code ? String.fromCodePoint(Number.parseInt(code, 16)) : whole,
      ),
    );
  const texts = fc.string({
    unit: fc.oneof(fc.constantFrom(...'"\\${}\nU0a'), fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
  });
  fc.assert(
    fc.property(texts, (value) => {
      const quoted = quoteHcl(value);
      expect(read(quoted)).toBe(value);
      expect(quoted).not.toMatch(/[$\n]/);
    }),
  );
});

test("keys that HCL would read as something else are quoted", () => {
  expect(printHcl([flag("true", true), flag("1st", true), flag("a-b", true)])).toBe(
    '"true" = true\n"1st" = true\na-b = true\n',
  );
});

test("unknown values make the text an output", async () => {
  const printed = printHcl([block("agent", [text("server_address", pulumi.output("server.test"))])]);
  expect(pulumi.Output.isInstance(printed)).toBe(true);
  const known = await new Promise((resolve) => pulumi.output(printed).apply(resolve));
  expect(known).toBe('agent {\n  server_address = "server.test"\n}\n');
});

const good: HclNode[] = [block("a", [text("b", "c")], "label")];

test.each<[string, HclNode, string]>([
  ["no key", text("", "x"), "raw[0].name is empty; write the key of the setting"],
  ["no value", { name: "a" }, "raw[0] has no value; give exactly one of text, texts, number, flag, environment, block"],
  [
    "two values",
    { name: "a", text: "b", number: 1 },
    "raw[0] has text and number; give exactly one of text, texts, number, flag, environment, block",
  ],
  [
    "labels without a block",
    { name: "a", labels: ["b"], number: 1 },
    "raw[0].labels is given without block; remove it: only a block has labels",
  ],
  ["a number that is none", number("a", Number.NaN), "raw[0].number is NaN; write a whole number"],
  [
    "a variable with a brace",
    environment("a", "B}"),
    "raw[0].environment is not the name of an environment variable; write letters, digits and `_`",
  ],
  [
    "half a character",
    block("a", [texts("b", ["\ud800"])]),
    "raw[0].block[0].texts[0] contains an unpaired surrogate or a zero byte; write whole characters",
  ],
])("a node with %s is refused", (_, node, error) => {
  const check = (raw: HclNode[]) => checkHcl(argumentOf(refuser("SpireServer", "wrong"), { raw }).field("raw"));
  expect(() => check(good)).not.toThrow();
  expect(() => check([node])).toThrow(`SpireServer "wrong": ${error}`);
});

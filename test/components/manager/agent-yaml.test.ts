import * as fc from "fast-check";
import { parse } from "yaml";
import { printYaml, type YamlValue } from "../../../components/manager/agent/yaml";

/** Words that some version of YAML takes for something else, or that end or begin something. */
const traps = [
  ..."~|null|Null|NULL|true|False|yes|No|ON|off|y|N|0|07|0o7|0x1F|1_000|1e3|.5|-1|+1|.inf|-.INF|.NaN|12:30:45|e0|E-12".split(
    "|",
  ),
  ..."2026-01-01|=|<<|- a|a: b|a:|: a|a #b|#a|[a]|{a: b}|&a|*a|!a|!!str a|%YAML|@a|`a|'a'|\"a\"|---|...|?|? a|,".split(
    "|",
  ),
  ...[
    "",
    " ",
    "a ",
    " a",
    "a\nb",
    "a\n",
    "\t",
    "a\\b",
    "\u0000",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\u007f",
    "😀",
    "|",
    ">",
  ],
];
const text = fc.oneof(
  fc.constantFrom(...traps),
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.tuple(fc.constantFrom(...traps), fc.constantFrom(...traps)).map((both) => both.join("")),
);
const { tree } = fc.letrec<{ tree: YamlValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const map = fc.dictionary(text, tree, { maxKeys: 4, noNullPrototype: true });

test.each(["1.1", "1.2"] as const)("what is printed is what a reader of YAML %s reads", (version) => {
  fc.assert(
    fc.property(map, (value) => {
      // The reader of 1.1 makes a merge of the key `<<` unless it is told not to.
      expect(parse(printYaml(value), { version, merge: false })).toEqual(value);
    }),
    { numRuns: 2000 },
  );
});

test.each(traps)("%j is read as the text that it is, as a value, in a list and as a key", (trap) => {
  const value = { a: trap, list: [trap, [trap], { [trap]: trap }], [trap]: { b: trap } };
  for (const version of ["1.1", "1.2"] as const)
    expect(parse(printYaml(value), { version, merge: false })).toEqual(value);
});

test("plain words stay readable, and collections nest by two spaces", () => {
  const value: { [key: string]: YamlValue } = {
    server: { host: "nim.example.com", port: 443, path: "/etc/nms/certs/agent.crt" },
    lists: [["a", 1], { b: true, c: [] }, "30s", {}],
    none: {},
  };
  expect(printYaml(value)).toBe(`server:
  host: nim.example.com
  port: 443
  path: /etc/nms/certs/agent.crt
lists:
  - - a
    - 1
  - b: true
    c: []
  - "30s"
  - {}
none: {}
`);
});

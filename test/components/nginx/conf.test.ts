import fc from "fast-check";
import {
  Edition,
  mapBlock,
  NginxConfigError,
  type NginxConfigNode,
  NginxContext,
  printConfig,
  regexFault,
} from "../../../components/nginx";
import { plusOnlyDirectives } from "../../../components/nginx/conf/plus-only";
import { type CrossplaneNode, crossplaneMissing, parseStrict } from "../../crossplane";
import { configText } from "./config-text";

const print = (nodes: NginxConfigNode[], context?: NginxContext) => printConfig(nodes, Edition.plus, context);
const word = (value: string) => print([{ name: "user", args: [value] }]);

test("prints directives and blocks, one to a line", () => {
  expect(
    print([
      { name: "worker_processes", args: ["2"] },
      { name: "events", block: [] },
      {
        name: "stream",
        block: [{ name: "server", block: [{ name: "listen", args: ["1883", "so_keepalive=on"] }] }],
      },
    ]),
  ).toMatchInlineSnapshot(`
    "worker_processes 2;
    events {
    }
    stream {
        server {
            listen 1883 so_keepalive=on;
        }
    }
    "
  `);
});

test.each([
  ["", '""'],
  ["plain", "plain"],
  ["/etc/nginx/main", "/etc/nginx/main"],
  ["two words", '"two words"'],
  ["a;b", '"a;b"'],
  ["{", '"{"'],
  ["}", '"}"'],
  ["#no comment", '"#no comment"'],
  ['say "hi"', '"say \\"hi\\""'],
  ["it's", '"it\'s"'],
  ["C:\\new", '"C:\\\\new"'],
  ["line\r\n\tend", '"line\\r\\n\\tend"'],
  ["größer", '"größer"'],
  ["${a}", '"${a}"'],
])("the argument %j is written %s", (value, written) => {
  expect(word(value)).toBe(`user ${written};\n`);
});

describe("a dollar sign that is data", () => {
  const stream = (...block: NginxConfigNode[]) => print([{ name: "stream", block }]);

  test("is a variable where NGINX evaluates, defined once in each context that needs it", () => {
    expect(
      print([
        { name: "http", block: [{ name: "server", block: [{ name: "return", args: ["200", "a$b"] }] }] },
        {
          name: "stream",
          block: [
            { name: "server", block: [{ name: "return", args: ["$"] }] },
            { name: "server", block: [{ name: "return", args: ["$$"] }] },
          ],
        },
        { name: "mail", block: [] },
      ]),
    ).toMatchInlineSnapshot(`
      "http {
          geo $dollar {
              default $;
          }
          server {
              return 200 "a\${dollar}b";
          }
      }
      stream {
          geo $dollar {
              default $;
          }
          server {
              return "\${dollar}";
          }
          server {
              return "\${dollar}\${dollar}";
          }
      }
      mail {
      }
      "
    `);
  });

  test("is defined in a file that is included in the stream block", () => {
    expect(print([mapBlock("$a", "$b", [{ default: true, value: "pa$s" }])], NginxContext.stream)).toBe(
      'geo $dollar {\n    default $;\n}\nmap $a $b {\n    default "pa${dollar}s";\n}\n',
    );
  });

  test.each([
    ["where nothing is evaluated", { name: "listen", args: ["unix:/$"] }, "    listen unix:/$;\n"],
    [
      "in a key of a map",
      { name: "map", args: ["$a", "$b"], variables: true, block: [{ name: "$", args: ["x"] }] },
      "        $ x;\n",
    ],
    [
      "in a geo",
      { name: "geo", args: ["$b"], variables: true, block: [{ name: "default", args: ["$"] }] },
      "        default $;\n",
    ],
    ["in a variable", { name: "return", args: ["$host"], variables: true }, "    return $host;\n"],
  ])("stands as it is %s", (_, node, line) => {
    const text = stream(node);
    expect(text).toContain(line);
    expect(text).not.toContain("dollar");
  });

  test("stands as it is outside http and stream, where there are no variables", () => {
    expect(print([{ name: "mgmt", block: [{ name: "proxy_password", args: ["pa$s"] }] }])).toBe(
      "mgmt {\n    proxy_password pa$s;\n}\n",
    );
  });
});

describe("editions", () => {
  const nodes = [
    { name: "mqtt_preread", args: ["on"], plus: true },
    { name: "tcp_nodelay", args: ["on"] },
  ];

  test("open-source NGINX gets no node that is marked as Plus", () => {
    expect(printConfig(nodes, Edition.oss, NginxContext.stream)).toBe("tcp_nodelay on;\n");
    expect(printConfig(nodes, Edition.plus, NginxContext.stream)).toBe("mqtt_preread on;\ntcp_nodelay on;\n");
  });

  test("a key is no directive", () => {
    const map = { name: "map", args: ["$a", "$b"], variables: true, block: [{ name: "status", args: ["1"] }] };
    expect(printConfig([map], Edition.oss, NginxContext.stream)).toContain("status 1;");
  });
});

test.each<[string, NginxConfigNode, Edition, string]>([
  [
    "a NUL byte",
    { name: "user", args: ["a\0b"] },
    "plus",
    "user: argument 1 has a NUL byte; remove it: NGINX ends the word there",
  ],
  [
    "half of a surrogate pair",
    { name: "user", args: ["x", "\ud800"] },
    "plus",
    "user: argument 2 has half of a surrogate pair; write text that UTF-8 can hold",
  ],
  [
    "a word that NGINX's buffer cannot hold",
    { name: "user", args: ['"'.repeat(2047)] },
    "plus",
    "user: argument 1 takes 4096 bytes with its quotes and escapes; write at most 4095: NGINX reads no longer words",
  ],
  [
    "a name that would end the directive",
    { name: "events", block: [{ name: "a; b" }] },
    "plus",
    "events: the name of a node is not the name of a directive; write the name alone, and its arguments in args",
  ],
  [
    "a dollar sign where it is not known what NGINX makes of it",
    { name: "stream", block: [{ name: "server", block: [{ name: "set", args: ["$a", "1"] }] }] },
    "plus",
    "stream > server > set: argument 1 has a dollar sign, and it is not known whether NGINX evaluates this directive; if it begins a variable, set variables: true on the node; if it is data, define a variable with that value by map and use that",
  ],
  [
    "a dollar sign in a map without its context",
    mapBlock("$a", "$b", [{ exact: "secret client", value: "pa$s" }]),
    "plus",
    'map: argument 1 has a dollar sign, and there are no variables here to write it with; print the nodes for the context "http" or "stream" in which they will stand',
  ],
  [
    "a directive of NGINX Plus",
    { name: "http", block: [{ name: "server", block: [{ name: "status_zone", args: ["a"] }] }] },
    "oss",
    'http > server > status_zone is a directive that only NGINX Plus has; remove it, mark the node with plus: true to leave it out for edition "oss", or use edition "plus"',
  ],
  [
    "an argument that is no string",
    { name: "listen", args: [1883 as unknown as string] },
    "plus",
    "listen: argument 1 is number; write a string",
  ],
])("refuses %s", (_, node, edition, sentence) => {
  const refused = () => printConfig([node], edition);
  expect(refused).toThrow(NginxConfigError);
  expect(refused).toThrow(new Error(`NGINX configuration: ${sentence}`));
});

describe("a map", () => {
  const keys = (...entries: Parameters<typeof mapBlock>[2]) =>
    mapBlock("$a", "$b", entries).block!.map(({ name }) => name);

  test.each([
    [{ exact: "Gateway-1" }, "~^Gateway-1\\z"],
    [{ exact: "a.b*" }, "~^a\\.b\\*\\z"],
    [{ exact: "default" }, "~^default\\z"],
    [{ exact: "0815" }, "0815"],
    [{ exact: "" }, ""],
    [{ exact: "~1" }, "\\~1"],
    [{ exact: "\\1" }, "\\\\1"],
    [{ exact: "1".repeat(46) }, "1".repeat(46)],
    [{ exact: "1".repeat(47) }, `~^${"1".repeat(47)}\\z`],
    [{ prefix: "s+" }, "~^s\\+"],
    [{ regex: "a|b" }, "~^(?:a|b)\\z"],
    [{ default: true }, "default"],
  ])("has for %j the key %s", (entry, key) => {
    expect(keys({ ...entry, value: "" })).toEqual([key]);
  });

  test("has exact keys before the longest prefix before expressions as given", () => {
    expect(
      keys(
        { regex: "z", value: "" },
        { prefix: "a", value: "" },
        { regex: "y", value: "" },
        { prefix: "ab", value: "" },
        { exact: "k", value: "" },
        { default: true, value: "" },
      ),
    ).toEqual(["default", "~^k\\z", "~^ab", "~^a", "~^(?:z)\\z", "~^(?:y)\\z"]);
  });

  test.each([
    ["(a)", "captures"],
    ["(?<n>a)", "captures"],
    ["(?P<n>a)", "captures"],
    ["(?'n'a)", "captures"],
    ["(*ACCEPT)a", "captures"],
    ["(?#a)", "captures"],
    ["(?x)a #", "captures"],
    ["a)|(?:b", "pair"],
    ["(?:a", "pair"],
    ["a\\Q)|b", "\\Q"],
    ["a\\", "ends in \\"],
    ["[a", "its ]"],
  ])("refuses the expression %s", (regex, wrong) => {
    expect(regexFault(regex)?.wrong).toContain(wrong);
    expect(() => keys({ regex, value: "" })).toThrow(NginxConfigError);
  });

  test.each([
    "(?:a|b)",
    "\\(a\\)",
    "[(]",
    "[])]",
    "[^])]",
    "[[:alpha:])]",
    "[\\])]",
    "(?i)abc",
    "(?i:a)b",
    "(?=a)a",
    "(?<!b)a",
    "(?>a+)",
  ])("takes the expression %s", (regex) => {
    expect(regexFault(regex)).toBeUndefined();
  });
});

const missing = crossplaneMissing();
const suite = missing === undefined ? describe : describe.skip;

suite(missing === undefined ? "read back by crossplane" : `read back by crossplane: ${missing}`, () => {
  const text = configText();
  const map = fc.array(fc.tuple(text, text), { maxLength: 5 }).map((entries) => ({
    name: "map",
    args: ["$a", "$b"],
    block: entries.map(([name, value]) => ({ name: `x${name}`, args: [value] })),
  }));
  const header = fc.tuple(text, text).map((args) => ({ name: "add_header", args }));
  const location: fc.Arbitrary<CrossplaneNode> = fc
    .tuple(text, fc.array(header, { maxLength: 3 }))
    .map(([path, block]) => ({ name: "location", args: [path], block }));
  const format = fc
    .array(text, { minLength: 1, maxLength: 6 })
    .map((args) => ({ name: "log_format", args: ["f", ...args] }));
  const tree = fc.tuple(map, format, fc.array(location, { maxLength: 3 })).map(([first, second, locations]) => [
    { name: "stream", args: [], block: [first, second] },
    { name: "http", args: [], block: [first, { name: "server", args: [], block: locations }] },
  ]);

  test("whatever strings go in, the same tree comes out", () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 200, maxLength: 200 }), (trees) => {
        const cases = trees.map((nodes) => ({
          release: "R37" as const,
          files: { "/etc/nginx/nginx.conf": print(withVariables(nodes)) },
        }));
        for (const [index, result] of parseStrict(cases).entries()) {
          expect(result.errors).toEqual([]);
          expect(result.tree).toEqual(trees[index]);
        }
      }),
      { numRuns: 3 },
    );
  });

  test("dollar signs are the only difference where they are data", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 300, maxLength: 300 }), (values) => {
        const cases = values.map((value) => ({
          release: "R37" as const,
          files: {
            "/etc/nginx/nginx.conf": print([
              { name: "stream", block: [{ name: "server", block: [{ name: "return", args: [value] }] }] },
            ]),
          },
        }));
        for (const [
          index,
          {
            tree: [stream],
          },
        ] of parseStrict(cases).entries()) {
          const server = stream!.block!.at(-1)!;
          expect(server.block![0]!.args).toEqual([values[index]!.replaceAll("$", "${dollar}")]);
        }
      }),
      { numRuns: 3 },
    );
  });

  test("the names of Plus-only directives are known to the tables of NGINX Plus, and to no open-source NGINX", () => {
    const unknown = (release: "R37" | "oss") => {
      const cases = plusOnlyDirectives.map((name) => ({ release, files: { "/etc/nginx/nginx.conf": `${name} on;` } }));
      const results = parseStrict(cases);
      return plusOnlyDirectives.filter((_, index) =>
        results[index]!.errors.some(({ message }) => message.startsWith("unknown directive")),
      );
    };
    expect(unknown("oss")).toEqual(plusOnlyDirectives);
    expect(unknown("R37")).toEqual([]);
  });
});

/** As crossplane reads it: each node with its arguments, all taken as they stand. */
function withVariables(nodes: CrossplaneNode[]): NginxConfigNode[] {
  return nodes.map((node) => ({ ...node, variables: true, block: node.block && withVariables(node.block) }));
}

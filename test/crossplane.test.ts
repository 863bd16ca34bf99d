import { crossplaneMissing, parseStrict, parseStrictFile } from "./crossplane";

const missing = crossplaneMissing();
const suite = missing === undefined ? describe : describe.skip;

suite(missing === undefined ? "crossplane" : `crossplane: ${missing}`, () => {
  test("reads arguments as NGINX does, without quotes and escapes", () => {
    const { tree, errors } = parseStrictFile(
      String.raw`stream { map $a $b { "~^\\d+\"\t;$" 'it\'s {'; } } events { }`,
      "oss",
    );
    expect(errors).toEqual([]);
    expect(tree).toEqual([
      {
        name: "stream",
        args: [],
        block: [{ name: "map", args: ["$a", "$b"], block: [{ name: '~^\\d+"\t;$', args: ["it's {"] }] }],
      },
      { name: "events", args: [], block: [] },
    ]);
  });

  test("knows a Plus directive in the Plus tables only", () => {
    const files = { "/etc/nginx/nginx.conf": "stream { server { mqtt on; } }" };
    const results = parseStrict(
      (["R33", "R34", "R35", "R36", "R37", "oss"] as const).map((release) => ({ files, release })),
    );
    expect(results.map((one) => one.errors.map((error) => error.message))).toEqual([
      [],
      [],
      [],
      [],
      [],
      ['unknown directive "mqtt" in /etc/nginx/nginx.conf:1'],
    ]);
  });

  test("knows the directives of a dynamic module only where it is loaded", () => {
    const config = "stream { js_import mqtt from mqtt.js; }";
    expect(parseStrictFile(config, "oss").errors).toHaveLength(1);
    expect(parseStrictFile(`load_module modules/ngx_stream_js_module.so; ${config}`, "oss").errors).toEqual([]);
  });

  test("refuses a wrong context, a wrong number of arguments and an include that is not there", () => {
    const { errors } = parseStrictFile(
      "proxy_pass x;\nhttp { server { listen; } }\ninclude conf.d/absent.conf;",
      "oss",
    );
    expect(errors.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '1: "proxy_pass" directive is not allowed here in /etc/nginx/nginx.conf:1',
      '2: invalid number of arguments in "listen" directive in /etc/nginx/nginx.conf:2',
      "3: open /etc/nginx/conf.d/absent.conf: file does not exist in /etc/nginx/nginx.conf:3",
    ]);
  });

  test("follows includes into the given files", () => {
    const files = {
      "/etc/nginx/nginx.conf": "http { include conf.d/*.conf; }",
      "/etc/nginx/conf.d/a.conf": "server { listen 1; }",
      "/etc/nginx/conf.d/b.conf": "server { listen 2; }",
    };
    const [result] = parseStrict([{ files, release: "R37" }]);
    expect(result!.errors).toEqual([]);
    expect(result!.tree[0]!.block!.map((server) => server.block![0]!.args)).toEqual([["1"], ["2"]]);
  });
});

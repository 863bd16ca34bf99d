import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Edition, type MapEntry, mapBlock, type NginxConfigNode, printConfig } from "../../components/nginx";
import { nginxModules } from "../../loopback/missing";
import { configText } from "../components/nginx/config-text";
import { get, nginxFolder, nginxMissing, receive, runNginx, testNginx } from "./conf-nginx";

const missing = nginxMissing();
const suite = missing === undefined ? describe : describe.skip;

/** Classic texts that break out of quotes, and rare ones. */
const values = [
  ...[
    "",
    "plain",
    "$",
    "$$",
    "${",
    "${dollar}",
    "$dollar",
    "$host",
    "a$b{c}",
    "}",
    "{",
    ";",
    "#",
    "# }",
    "'",
    '"',
    "\\",
  ],
  ...[
    "\\n",
    "\n",
    "\r\n",
    "\t",
    "\\\\",
    '\\"',
    "a b",
    " ",
    "\u00a0",
    "größer",
    "\u{1f980}",
    "~",
    "*",
    "(",
    ")",
    "x;y{z}#",
  ],
  ...fc.sample(configText(), 300),
];

const returning = (path: string, value: string, variables = false): NginxConfigNode => ({
  name: "location",
  args: ["=", path],
  block: [{ name: "return", args: ["200", value], variables }],
});

suite(missing === undefined ? "a running NGINX" : `a running NGINX: ${missing}`, () => {
  test("has the value that was meant, in http and in stream", async () => {
    const folder = nginxFolder();
    const nginx = await runNginx(folder, {
      http: [
        ...values.map((value, index) => mapBlock("$uri", `$value_${index}`, [{ default: true, value }])),
        {
          name: "server",
          block: [
            { name: "listen", args: [`unix:${join(folder, "http.sock")}`] },
            { name: "default_type", args: ["text/plain"] },
            ...values.flatMap((value, index) => [
              returning(`/return/${index}`, value),
              returning(`/map/${index}`, `[$value_${index}]`, true),
            ]),
          ],
        },
      ],
      stream: values.map((value, index) => ({
        name: "server",
        block: [
          { name: "listen", args: [`unix:${join(folder, `${index}.sock`)}`] },
          { name: "return", args: [`<${value}>`] },
        ],
      })),
    });
    try {
      for (const [index, value] of values.entries()) {
        expect((await get(nginx.socket("http"), `/return/${index}`)).body).toBe(value);
        expect((await get(nginx.socket("http"), `/map/${index}`)).body).toBe(`[${value}]`);
        expect(await receive(nginx.socket(`${index}`))).toBe(`<${value}>`);
      }
    } finally {
      await nginx.stop();
    }
  });

  test("keeps dollar signs in directives that evaluate, and in those that do not", async () => {
    const folder = nginxFolder();
    const file = join(folder, "$uri");
    writeFileSync(file, "the file");
    const nginx = await runNginx(folder, {
      http: [
        { name: "log_format", args: ["line", "{$uri", "$}"] },
        {
          name: "server",
          block: [
            { name: "listen", args: [`unix:${join(folder, "upstream.sock")}`] },
            {
              name: "location",
              args: ["/"],
              block: [{ name: "return", args: ["200", "$http_x $uri"], variables: true }],
            },
          ],
        },
        {
          name: "server",
          block: [
            { name: "listen", args: [`unix:${join(folder, "http.sock")}`] },
            { name: "access_log", args: [join(folder, "access.log"), "line"] },
            {
              name: "location",
              args: ["/"],
              block: [
                { name: "auth_basic", args: ["realm of $uri"] },
                { name: "auth_basic_user_file", args: ["/dev/null"] },
              ],
            },
            { name: "location", args: ["=", "/aliased"], block: [{ name: "alias", args: [file] }] },
            { name: "location", args: ["/$uri"], block: [{ name: "root", args: [folder] }] },
            {
              name: "location",
              args: ["/proxied"],
              block: [
                { name: "proxy_set_header", args: ["X", "$uri"] },
                { name: "proxy_pass", args: [`http://unix:${join(folder, "upstream.sock")}:/a$b`] },
              ],
            },
          ],
        },
      ],
    });
    try {
      const refused = await get(nginx.socket("http"), "/");
      expect(refused.status).toBe(401);
      expect(refused.headers["www-authenticate"]).toBe('Basic realm="realm of $uri"');
      expect((await get(nginx.socket("http"), "/proxied")).body).toBe("$uri /a$b");
      expect((await get(nginx.socket("http"), "/aliased")).body).toBe("the file");
      expect((await get(nginx.socket("http"), "/$uri")).body).toBe("the file");
      expect(readFileSync(join(folder, "access.log"), "utf8")).toBe("{$uri$}\n".repeat(4));
    } finally {
      await nginx.stop();
    }
  });

  test("finds in a map exactly the keys that were meant", async () => {
    const keys = [
      ...[
        "",
        "a",
        "Gateway-1",
        "default",
        "hostnames",
        "include",
        "volatile",
        "\\include",
        "~",
        "~a",
        "~^a$",
        "\\",
        "\\~1",
      ],
      ...[
        "0815",
        "1".repeat(46),
        "1".repeat(47),
        "a.b",
        "a*b",
        "(a)",
        "[a]",
        "{",
        "}",
        ";",
        "#",
        "a b",
        "$",
        "$a",
        "^",
        "a|b",
      ],
      ...["*.example.com", ".example.com", "größer", "\u{1f980}", '"', "'"],
    ];
    const entries: MapEntry[] = [
      ...keys.map((exact, index) => ({ exact, value: `exact ${index}` })),
      { prefix: "sensor-", value: "sensor" },
      { prefix: "sensor-a.", value: "longer" },
      { regex: "x+|yy", value: "first" },
      { regex: "x.*", value: "second" },
      { default: true, value: "none" },
    ];
    const probes: [string, string][] = [
      ...keys.map((key, index): [string, string] => [key, `exact ${index}`]),
      ["A", "none"],
      ["gateway-1", "none"],
      ["GATEWAY-1", "none"],
      ["Default", "none"],
      ["Gateway-1\n", "none"],
      ["0815\n", "none"],
      ["aXb", "none"],
      ["aab", "none"],
      ["www.example.com", "none"],
      ["a.b\n", "none"],
      ["sensor-", "sensor"],
      ["sensor-b\n", "sensor"],
      ["Sensor-b", "none"],
      ["a sensor-b", "none"],
      ["sensor-a.1", "longer"],
      ["sensor-ab1", "sensor"],
      ["xx", "first"],
      ["yy", "first"],
      ["xx\n", "none"],
      ["xy", "second"],
      ["ayy", "none"],
      ["XX", "none"],
    ];
    const folder = nginxFolder();
    // The source of each map is the probe itself, as text.
    const lookUp = (probe: string, variable: string): NginxConfigNode => ({
      ...mapBlock("", variable, entries),
      args: [probe.replaceAll("$", "${dollar}"), variable],
    });
    const nginx = await runNginx(folder, {
      http: [
        { name: "geo", args: ["$dollar"], variables: true, block: [{ name: "default", args: ["$"] }] },
        ...probes.map(([probe], index) => lookUp(probe, `$found_${index}`)),
        {
          name: "server",
          block: [
            { name: "listen", args: [`unix:${join(folder, "http.sock")}`] },
            ...probes.map((_, index) => returning(`/${index}`, `$found_${index}`, true)),
          ],
        },
      ],
    });
    try {
      for (const [index, [probe, value]] of probes.entries())
        expect([probe, (await get(nginx.socket("http"), `/${index}`)).body]).toEqual([probe, value]);
    } finally {
      await nginx.stop();
    }
  });

  test("reads the longest word that is allowed, wherever it begins in the buffer", () => {
    const folder = nginxFolder();
    try {
      for (const longest of ["a".repeat(4095), `${"a".repeat(4092)} `])
        for (const before of [0, 1, 2, 500, 2000, 3900, 4000]) {
          const word = {
            name: "map",
            args: ["$a", "$b"],
            variables: true,
            block: [{ name: "default", args: [longest] }],
          };
          const text = printConfig(
            [
              { name: "load_module", args: [`${nginxModules()}/ngx_stream_module.so`] },
              { name: "pid", args: [join(folder, "pid")] },
              { name: "events", block: [] },
              { name: "stream", block: [{ ...word, args: ["$remote_addr", "$b"] }] },
            ],
            Edition.oss,
          );
          expect(testNginx(folder, `#${"x".repeat(before)}\n${text}`)).toBeUndefined();
          expect(() => printConfig([{ name: "user", args: [`${longest}a`] }], Edition.oss)).toThrow("takes 4096 bytes");
        }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

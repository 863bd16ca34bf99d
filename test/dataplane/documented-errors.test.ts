import { existsSync, rmSync } from "node:fs";
import { hosts } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { nginxFolder, testNginx } from "./conf-nginx";
import { type HostNginx, runHostNginx } from "./host-nginx";
import { type Materials, machine, materials, renderHost } from "./v1-stack";
import { variants } from "./v1-variants";

const missing = missingPrograms("nginx", "openssl");

/** What NGINX says to the nodes of an `http` block. */
function saidOf(http: string, main = ""): string | undefined {
  const folder = nginxFolder();
  const said = testNginx(folder, `${main}\npid ${folder}/nginx.pid;\nevents {}\nhttp {\n${http}\n}\n`);
  rmSync(folder, { recursive: true });
  return said;
}

/** Each directive that stands in a text, with its first arguments, as often as it does. */
const named = (text: string, directive: string) =>
  [...text.replace(/"/g, "").matchAll(new RegExp(`^ *${directive} ([^;{]+?) *[;{]`, "gm"))].map(([, given]) => given!);

/** Errors of the documents that NGINX finds: it refuses them, and takes what is rendered in their place. */
(missing ? describe.skip : describe)(`what NGINX refuses${missing ? ` (${missing})` : ""}`, () => {
  let pems: Materials;
  let nginx: HostNginx;
  let texts: Record<string, string>;
  let all: string;

  // The interface, agents with client certificates and the status: all that the document has in one `conf.d`.
  beforeAll(async () => {
    pems = await materials();
    const { front, ...rest } = variants(pems)["B14: agents' certificates, to a depth, revoked by list and serial"]!;
    const run = await renderHost({ ...rest, front: { ...front, status: {} } });
    texts = Object.fromEntries(
      hosts(run, { secrets: "show" })[0]!
        .files.filter(({ path }) => path.startsWith("/etc/nginx/"))
        .map(({ path, content }) => [path, content!]),
    );
    all = Object.values(texts).join("\n");
    nginx = await runHostNginx(run, machine);
  });
  afterAll(() => nginx?.stop());

  test("E3: a server that is not closed before the upstream", () => {
    expect(saidOf("server { listen 1; upstream a { server 127.0.0.1:2; } }")).toMatch(
      /"upstream" directive is not allowed here/,
    );
    expect(named(all, "upstream").length).toBe(2);
    expect(all.match(/\{$/gm)!.length).toBe(all.match(/^ *\}$/gm)!.length);
  });

  test("E4: the authorities of clients twice in one server", () => {
    const twice = "ssl_client_certificate a.pem; ssl_client_certificate b.pem;";
    expect(saidOf(`server { listen 1; ${twice} }`)).toMatch(/"ssl_client_certificate" directive is duplicate/);
    expect(named(all, "ssl_client_certificate")).toEqual(["/etc/ssl/nginx-manager/ca.pem"]);
  });

  test("E5: an http block in a file of conf.d, and a listen without its end", () => {
    expect(saidOf("http { server { listen 1; } }")).toMatch(/"http" directive is not allowed here/);
    expect(saidOf("server { listen 80\n listen 81; }")).toMatch(/invalid parameter "listen"/);
    const withHttp = Object.keys(texts).filter((path) => /^"?http"? \{/m.test(texts[path]!));
    expect(withHttp).toEqual(["/etc/nginx/nginx.conf"]);
    expect(Object.keys(texts).filter((path) => path.includes("/conf.d/")).length).toBeGreaterThan(3);
  });

  test("E13: a level where the name of a log's format stands", () => {
    expect(saidOf("access_log /dev/null info;")).toMatch(/unknown log format "info"/);
    const formats = named(all, "log_format").map((format) => format.split(/\s/)[0]);
    const used = named(all, "access_log").flatMap((log) => log.split(/\s/).slice(1, 2));
    expect(used.length).toBeGreaterThan(1);
    for (const format of used) expect(formats).toContain(format);
  });

  test("E15: in open-source NGINX what only Plus has, and a module that is not there", async () => {
    expect(saidOf("server { listen 1; status_zone a; }")).toMatch(/unknown directive "status_zone"/);
    const absent = "/usr/lib/nginx/modules/ngx_http_absent_js_module.so";
    expect(saidOf("", `load_module ${absent};`)).toMatch(/dlopen\(\).*failed/);
    const { front } = variants(pems)["B13: passthrough"]!;
    const passing = hosts(
      await renderHost({ front, manager: { certificate: variants(pems)["B13: passthrough"]!.manager!.certificate! } }),
      {
        secrets: "show",
      },
    )[0]!.files;
    const text = passing.map(({ content }) => content).join("\n") + all;
    expect(text).not.toMatch(/status_zone|js_module|health_check/);
    const modules = named(text, "load_module");
    expect(modules.length).toBeGreaterThan(0);
    for (const module of modules) expect(existsSync(module)).toBe(true);
  });

  test("B5: open-source NGINX has no API, and is not asked for one", () => {
    expect(saidOf("server { listen 1; location /api/ { api write=on; } }")).toMatch(/unknown directive "api"/);
    expect(named(all, "stub_status").length + (all.match(/^ *"?stub_status"?;/gm) ?? []).length).toBe(1);
    expect(all).not.toMatch(/^ *"?api"?[ ;]/m);
  });

  test("E19: an upstream of each variant under one name, and limits of one server for all", () => {
    expect(saidOf("upstream a { server 127.0.0.1:1; } upstream a { server 127.0.0.1:2; }")).toMatch(
      /duplicate upstream "a"/,
    );
    for (const directive of ["upstream", "log_format", "map"]) {
      const names = named(all, directive);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
    }
    // In the `http` block a line of conf.d is not indented.
    const leaked = Object.values(texts).flatMap(
      (text) => text.match(/^"?client_(?:body_timeout|max_body_size)\b.*/gm) ?? [],
    );
    expect(leaked).toEqual([]);
    expect(named(all, "client_body_timeout")).toEqual(["604800s"]);
  });
});

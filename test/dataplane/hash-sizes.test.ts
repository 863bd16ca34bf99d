import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "@pulumi/pulumi";
import { block, directive, Edition, evaluated, type NginxConfigNode, printConfig } from "../../components/nginx";
import { withHashSizes } from "../../components/nginx/conf";
import { missingPrograms, searchPath } from "../../loopback/missing";

const missing = missingPrograms("nginx");
const describeOnTheWire = missing ? describe.skip : describe;

/** Returns what NGINX says about an `http` block; empty where it has no complaint. */
function complaints(nodes: NginxConfigNode[]): string {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-"));
  try {
    const file = join(folder, "nginx.conf");
    const main = [
      directive("pid", join(folder, "pid")),
      directive("error_log", "stderr", "warn"),
      block("events", []),
      block("http", nodes),
    ];
    writeFileSync(file, printConfig(main, Edition.oss) as string);
    const { stderr } = spawnSync("nginx", ["-t", "-e", "stderr", "-c", file, "-p", folder], {
      encoding: "utf8",
      env: { ...process.env, PATH: searchPath },
    });
    return stderr
      .split("\n")
      .filter((line) => /\[(?:warn|emerg|alert)\]/.test(line))
      .join("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const name = (length: number) => `${"a".repeat(length - 12)}.example.com`;
const serverWith = (...names: string[]) =>
  block("server", [directive("listen", "18000"), directive("server_name", ...names)]);
// NGINX makes a table only where an address has several servers.
const other = serverWith("other.example.com");
const set = (variable: string) =>
  block("server", [directive("listen", "18000"), evaluated("set", `$${variable}`, "x")]);

describeOnTheWire(`hash tables have room for the names${missing ? ` (${missing})` : ""}`, () => {
  test.each([46, 47, 54, 55, 63, 64, 110, 111, 253])("a server name of %d bytes", (length) => {
    expect(complaints(withHashSizes([other, serverWith(name(length))]))).toBe("");
  });

  test("1,000 server names, some of them long", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}.${name(20 + (index % 80))}`);
    expect(complaints(withHashSizes([other, serverWith(...names)]))).toBe("");
  });

  test("a server name that is an output, whatever its length will be", () => {
    const server = block("server", [directive("server_name", output("name"))]);
    const sizes = withHashSizes([server]).filter((node) => node !== server);
    expect(complaints([...sizes, other, serverWith(name(253))])).toBe("");
  });

  test.each([46, 47, 64, 200])("a variable with a name of %d letters", (length) => {
    expect(complaints(withHashSizes([set("v".repeat(length))]))).toBe("");
  });

  test("without the sizes, NGINX does not start with the longer ones", () => {
    expect(complaints([other, serverWith(name(46))])).toBe("");
    expect(complaints([other, serverWith(name(47))])).toContain("server_names_hash_bucket_size");
  });

  test("sizes that the user wrote stay, and those of short names are NGINX's own", () => {
    const own = directive("server_names_hash_bucket_size", "512");
    const names = withHashSizes([own, serverWith(name(200))]).map((node) => node.name);
    expect(names).toEqual(["server_names_hash_max_size", "server_names_hash_bucket_size", "server"]);
    expect(withHashSizes([serverWith(name(46))])).toHaveLength(1);
  });
});

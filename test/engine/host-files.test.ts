import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { HostFile } from "../../components/foundation";
import { hosts, type RunResult, record, type SecretMode, writeManifests } from "../../engine";
import { missingPrograms } from "../../loopback/missing";
import { temporaryFolder } from "./temporary";

const owner = userInfo().username;
const group = execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
const password = `planted-${randomBytes(12).toString("base64url")}`;

type File = Partial<Omit<HostFile, "content">> & { path: string; content: pulumi.Input<string> };
const file = (given: File) => ({
  ...{ hosts: ["nginx-1"], mode: "0644", owner, group, secret: false, action: "reload-nginx" as const },
  ...given,
});

/** A component with files, such as any program may have. */
class Host extends pulumi.ComponentResource {
  constructor(name: string, files: File[]) {
    super("example:index:Host", name, {});
    this.registerOutputs({ hostFiles: files.map(file) });
  }
}

const run = (files: File[], others: File[] = []): Promise<RunResult> =>
  record(() => {
    new Host("first", files);
    new Host("second", others);
  });

const configuration = (content = "events {}\n") => ({ path: "/etc/nginx/nginx.conf", content });
const key: File = {
  path: "/etc/nginx/server.key",
  content: pulumi.secret(password),
  ...{ mode: "0640", secret: true },
};
const agent: File = { path: "/etc/nginx-agent/nginx-agent.conf", content: "server: x\n", action: "restart-agent" };
const root: File = { path: "example-root.crt", content: "a root\n", action: "trust" };

/** A host: a root folder, programs that note how they were called, and the rendered files of `nginx-1`. */
async function aHost(files: File[], { secrets = "show" as SecretMode, trust = "update-ca-certificates" } = {}) {
  const folder = temporaryFolder();
  const [rootFolder, programs, out, calls] = ["root", "bin", "out", "calls"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(programs);
  const program = (name: string, lines = "") => {
    writeFileSync(join(programs, name), `#!/bin/sh\necho "${name}\${1:+ $*}" >>${calls}\n${lines}\n`);
    chmodSync(join(programs, name), 0o755);
  };
  for (const name of ["nginx", "systemctl", trust]) program(name);
  const render = async (again: File[], mode = secrets) => writeManifests(await run(again), out, { secrets: mode });
  await render(files);
  return {
    out,
    program,
    render,
    path: (path: string) => join(rootFolder, path),
    put: (path: string, content: string) => {
      mkdirSync(dirname(join(rootFolder, path)), { recursive: true });
      writeFileSync(join(rootFolder, path), content);
    },
    /** Runs the script; what the programs were called with since the last time, what it said, and how it ended. */
    apply: () => {
      rmSync(calls, { force: true });
      const { status, stdout, stderr } = spawnSync(join(out, "hosts/nginx-1/apply.sh"), ["--root", rootFolder], {
        env: { PATH: `${programs}:/usr/bin:/bin` },
        encoding: "utf8",
      });
      const called = existsSync(calls) ? readFileSync(calls, "utf8").trimEnd().split("\n") : [];
      return { status, called, said: stdout.trimEnd().split("\n").filter(Boolean), error: stderr };
    },
  };
}

const nothing = { status: 0, called: [], said: [], error: "" };
const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);

describe("rendering", () => {
  test("each host has a folder, with its files by path, its roots and a script", async () => {
    const folder = temporaryFolder();
    const result = await run([configuration(), key, { ...agent, hosts: ["nginx-2.example.com"] }], [root]);
    expect(writeManifests(result, folder, { secrets: "show" })).toEqual([
      "hosts/nginx-1/apply.sh",
      "hosts/nginx-1/files/etc/nginx/nginx.conf",
      "hosts/nginx-1/files/etc/nginx/server.key",
      "hosts/nginx-1/trust/example-root.crt",
      "hosts/nginx-2.example.com/apply.sh",
      "hosts/nginx-2.example.com/files/etc/nginx-agent/nginx-agent.conf",
    ]);
    expect(readFileSync(join(folder, "hosts/nginx-1/files/etc/nginx/server.key"), "utf8")).toBe(password);
    expect(mode(join(folder, "hosts/nginx-1/files/etc/nginx/server.key"))).toBe("600");
    expect(mode(join(folder, "hosts/nginx-1/apply.sh"))).toBe("700");
    writeManifests(await run([agent]), folder);
    expect(existsSync(join(folder, "hosts/nginx-1/files/etc/nginx/server.key"))).toBe(false);
  });

  test("a secret file is a digest, or not there at all, and its value is nowhere", async () => {
    const result = await run([key]);
    const digest = temporaryFolder();
    writeManifests(result, digest);
    const path = "hosts/nginx-1/files/etc/nginx/server.key";
    expect(readFileSync(join(digest, path), "utf8")).toMatch(/^digest:nginx-1\/etc\/nginx\/server\.key:[0-9a-f]{64}$/);
    expect(mode(join(digest, "hosts/nginx-1/apply.sh"))).toBe("744");
    expect(writeManifests(result, temporaryFolder(), { secrets: "existing" })).toEqual(["hosts/nginx-1/apply.sh"]);
    const plainly = await run([{ ...key, content: password }]);
    expect(hosts(plainly)[0]!.files[0]!.content).toMatch(/^digest:/);
    expect(hosts(await run([{ ...key, secret: false }]))[0]!.files[0]!.content).toMatch(/^digest:/);
  });

  test("a secret in a file that all may read is refused", async () => {
    const result = await run([key, configuration(`# ${password}\n`)]);
    expect(() => hosts(result, { secrets: "show" })).toThrow(
      "urn:pulumi:test::project::example:index:Host::first has the value of a secret in the open, in the file /etc/nginx/nginx.conf of a host; make that file a secret",
    );
  });

  test("two components may give a host the same file, but not two different ones", async () => {
    const [host] = hosts(await run([configuration()], [configuration()]));
    expect(host!.files).toHaveLength(1);
    const different = await run([configuration()], [configuration("other {}\n")]);
    expect(() => hosts(different)).toThrow(
      "two components give host nginx-1 different files /etc/nginx/nginx.conf; the second is urn:pulumi:test::project::example:index:Host::second. Give one of them another path",
    );
  });

  test.each([
    ["etc/passwd"],
    ["/etc/../../passwd"],
    ["/etc//passwd"],
    ["/"],
    ["/etc/$(reboot)"],
    ["/etc/a b"],
    ["/etc/a\nb"],
  ])("the path %j is refused", async (path) => {
    const result = await run([{ path, content: "" }]);
    expect(() => hosts(result)).toThrow("which is no path of a file there");
  });

  test.each([["../other"], ["a/b"], ["a..b"], ["A"], [""]])("the host %j is refused", async (host) => {
    const result = await run([{ ...agent, hosts: ["nginx-1", host] }]);
    expect(() => hosts(result)).toThrow("which is not the name of a host");
  });
});

test("a file of several hosts is in the tree of each, and its digest names the host", async () => {
  const [first, second] = hosts(await run([{ ...key, hosts: ["nginx-1", "nginx-2"] }, agent]));
  expect(first!.files.map(({ path }) => path)).toEqual([agent.path, key.path]);
  expect(second!.files).toEqual([{ ...first!.files[1], content: expect.stringMatching(/^digest:nginx-2\/etc\//) }]);
  const different = await run([{ ...configuration(), hosts: ["nginx-1", "nginx-2"] }], [configuration("other {}\n")]);
  expect(() => hosts(different)).toThrow("two components give host nginx-1 different files /etc/nginx/nginx.conf");
});

test.each([[[]], [undefined]])("a file for the hosts %j is refused", async (none) => {
  const result = await run([{ ...agent, hosts: none as string[] }]);
  expect(() => hosts(result)).toThrow('has a file for no host; write the names of its hosts in the list "hosts"');
});

describe("apply.sh", () => {
  test("puts every file in place with its mode, does what is due once, and nothing the next time", async () => {
    const host = await aHost([configuration(), key, agent, root]);
    expect(host.apply()).toEqual({
      status: 0,
      called: [
        "nginx -t",
        "update-ca-certificates",
        "systemctl reload-or-restart nginx",
        "systemctl restart nginx-agent",
      ],
      said: [
        "changed /etc/nginx-agent/nginx-agent.conf",
        "changed /etc/nginx/nginx.conf",
        "changed /etc/nginx/server.key",
        "changed /usr/local/share/ca-certificates/example-root.crt",
      ],
      error: "",
    });
    expect(readFileSync(host.path("etc/nginx/server.key"), "utf8")).toBe(password);
    expect(mode(host.path("etc/nginx/server.key"))).toBe("640");
    expect(mode(host.path("etc/nginx/nginx.conf"))).toBe("644");
    expect(host.apply()).toEqual(nothing);
  });

  test("NGINX Instance Manager is restarted before NGINX is reloaded, and only if a file of its own changed", async () => {
    const manager: File = { path: "/etc/nginx-manager/nginx-manager.conf", content: "", action: "restart-manager" };
    const host = await aHost([configuration(), manager]);
    expect(host.apply()).toMatchObject({
      called: ["nginx -t", "systemctl restart nginx-manager", "systemctl reload-or-restart nginx"],
    });
    await host.render([configuration("# changed\n"), manager]);
    expect(host.apply()).toMatchObject({ called: ["nginx -t", "systemctl reload-or-restart nginx"] });
    await host.render([configuration("# changed\n"), { ...manager, content: "log:\n" }]);
    expect(host.apply()).toMatchObject({ called: ["systemctl restart nginx-manager"] });
  });

  test("Red Hat has its own folder and program for roots", async () => {
    const host = await aHost([root], { trust: "update-ca-trust" });
    expect(host.apply()).toMatchObject({
      called: ["update-ca-trust"],
      said: ["changed /etc/pki/ca-trust/source/anchors/example-root.crt"],
    });
    expect(host.apply()).toEqual(nothing);
  });

  test("only what a change asks for is done, and a mode that someone widened is put right", async () => {
    const host = await aHost([configuration(), key, agent]);
    host.apply();
    await host.render([configuration(), key, { ...agent, content: "server: y\n" }]);
    expect(host.apply()).toMatchObject({
      called: ["systemctl restart nginx-agent"],
      said: ["changed /etc/nginx-agent/nginx-agent.conf"],
    });
    chmodSync(host.path("etc/nginx/server.key"), 0o664);
    expect(host.apply()).toMatchObject({ said: ["changed /etc/nginx/server.key"] });
    expect(mode(host.path("etc/nginx/server.key"))).toBe("640");
  });

  test("a configuration that NGINX refuses is taken back, with everything that came with it", async () => {
    const host = await aHost([configuration()]);
    host.apply();
    await host.render([configuration("broken\n"), key, agent]);
    host.program("nginx", "exit 1");
    expect(host.apply()).toEqual({
      status: 1,
      called: ["nginx -t"],
      said: [
        "changed /etc/nginx-agent/nginx-agent.conf",
        "changed /etc/nginx/nginx.conf",
        "changed /etc/nginx/server.key",
      ],
      error: "apply.sh: NGINX refuses its configuration; every file is as it was before\n",
    });
    expect(readFileSync(host.path("etc/nginx/nginx.conf"), "utf8")).toBe("events {}\n");
    expect(existsSync(host.path("etc/nginx/server.key"))).toBe(false);
    expect(existsSync(host.path("etc/nginx-agent/nginx-agent.conf"))).toBe(false);
    await host.render([configuration()]);
    expect(host.apply()).toEqual(nothing);
  });

  test("what failed is still due in the next run, though no file changes any more", async () => {
    const host = await aHost([agent]);
    host.program("systemctl", "exit 1");
    expect(host.apply()).toMatchObject({ status: 1, called: ["systemctl restart nginx-agent"] });
    host.program("systemctl");
    expect(host.apply()).toEqual({ ...nothing, called: ["systemctl restart nginx-agent"] });
    expect(host.apply()).toEqual(nothing);
  });

  test("a digest is never put in a secret's place", async () => {
    const host = await aHost([configuration(), key], { secrets: "digest" });
    expect(host.apply()).toEqual({
      ...nothing,
      status: 1,
      error:
        "apply.sh: files/etc/nginx/server.key stands for a secret and does not hold it: render with --show-secrets, or with --secrets existing\n",
    });
    expect(existsSync(host.path("etc/nginx/nginx.conf"))).toBe(false);
  });

  test("a secret that another system provides has to be there, and is left as it is", async () => {
    const host = await aHost([configuration(), key], { secrets: "existing" });
    expect(host.apply()).toEqual({
      ...nothing,
      status: 1,
      error:
        "apply.sh: /etc/nginx/server.key is missing, and these files were rendered without secrets: put it there first\n",
    });
    host.put("etc/nginx/server.key", "theirs");
    expect(host.apply()).toMatchObject({ status: 0, said: ["changed /etc/nginx/nginx.conf"] });
    expect(readFileSync(host.path("etc/nginx/server.key"), "utf8")).toBe("theirs");
  });

  test("a group that the host does not have stops it before anything changes", async () => {
    const host = await aHost([configuration(), { ...key, group: "no-such-group" }]);
    expect(host.apply()).toEqual({
      ...nothing,
      status: 1,
      error: "apply.sh: there is no group no-such-group, which is to read /etc/nginx/server.key\n",
    });
    expect(existsSync(host.path("etc/nginx/nginx.conf"))).toBe(false);
  });

  const missing = missingPrograms("nginx");
  (missing ? test.skip : test)(`real NGINX judges the files${missing ? `: ${missing}` : ""}`, async () => {
    const real = process.env
      .PATH!.split(":")
      .concat("/usr/sbin")
      .map((folder) => join(folder, "nginx"))
      .find(existsSync)!;
    const good = "pid nginx.pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; }\n";
    const host = await aHost([configuration(good)]);
    host.program(
      "nginx",
      `exec ${real} -p ${host.path("etc/nginx")} -e stderr -c ${host.path("etc/nginx/nginx.conf")} "$@"`,
    );
    expect(host.apply()).toMatchObject({ status: 0, called: ["nginx -t", "systemctl reload-or-restart nginx"] });
    await host.render([configuration(`${good}htp {}\n`)]);
    const refused = host.apply();
    expect(refused.status).toBe(1);
    expect(refused.error).toContain('unknown directive "htp"');
    expect(readFileSync(host.path("etc/nginx/nginx.conf"), "utf8")).toBe(good);
  });
});

test("a word of the shell in an owner's place is only a word", async () => {
  const folder = temporaryFolder();
  const trap = `a'; touch ${folder}/trapped; '`;
  const host = await aHost([{ ...configuration(), owner: trap }]);
  expect(host.apply().error).toBe(`apply.sh: there is no user ${trap}, who is to own /etc/nginx/nginx.conf\n`);
  expect(existsSync(join(folder, "trapped"))).toBe(false);
});

import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { applyScript, sourcePath } from "../../engine/apply-script";
import type { RenderedHost } from "../../engine/hosts";
import { temporaryFolder } from "./temporary";

const owned = {
  secret: false,
  owner: userInfo().username,
  group: execFileSync("id", ["-gn"], { encoding: "utf8" }).trim(),
};

/** Files of a host: one that was there, one that was a symbolic link, two that come. */
const files = (content: string): RenderedHost["files"] => [
  { path: "/etc/nginx/nginx.conf", content, mode: "0644", ...owned, action: "reload-nginx" },
  { path: "/etc/nginx/server.crt", content: `certificate ${content}`, mode: "0644", ...owned, action: "reload-nginx" },
  { path: "/etc/nginx/server.key", content: `key ${content}`, mode: "0640", ...owned, action: "reload-nginx" },
  { path: "/etc/nginx-agent/nginx-agent.conf", content, mode: "0644", ...owned, action: "restart-agent" },
];

const changing = ["install", "ln", "mv", "rm", "mkdir", "nginx", "systemctl"];

/** A host whose programs end the script by SIGKILL at one of their calls, before or after what they do. */
class Host {
  private readonly folder = temporaryFolder();
  private readonly at = (name: string) => join(this.folder, name);
  private readonly root = this.at("root");

  constructor() {
    mkdirSync(this.at("bin"));
    for (const program of changing) this.program(program);
  }

  /** Writes a program that counts its calls; NGINX refuses a configuration with the word `broken`. */
  program(name: string, instead?: string): void {
    const works: Record<string, string> = {
      nginx: `! grep -q broken ${this.at("out")}/files/etc/nginx/nginx.conf`,
      systemctl: `echo "$@" >>${this.at("systemctl")}`,
    };
    const does = instead ?? works[name] ?? `/usr/bin/env PATH=/usr/bin:/bin ${name} "$@"`;
    const lines = [
      "#!/bin/sh",
      `calls=$(($(cat ${this.at("count")}) + 1)); echo $calls >${this.at("count")}`,
      `[ "$calls" != "$KILL_BEFORE" ] || kill -9 $PPID`,
      `[ "$calls" != "$KILL_BEFORE" ] || exit 1`,
      does,
      "status=$?",
      `[ "$calls" != "$KILL_AFTER" ] || kill -9 $PPID`,
      "exit $status",
    ];
    writeFileSync(this.at(`bin/${name}`), `${lines.join("\n")}\n`, { mode: 0o755 });
  }

  /** Sets the host to the state before: an old configuration whose certificate is a symbolic link. */
  reset(): void {
    rmSync(this.root, { recursive: true, force: true });
    rmSync(this.at("systemctl"), { force: true });
    mkdirSync(join(this.root, "etc/nginx"), { recursive: true });
    writeFileSync(join(this.root, "etc/nginx/nginx.conf"), "old");
    writeFileSync(join(this.root, "etc/nginx/old.crt"), "certificate old");
    symlinkSync("old.crt", join(this.root, "etc/nginx/server.crt"));
    writeFileSync(join(this.root, "etc/nginx/server.key"), "key old");
    chmodSync(join(this.root, "etc/nginx/server.key"), 0o600);
  }

  render(content: string): void {
    const host = { name: "nginx-1", files: files(content) };
    rmSync(this.at("out"), { recursive: true, force: true });
    for (const file of host.files) {
      mkdirSync(join(this.at("out"), sourcePath(file), ".."), { recursive: true });
      writeFileSync(join(this.at("out"), sourcePath(file)), file.content!);
    }
    writeFileSync(this.at("out/apply.sh"), applyScript(host), { mode: 0o755 });
  }

  private readonly environment = (kill: Record<string, string>) => ({
    PATH: `${this.at("bin")}:/usr/bin:/bin`,
    KILL_BEFORE: "",
    KILL_AFTER: "",
    ...kill,
  });

  apply(kill: Record<string, string> = {}) {
    writeFileSync(this.at("count"), "0");
    const { status, signal, stderr, stdout } = spawnSync(this.at("out/apply.sh"), ["--root", this.root], {
      env: this.environment(kill),
      encoding: "utf8",
    });
    return { status, signal, stderr, stdout };
  }

  /** Ends the script, and the program that it waits for, after some milliseconds. */
  applyFor(milliseconds: number): Promise<void> {
    writeFileSync(this.at("count"), "0");
    const script = spawn(this.at("out/apply.sh"), ["--root", this.root], {
      env: this.environment({}),
      stdio: "ignore",
      detached: true,
    });
    const timer = setTimeout(() => process.kill(-script.pid!, "SIGKILL"), milliseconds);
    return new Promise((resolve) =>
      script.once("exit", () => {
        clearTimeout(timer);
        resolve();
      }),
    );
  }

  /** Runs the script on a disk with so many kibibytes, and leaves what came of it below the root. */
  applyOnDisk(kibibytes: number) {
    const disk = this.at("disk");
    mkdirSync(disk, { recursive: true });
    writeFileSync(this.at("count"), "0");
    const steps = [
      `mount -t tmpfs -o size=${kibibytes}k tmpfs ${disk}`,
      `cp -a ${this.root}/. ${disk}`,
      `${this.at("out/apply.sh")} --root ${disk}; status=$?`,
      `rm -rf ${this.root}; cp -a ${disk}/. ${this.root}`,
      "exit $status",
    ];
    const env = this.environment({});
    return spawnSync("unshare", ["--mount", "sh", "-c", steps.join("\n")], { env, encoding: "utf8" });
  }

  calls = () => Number(readFileSync(this.at("count"), "utf8"));
  told = () => {
    const told = this.at("systemctl");
    return spawnSync("cat", [told], { encoding: "utf8" }).stdout.trim().split("\n").filter(Boolean);
  };

  /** Every file and link below the root but the lock, with its mode. */
  tree(folder = this.root): Record<string, string> {
    const entries = readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return Object.entries(this.tree(path));
      const name = path.slice(this.root.length);
      if (entry.isSymbolicLink()) return [[name, `-> ${readlinkSync(path)}`]];
      const mode = (lstatSync(path).mode & 0o777).toString(8);
      return [[name, `${mode} ${readFileSync(path, "utf8")}`]];
    });
    return Object.fromEntries(entries.filter(([name]) => name !== "/var/lib/nginx-stacks/lock"));
  }
}

const before = {
  "/etc/nginx/nginx.conf": "644 old",
  "/etc/nginx/old.crt": "644 certificate old",
  "/etc/nginx/server.crt": "-> old.crt",
  "/etc/nginx/server.key": "600 key old",
};
const after = {
  "/etc/nginx-agent/nginx-agent.conf": "644 new",
  "/etc/nginx/nginx.conf": "644 new",
  "/etc/nginx/old.crt": "644 certificate old",
  "/etc/nginx/server.crt": "644 certificate new",
  "/etc/nginx/server.key": "640 key new",
};

/** No file is missing or in parts, whenever the script ends. */
function expectWhole(tree: Record<string, string>): void {
  for (const [path, old] of Object.entries(before))
    expect([old, after[path as keyof typeof after]]).toContain(tree[path]);
}

const host = new Host();

/** Runs the script again after it was killed: all files are new, NGINX and its agent were told, and nothing is left to do. */
function expectFinished(): void {
  expectWhole(host.tree());
  expect(host.apply().status).toBe(0);
  expect(host.tree()).toEqual(after);
  expect(host.told()).toEqual(expect.arrayContaining(["reload-or-restart nginx", "restart nginx-agent"]));
  expect(host.apply()).toEqual({ status: 0, signal: null, stderr: "", stdout: "" });
}

test("killed at each program that it calls, before or after it, the next run finishes", () => {
  host.render("new");
  host.reset();
  host.apply();
  const calls = host.calls();
  expect(calls).toBeGreaterThan(25);
  for (const kill of ["KILL_BEFORE", "KILL_AFTER"])
    for (let call = 1; call <= calls; call++) {
      host.reset();
      expect(host.apply({ [kill]: `${call}` }).signal).toBe("SIGKILL");
      expectFinished();
    }
});

test("killed at any time, the next run finishes", async () => {
  host.render("new");
  for (let run = 0; run < 60; run++) {
    host.reset();
    await host.applyFor((run * 7) % 120);
    expectFinished();
  }
});

test("killed with a configuration that NGINX refuses, the next run takes everything back and says so", () => {
  host.render("broken");
  host.reset();
  expect(host.apply()).toMatchObject({ status: 1, signal: null });
  const calls = host.calls();
  for (let call = 1; call <= calls; call++) {
    host.reset();
    host.apply({ KILL_BEFORE: `${call}` });
    const { status, stderr } = host.apply();
    expect([status, stderr.split("\n").at(-2)]).toEqual([
      1,
      "apply.sh: NGINX refuses its configuration; every file is as it was before",
    ]);
    expect(host.tree()).toEqual(before);
    expect(host.told()).toEqual([]);
  }
});

test("ended by a signal that it can catch, it takes everything back itself", () => {
  host.render("new");
  host.reset();
  host.program("nginx", "kill -TERM $PPID");
  expect(host.apply().status).toBe(1);
  expect(host.tree()).toEqual(before);
  host.program("nginx");
});

const noDisk =
  process.getuid?.() !== 0
    ? "needs root"
    : spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0
      ? undefined
      : "no file system can be mounted here";
(noDisk ? test.skip : test)(`on a full disk, all files are put in place or none${noDisk ? ` (${noDisk})` : ""}`, () => {
  host.render("new");
  const outcomes = [16, 20, 24, 28, 32, 36, 40, 44, 48].map((kibibytes) => {
    host.reset();
    const { status } = host.applyOnDisk(kibibytes);
    expect(host.tree()).toEqual(status === 0 ? after : before);
    return status === 0;
  });
  expect([outcomes[0], outcomes.at(-1)]).toEqual([false, true]);
});

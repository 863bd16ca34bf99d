import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const root = join(__dirname, "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

// The set-up step has built what is packed; building it again here would take it away from tests that run beside this one.
let folder: string;
let tarball: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nginx-stacks-package-"));
  const [packed] = JSON.parse(
    run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], root).replace(/^[^[{]*/, ""),
  );
  tarball = join(folder, packed.filename);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("one copy of each @pulumi package is installed", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const copies = Object.keys(lock.packages).filter((path) => /node_modules\/@pulumi\/[^/]+$/.test(path));
  expect(copies.sort()).toEqual(
    ["kubernetes", "pulumi", "random", "tls"].map((name) => `node_modules/@pulumi/${name}`),
  );
});

test("the tarball is clean under publint and arethetypeswrong", () => {
  run(bin("publint"), [tarball, "--strict"], root);
  // The library is CommonJS for node; "node10" resolution without exports is not promised.
  run(bin("attw"), [tarball, "--profile", "node16"], root);
});

test("the report of the public API is up to date; `npm run api` writes it", () => {
  rmSync(join(root, ".cache/api"), { recursive: true, force: true });
  // Writes the present report, and exits with 1 where it differs from the committed one.
  spawnSync(bin("api-extractor"), ["run", "--config", "api/api-extractor.json"], { cwd: root });
  const report = (folder: string) => readFileSync(join(root, folder, "nginx-stacks.api.md"), "utf8");
  expect(report(".cache/api")).toBe(report("api"));
});

test("every program that NGINX runs is in the tarball, beside the build that reads it and as a source", () => {
  const sources = readdirSync(join(root, "components"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".njs"))
    .map((path) => `components/${path}`);
  expect(sources).toContain("components/mqtt/certificate.njs");
  const packed = run("tar", ["-tzf", tarball], root).split("\n");
  for (const source of sources)
    expect(packed).toEqual(expect.arrayContaining([`package/${source}`, `package/dist/${basename(source)}`]));
});

test("an empty project can install the tarball, type-check three lines and run them", () => {
  const project = mkdtempSync(join(folder, "project-"));
  writeFileSync(join(project, "package.json"), '{ "name": "program", "private": true }');
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { strict: true, module: "nodenext", target: "es2022", skipLibCheck: true } }),
  );
  writeFileSync(
    join(project, "index.ts"),
    `import { Namespace } from "nginx-stacks";
const namespace = new Namespace("mqtt", { defaultDeny: true });
export const name = namespace.name;
`,
  );
  writeFileSync(join(project, "Pulumi.yaml"), "name: program\nruntime: nodejs\n");
  // The dependencies come from the project's own lock file's cache; nothing of ours but the tarball.
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball, "typescript@~6.0.3"], project);
  run(join(project, "node_modules/.bin/tsc"), ["--noEmit", "-p", "."], project);
  run(
    join(project, "node_modules/.bin/nginx-stacks"),
    ["render", ".", "--stack", "dev", "--out", "manifests"],
    project,
  );
  expect(run("ls", [join(project, "manifests")], project)).toMatch(/^\d+-namespace-.*\n\d+-networkpolicy-.*\n$/m);
});

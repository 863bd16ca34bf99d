import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { fieldsOf, Refusal, type Shape } from "../../components/foundation";
import { hasSecret, hosts, manifests, type RunResult, record } from "../../engine";
import { type ComponentClass, exportedComponents as components } from "./exported-components";
import { validArguments } from "./valid-arguments";

type Path = (string | number)[];

/** A text of arguments. */
interface Leaf {
  path: Path;
  /** `true`: its type is marked as a secret. */
  marked: boolean;
  /** `true`: its type takes anything, such as fields of a custom resource. */
  free: boolean;
}

function leavesOf(value: unknown, shape: Shape | undefined, path: Path = []): Leaf[] {
  if (typeof value === "string") {
    // A revision is a keyed digest: marked, so that it is not printed, and meant for annotations.
    const marked = shape?.secret === true && path.at(-1) !== "revision";
    return [{ path, marked, free: shape === undefined || shape.kind === "any" }];
  }
  if (Array.isArray(value)) {
    const of = shape?.kind === "list" ? shape.of : undefined;
    return value.flatMap((entry, index) => leavesOf(entry, of, [...path, index]));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const field = shape?.kind === "object" ? fieldsOf(shape.type).get(key)?.shape : undefined;
    return leavesOf(entry, field ?? (shape?.kind === "record" ? shape.of : undefined), [...path, key]);
  });
}

function withValue(args: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const copy: Record<string | number, unknown> = (Array.isArray(args) ? [...args] : { ...(args as object) }) as never;
  copy[key] = withValue(copy[key], rest, value);
  return copy;
}

const textAt = (args: unknown, path: Path) => path.reduce((value, key) => (value as never)[key], args) as string;

const cases = components.flatMap(([name, component]) =>
  (validArguments[name] ?? []).flatMap((args, index) =>
    leavesOf(args, { kind: "object", type: `${name}Args`, input: false, secret: false }).map((leaf) => ({
      ...{ ...leaf, name, index, component, args },
      where: `${name} ${index}: ${leaf.path.join(".")}`,
    })),
  ),
);

/** Forms of a secret that anyone who may read objects, files or logs could use. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const [base64, hex] = [bytes.toString("base64"), bytes.toString("hex")];
  return [
    ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
    ...[base64.replace(/=+$/, ""), bytes.toString("base64url"), hex, hex.toUpperCase()],
    ...[64, 76].map((columns) => base64.replace(new RegExp(`.{${columns}}`, "g"), "$&\n").replace(/=*\n?$/, "")),
  ];
}

/** Texts in place of a secret, from the hardest one that a component may accept to its own. */
const plantedTexts = (own: string) => {
  const random = randomBytes(24).toString("base64");
  return [`Planted-${random} "ü/+%`, `Planted-${random.replace(/[^A-Za-z0-9]/g, "x")}`, own];
};

/** Runs a component with a secret in a place; a refusal stands for a run. The certificates of some arguments are none outside a preview. */
async function runWith(component: ComponentClass, args: unknown): Promise<RunResult | Refusal> {
  const program = () => void new component("x", args as never);
  try {
    return await record(program).catch((error) => {
      if (error instanceof Refusal) throw error;
      return record(program, { preview: true });
    });
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Files of hosts with secrets in them are none that all users may read. */
function expectClosed(run: RunResult): void {
  const files = hosts(run).flatMap((host) => host.files);
  expect(files.filter(({ secret, mode }) => secret && !/^0[46][04]0$/.test(mode))).toEqual([]);
}

const secretCases = cases.filter(({ marked }) => marked);

test("arguments that are secrets are found by their types", () => {
  const names = new Set(secretCases.map(({ path }) => `${path.at(-1)}`));
  expect([...names].sort()).toMatchInlineSnapshot(`
[
  "connectionString",
  "jwt",
  "license",
  "password",
  "privateKeyPem",
  "statusUsers",
  "statusWriters",
  "token",
]
`);
});

test.each(secretCases)(
  "$where, a secret, stands in no object but Secrets, no open file, no line and no refusal",
  async ({ component, args, path }) => {
    for (const secret of plantedTexts(textAt(args, path))) {
      const run = await runWith(component, withValue(args, path, pulumi.secret(secret)));
      const leaks = (text: string) => formsOf(secret).filter((form) => text.includes(form));
      if (run instanceof Refusal) {
        if (secret.startsWith("Planted-")) expect(leaks(run.message)).toEqual([]);
        continue;
      }
      // Both throw on a secret in the open, whatever its encoding.
      const shown = [...manifests(run, { secrets: "show" }), ...hosts(run, { secrets: "show" })];
      expect(JSON.stringify(shown)).not.toBe("[]");
      const open = manifests(run).filter(({ kind }) => kind !== "Secret");
      const openFiles = hosts(run, { secrets: "show" }).flatMap(({ files }) => files.filter((file) => !file.secret));
      expect(leaks(JSON.stringify([open, openFiles, run.log]))).toEqual([]);
      expectClosed(run);
      return;
    }
    throw new Error("no text was accepted");
  },
);

const words = cases.filter(({ free, path }) => free || path.includes("args"));

test.each(words)("$where takes no secret into the open", async ({ component, args, path }) => {
  const run = await runWith(component, withValue(args, path, pulumi.secret(textAt(args, path))));
  if (run instanceof Refusal) return;
  // Workloads have keyed digests of secrets in annotations.
  const closed = /^kubernetes:(?:core\/v1:Secret|apps\/)|^(?!kubernetes:)/;
  const open = run.requests.filter(({ type, inputs }) => !closed.test(type) && hasSecret(inputs));
  expect(open.map(({ type }) => type)).toEqual([]);
  expectClosed(run);
});

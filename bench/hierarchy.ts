import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PropertyMap, type RecordedRequest, type RunResult, reveal, runProgram } from "../engine";
import { atEnd } from "./clean-up";
import { execute, timed, within } from "./cost";
import { compare, missingPrograms, notMeasured, type Row, seconds } from "./report";
import { assertSameResources } from "./same-resources";
import { stateBytes } from "./state-size";
import { interleave, type RoundLimits } from "./statistics";

export const programs = join(__dirname, "programs");

/** Sizes of the hierarchy. The large one needs no round to warm up: the small ones were it. */
const sizes: [leaves: number, limits: RoundLimits][] = [
  [1, { rounds: 4, seconds: 20 }],
  [10, { rounds: 4, seconds: 20 }],
  [100, { rounds: 2, seconds: 20, warmUp: false }],
];

const labels = { library: "library", flat: "flat program", openssl: "openssl script" };

/** A root, an intermediate and leaves: the library over a flat program, and over an openssl script. */
export async function measureHierarchy(): Promise<Row[]> {
  const missing = missingPrograms("openssl");
  if (missing) return [notMeasured("CA hierarchy", missing)];
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-bench-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const perLeaf = await checkPrograms(folder);
  const rows: Row[] = [];
  for (const [leaves, limits] of sizes) {
    const rounds = await interleave(
      {
        library: () => timed(() => run("library", leaves, folder)),
        flat: () => timed(() => run("flat", leaves, folder)),
        openssl: () => timed(() => runScript(leaves, folder)),
      },
      limits,
    );
    const measure = `CA hierarchy, ${leaves} ${leaves === 1 ? "leaf" : "leaves"}`;
    const wall = { measure, key: "wall", print: seconds };
    rows.push(
      compare(rounds, wall, labels, "library", "flat"),
      compare(
        rounds,
        { measure: `${measure}, processor time`, key: "processor", print: seconds },
        labels,
        "library",
        "flat",
      ),
      compare(rounds, wall, labels, "library", "openssl"),
    );
  }
  return [...rows, perLeaf];
}

/** Both programs make the same resources, and all three certificates that openssl accepts; also says how many bytes of state a leaf is. */
async function checkPrograms(folder: string): Promise<Row> {
  const of = async (form: Form) => ({ one: await run(form, 1, folder), eleven: await run(form, 11, folder) });
  const [library, flat] = [await of("library"), await of("flat")];
  assertSameResources(library.eleven.requests, flat.eleven.requests);
  for (const { one } of [library, flat]) await verify(mkdtempSync(join(folder, "verify-")), written(one.requests));
  await verify(await runScript(1, folder), {});
  const perLeaf = ({ one, eleven }: typeof library) => (stateBytes(eleven.requests) - stateBytes(one.requests)) / 10;
  return stateRow("bytes of state per leaf", perLeaf(library), perLeaf(flat));
}

export type Form = "library" | "flat";

/** A whole run: Node.js started, packages imported, program run, in a state of its own. */
function run(form: Form, leaves: number, folder: string): Promise<RunResult> {
  const program = runProgram({
    folder: join(programs, form),
    stack: "bench",
    config: { leaves: `${leaves}` },
    stateFolder: mkdtempSync(join(folder, "state-")),
  });
  return within(60, `programs/${form} with ${leaves} leaves`, program);
}

async function runScript(leaves: number, folder: string): Promise<string> {
  const out = mkdtempSync(join(folder, "openssl-"));
  await execute("sh", [join(programs, "openssl/hierarchy.sh"), out, `${leaves}`], { timeout: 60_000 });
  return out;
}

/** The contents of the first leaf's Secret. */
function written(requests: RecordedRequest[]): Record<string, string> {
  const secret = requests.find(({ name }) => name === "leaf-1-secret")!;
  return reveal(secret.inputs.data as PropertyMap) as Record<string, string>;
}

async function verify(folder: string, secret: Record<string, string>): Promise<void> {
  const leaf = join(folder, "leaf-1");
  mkdirSync(leaf, { recursive: true });
  for (const [key, content] of Object.entries(secret)) writeFileSync(join(leaf, key), Buffer.from(content, "base64"));
  const chain = join(leaf, "tls.crt");
  for (const purpose of ["sslserver", "sslclient"])
    await execute("openssl", [
      "verify",
      "-x509_strict",
      "-purpose",
      purpose,
      "-CAfile",
      join(leaf, "ca.crt"),
      "-untrusted",
      chain,
      chain,
    ]);
}

export function stateRow(measure: string, library: number, flat: number): Row {
  const bytes = (count: number) => `${Math.round(count)} B`;
  return {
    measure,
    of: labels.library,
    over: labels.flat,
    ratio: (library / flat).toFixed(2),
    values: `${bytes(library)} / ${bytes(flat)}`,
  };
}

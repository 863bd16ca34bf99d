import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { atEnd } from "./clean-up";
import { execute, timed } from "./cost";
import { type Form, programs, stateRow } from "./hierarchy";
import { compare, missingPrograms, notMeasured, type Row, seconds } from "./report";
import { interleave } from "./statistics";

const root = join(__dirname, "..");
const sizes = [1, 10, 100];
const measure = (leaves: number) => `\`pulumi up\`, CA hierarchy, ${leaves} ${leaves === 1 ? "leaf" : "leaves"}`;

/** The same hierarchies by the real engine and its providers, where there is one; Secrets are rendered to files in place of a cluster. */
export async function measurePulumiUp(): Promise<Row[]> {
  const missing = missingPrograms("pulumi");
  if (missing) return [notMeasured("`pulumi up` of the same hierarchies", missing)];
  const rows: Row[] = [];
  const bytes: Record<Form, number[]> = { library: [], flat: [] };
  for (const leaves of sizes) {
    const up = async (form: Form) => {
      const stack = await createStack(form, leaves);
      const sample = await timed(stack.up);
      bytes[form].push((await stack.exportState()).length);
      return sample;
    };
    const rounds = await interleave(
      { library: () => up("library"), flat: () => up("flat") },
      { rounds: 2, seconds: 10, warmUp: leaves === sizes[0] },
    );
    const labels = { library: "library", flat: "flat program" };
    rows.push(compare(rounds, { measure: measure(leaves), key: "wall", print: seconds }, labels, "library", "flat"));
  }
  const perLeaf = (form: Form) => (bytes[form].at(-1)! - bytes[form][0]!) / (sizes.at(-1)! - sizes[0]!);
  return [...rows, stateRow("bytes of exported state per leaf", perLeaf("library"), perLeaf("flat"))];
}

/** A stack with an empty state of its own. The project is copied, since the CLI writes into it. */
async function createStack(form: Form, leaves: number) {
  mkdirSync(join(root, ".cache/bench"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/bench/"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(programs, form), folder, { recursive: true });
  const backend = join(folder, "backend");
  mkdirSync(backend);
  const env = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const pulumi = async (...args: string[]) => {
    const command = [...args, "--stack", "bench", "--non-interactive"];
    return (await execute("pulumi", command, { cwd: folder, env, maxBuffer: 1 << 28, timeout: 120_000 })).stdout;
  };
  await pulumi("stack", "init", "--no-select");
  await pulumi(
    "config",
    "set-all",
    "--plaintext",
    `leaves=${leaves}`,
    "--plaintext",
    `kubernetes:renderYamlToDirectory=${join(folder, "rendered")}`,
  );
  return {
    up: () => pulumi("up", "--yes", "--skip-preview"),
    exportState: () => pulumi("stack", "export"),
  };
}

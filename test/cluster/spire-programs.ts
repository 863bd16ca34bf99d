import { execFile } from "node:child_process";
import { join } from "node:path";
import { goPrograms, moduleMissing } from "../go";

/** Programs of tools/spire. */
export type SpireProgram = "spire-server" | "spire-agent" | "spiffe-helper" | "spire";

export const spireProgram = (program: SpireProgram) => join(goPrograms("spire"), program);

/** Returns `describe` for tests that need the programs of SPIRE, which are built once. */
export function describeSpire(name: string, tests: () => void): void {
  const why = moduleMissing("spire");
  if (why !== undefined) {
    describe.skip(`cluster: ${why}: ${name}`, tests);
    return;
  }
  describe(`cluster: ${name}`, () => {
    // A build from nothing takes minutes.
    beforeAll(() => void goPrograms("spire"), 25 * 60_000);
    tests();
  });
}

/** Runs one of the programs. */
export function runSpire(program: SpireProgram, args: string[], options: { input?: string; env?: object } = {}) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, ...options.env };
    const child = execFile(spireProgram(program), args, { env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? "");
  });
}

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { goMissing, goPrograms } from "./go";

/** Releases whose directive tables nginx-go-crossplane has; "oss" is the newest open-source NGINX. */
export type CrossplaneRelease = "R33" | "R34" | "R35" | "R36" | "R37" | "oss";

/** One configuration to read. */
export interface CrossplaneCase {
  /** Files by absolute path; an `include` sees these and no others. */
  files: Record<string, string>;
  /** The file to start from. @default "/etc/nginx/nginx.conf" */
  main?: string;
  /**
   * Whose directives are known. Those of a dynamic module (njs, OpenTelemetry, GeoIP2) are known only where the
   * configuration loads it with `load_module`, as in NGINX.
   */
  release: CrossplaneRelease;
}

/** A directive or block with its arguments as NGINX reads them: without quotes, escapes resolved. */
export interface CrossplaneNode {
  name: string;
  args: string[];
  /** Present on blocks, empty ones too. */
  block?: CrossplaneNode[];
}

export interface CrossplaneResult {
  /** Every include replaced by what it includes; refused directives are left out. */
  tree: CrossplaneNode[];
  /** Unknown directives, wrong contexts, wrong numbers of arguments, files that are not there. */
  errors: { file: string; line: number; message: string }[];
}

/** Why nginx-go-crossplane cannot run here, or undefined when it can. */
export const crossplaneMissing = goMissing;

/** Reads each configuration strictly. Thousands of cases in one call cost less than a second. */
export function parseStrict(cases: CrossplaneCase[]): CrossplaneResult[] {
  const program = join(goPrograms("crossplane"), "crossplane");
  const input = JSON.stringify(cases.map((one) => ({ main: "/etc/nginx/nginx.conf", ...one })));
  const run = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`crossplane: ${run.error?.message ?? run.stderr.trim()}`);
  return JSON.parse(run.stdout);
}

/** One configuration in one file. */
export function parseStrictFile(content: string, release: CrossplaneRelease): CrossplaneResult {
  return parseStrict([{ files: { "/etc/nginx/nginx.conf": content }, release }])[0]!;
}

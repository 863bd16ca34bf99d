import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const mainFile = "/etc/nginx/nginx.conf";
const root = join(__dirname, "..");

/** One configuration to judge. */
export interface GixyCase {
  /** Files by absolute path; an `include` sees these and no others. */
  files: Record<string, string>;
  /** The file to start from. @default "/etc/nginx/nginx.conf" */
  main?: string;
}

/** What gixy-ng has against a configuration. */
export interface GixyFinding {
  severity: "HIGH" | "MEDIUM" | "LOW" | "UNSPECIFIED";
  /** Its name of the check, such as `weak_ssl_tls`. */
  check: string;
  file: string;
  line: number;
  reason: string;
}

/** Where `npm run setup -- --test` puts gixy-ng: a folder named after its pins. */
function folder(): string {
  const pins = readFileSync(join(root, "tools/gixy/requirements.txt"));
  return join(root, ".cache", `gixy-${createHash("sha256").update(pins).digest("hex").slice(0, 16)}`);
}

/** Why gixy-ng cannot run here, or undefined when it can. */
export const gixyMissing = (): string | undefined =>
  existsSync(join(folder(), "complete"))
    ? undefined
    : "gixy-ng is missing (`node scripts/setup.mjs --test` installs it)";

// gixy-ng answers a file that it cannot read like one without fault. This server is behind the rest of each
// configuration, so that it is found only where all of that was read.
const canary = "gixy-has-read-all-of-it";
const canaryText = `\nhttp { server { server_name ${canary}; server_tokens on; } }\n`;

/** The form of `nginx -T`, the main file first, and the line before the first one of each file. */
function dump({ files, main = mainFile }: GixyCase): { text: string; before: Record<string, number> } {
  const { [main]: first, ...others } = files;
  if (first === undefined) throw new Error(`gixy: there is no ${main}`);
  const before: Record<string, number> = {};
  let text = "";
  for (const [path, content] of Object.entries({ [main]: first + canaryText, ...others })) {
    text += `# configuration file ${path}:\n`;
    before[path] = text.split("\n").length - 1;
    text += `${content}\n`;
  }
  return { text, before };
}

/** Judges each configuration, all in one process. Throws where gixy-ng did not read a configuration to its end. */
export function gixyFindings(cases: GixyCase[]): GixyFinding[][] {
  const dumps = cases.map(dump);
  const requests = dumps.map(({ text }, id) => {
    // It names the main file by the name of the request.
    return JSON.stringify({ id, method: "analyze", filename: cases[id]!.main ?? mainFile, content: text });
  });
  const run = spawnSync(join(folder(), "bin/gixy"), ["--server"], {
    input: requests.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  // A file that is not there, and a directive that it takes out: what it says then is of less than was given.
  const left = run.stderr?.split("\n").filter((line) => /\t(WARNING|ERROR|CRITICAL)\t/.test(line)) ?? [];
  if (run.status !== 0 || left.length > 0)
    throw new Error(`gixy: ${run.error?.message ?? (left.join("\n") || run.stderr)}`);
  const answers = run.stdout.trim().split("\n").slice(1);
  return dumps.map(({ before }, id) => findings(JSON.parse(answers[id]!), id, before));
}

interface Issue {
  severity: GixyFinding["severity"];
  plugin: string;
  file: string;
  line: number;
  reason: string;
  config: string;
}

interface Answer {
  id: number;
  issues: Issue[];
  error: string | null;
}

function findings(answer: Answer, id: number, before: Record<string, number>): GixyFinding[] {
  const isCanary = ({ config }: Issue) => config.includes(canary);
  if (answer.id !== id || answer.error !== null || !answer.issues.some(isCanary))
    throw new Error(`gixy could not read configuration ${id}: ${answer.error ?? "something in it ends its reading"}`);
  return answer.issues
    .filter((issue) => !isCanary(issue))
    .map(({ severity, plugin, file, line, reason }) => ({
      severity,
      check: plugin,
      file,
      line: line - (before[file] ?? 0),
      reason,
    }));
}

/** The findings of one severity, as text. */
export const ofSeverity = (severity: GixyFinding["severity"], all: GixyFinding[]): string[] =>
  all
    .filter((one) => one.severity === severity)
    .map(({ check, file, line, reason }) => `${check}, ${file}:${line}: ${reason}`);

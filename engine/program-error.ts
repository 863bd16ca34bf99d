import { stripVTControlCharacters } from "node:util";
import type { LogLine } from "./deployment";

/** How a program's process ended. */
export interface Ended {
  exitCode: number | null;
  stderr: string[];
}

/** The error of a run that the engine itself did not refuse; undefined where the program ended well. */
export function programError(ended: Ended, log: LogLine[], programFolder: string): Error | undefined {
  const errors = log.filter((line) => line.severity === "error").map((line) => tidy(line.message, programFolder));
  if (errors.length > 0) return new Error([...new Set(errors)].join("\n"));
  if (ended.exitCode === 0) return undefined;
  const said = ended.stderr.length > 0 ? `:\n${tidy(ended.stderr.join("\n"), programFolder)}` : "";
  return new Error(`the program ended with exit code ${ended.exitCode ?? "none (it was stopped)"}${said}`);
}

/** Keeps the message and the stack frames of the user's own code, without colours. */
function tidy(message: string, programFolder: string): string {
  return stripVTControlCharacters(message)
    .split("\n")
    .filter((line) => !/^\s+at /.test(line) || (line.includes(programFolder) && !line.includes("node_modules")))
    .join("\n")
    .trimEnd();
}

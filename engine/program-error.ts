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

const FRAME = /^\s+at /;

/** Keeps the message and the stack frames of the user's own code, without colours and the error's other fields. */
function tidy(message: string, programFolder: string): string {
  const lines = stripVTControlCharacters(message).replace("<ref *1> ", "").split("\n");
  const last = lines.map((line) => FRAME.test(line)).lastIndexOf(true);
  const fields = lines[last]?.endsWith(" {") ? lines.indexOf("}", last) : last;
  return [...lines.slice(0, last + 1), ...lines.slice(fields + 1)]
    .map((line) => (FRAME.test(line) ? line.replace(/ \{$/, "") : line))
    .filter((line) => !FRAME.test(line) || (line.includes(programFolder) && !line.includes("node_modules")))
    .join("\n")
    .trimEnd();
}

import type { LogLine } from "./deployment";

/** Exit of a program's process. */
export interface Ended {
  exitCode: number | null;
  stderr: string[];
}

/** A program that failed, with what it printed before. */
export class ProgramFailure extends Error {
  constructor(
    message: string,
    /** Lines of the program and the SDK, without those of the error itself. */
    readonly log: LogLine[],
    /** Secrets of the config and of resources, which no line may show. */
    readonly secretTexts: readonly string[],
  ) {
    super(message);
  }
}

/** Returns the failure of a run, with the lines that were printed before. */
export const programFailure = ({ message }: Error, log: LogLine[], secretTexts: readonly string[]): ProgramFailure =>
  new ProgramFailure(
    message,
    log.filter((line) => ["info", "warning"].includes(line.severity) && !message.includes(line.message)),
    secretTexts,
  );

/** The error of a run that the engine itself did not refuse; undefined where the program ended well. */
export function programError(ended: Ended, log: LogLine[]): Error | undefined {
  const errors = log.filter((line) => line.severity === "error").map((line) => tidy(line.message));
  if (errors.length > 0) return new Error([...new Set(errors)].join("\n"));
  if (ended.exitCode === 0) return undefined;
  const said = ended.stderr.length > 0 ? `:\n${tidy(ended.stderr.join("\n"))}` : "";
  return new Error(`the program ended with exit code ${ended.exitCode ?? "none (it was stopped)"}${said}`);
}

const FRAME = /^\s+at /;

/** Keeps the message and the stack frames of the user's own code, without the error's other fields. */
function tidy(message: string): string {
  const lines = message.replace("<ref *1> ", "").split("\n");
  const last = lines.map((line) => FRAME.test(line)).lastIndexOf(true);
  const fieldsEnd = lines[last]?.endsWith(" {") ? Math.max(last, lines.indexOf("}", last)) : last;
  return [...lines.slice(0, last + 1), ...lines.slice(fieldsEnd + 1)]
    .map((line) => (FRAME.test(line) ? line.replace(/ \{$/, "") : line))
    .filter((line) => !FRAME.test(line) || !/node_modules|node:/.test(line))
    .join("\n")
    .trimEnd();
}

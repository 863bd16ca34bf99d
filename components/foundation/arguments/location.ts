import { basename, dirname, relative, sep } from "node:path";

/** Path that the library's own files begin with: its folder of sources, or the one file of its build. */
const library = basename(__dirname) === "arguments" ? dirname(dirname(__dirname)) + sep : __filename;
/** Frames between a component of the library and the program that uses it. */
const depth = 40;

/** The line of the user's program that constructs a component; it is looked up only when there is something to report. */
export class UserLocation {
  private readonly trace: { stack?: string } = {};

  constructor() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = depth;
    Error.captureStackTrace(this.trace, UserLocation);
    Error.stackTraceLimit = limit;
  }

  /** Returns `file:line:column`, or undefined where no program of the user's is on the stack, as in a plugin. */
  describe(): string | undefined {
    const places = (this.trace.stack ?? "").split("\n").map((line) => /([^\s(]+):(\d+):(\d+)\)?$/.exec(line));
    const place = places.find((found) => found && isUserFile(found[1]!));
    if (!place) return undefined;
    const file = place[1]!.replace(/^file:\/\//, "");
    const short = relative(process.cwd(), file);
    return `${short.startsWith("..") ? file : short}:${place[2]}:${place[3]}`;
  }
}

function isUserFile(place: string): boolean {
  const file = place.replace(/^file:\/\//, "");
  return !file.startsWith("node:") && !file.includes(`${sep}node_modules${sep}`) && !file.startsWith(library);
}

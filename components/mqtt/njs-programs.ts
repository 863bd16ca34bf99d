import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Reads an njs program: `connect.njs`, `certificate.njs`. They are beside this file, and beside the one file of the build. */
export const readProgram = (program: string) => readFileSync(join(__dirname, program), "utf8");

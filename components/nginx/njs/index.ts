import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns the text of an njs program.
 *
 * @param folder `__dirname` of the caller: the folder of its source, or of the one file of the build, beside which all programs lie
 */
export const readProgram = (folder: string, name: string): string => readFileSync(join(folder, name), "utf8");

/** Returns the text of an njs program that calls `clientName`, after the functions that read certificates. */
export const readCertificateProgram = (folder: string, name: string): string =>
  `${readProgram(__dirname, "certificate-reader.njs")}\n${readProgram(folder, name)}`;

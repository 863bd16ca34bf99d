import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

// Debian has NGINX and mosquitto in a folder that is on root's PATH only.
export const searchPath = [process.env.PATH, "/usr/sbin"].join(delimiter);

/** Says which of these programs is not installed; undefined when all are. Tests that need them carry it in their name when skipped. */
export function missingPrograms(...programs: string[]): string | undefined {
  const absent = programs.filter(
    (program) => !searchPath.split(delimiter).some((folder) => existsSync(join(folder, program))),
  );
  return absent.length > 0 ? `missing: ${absent.join(", ")}` : undefined;
}

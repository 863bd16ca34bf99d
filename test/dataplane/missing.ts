import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];

/** Says which of these programs is not installed; undefined when all are. Tests that need them carry it in their name when skipped. */
export function missingPrograms(...programs: string[]): string | undefined {
  const absent = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return absent.length > 0 ? `missing: ${absent.join(", ")}` : undefined;
}

import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

// Debian has NGINX and mosquitto in a folder that is on root's PATH only.
export const searchPath = [process.env.PATH, "/usr/sbin"].join(delimiter);

/** Returns the path of a program; undefined if it is not installed. */
const find = (program: string) =>
  searchPath
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));

/** Says which of these programs is not installed; undefined when all are. Tests that need them carry it in their name when skipped. */
export function missingPrograms(...programs: string[]): string | undefined {
  const absent = programs.filter((program) => find(program) === undefined);
  return absent.length > 0 ? `missing: ${absent.join(", ")}` : undefined;
}

/** Folder with the modules of Debian's own NGINX. */
export const debianModules = "/usr/lib/nginx/modules";

/** Returns the folder with NGINX's modules: beside the program where it is not one of the system's. */
export function nginxModules(): string {
  const beside = join(dirname(find("nginx") ?? ""), "modules");
  return existsSync(beside) ? beside : debianModules;
}

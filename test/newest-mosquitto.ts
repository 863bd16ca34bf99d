import { debianRoot, debianRootMissing } from "./debian-root";
import { newestSuite } from "./newest-nginx";

/** Returns why mosquitto 2.1 cannot run on this machine, or undefined. */
export const newestMosquittoMissing = (): string | undefined =>
  process.arch === "x64" ? debianRootMissing() : `the program is for x64, and this is ${process.arch}`;

/** Returns the command that runs mosquitto 2.1, with the libraries of its own suite. */
export function newestMosquitto(): [command: string, ...args: string[]] {
  const root = debianRoot("mosquitto-newest", newestSuite, ["mosquitto"]);
  const libraries = `${root}/usr/lib/x86_64-linux-gnu`;
  return [`${root}/lib64/ld-linux-x86-64.so.2`, "--library-path", libraries, `${root}/usr/sbin/mosquitto`];
}

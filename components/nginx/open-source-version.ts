import type { Refuser } from "../foundation";
import { Edition } from "./edition";

/** Major, minor and patch. */
export type OpenSourceVersion = [number, number, number];

/** Reads a version of open-source NGINX, `1.22.1`; undefined when it is none. */
function readOpenSourceVersion(text: string): OpenSourceVersion | undefined {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) ? (text.split(".").map(Number) as OpenSourceVersion) : undefined;
}

/** Whether a version of open-source NGINX, as text, is this one or a later one. */
export function isFromVersion(text: string, from: OpenSourceVersion): boolean {
  const version = readOpenSourceVersion(text) ?? [0, 0, 0];
  const index = version.findIndex((part, position) => part !== from[position]);
  return index < 0 || version[index]! > from[index]!;
}

/** Whether there is the directive `http2`: it came with 1.25.1, on which every supported NGINX Plus stands. */
export function hasHttp2Directive(edition: Edition, openSourceVersion?: string): boolean {
  return edition === Edition.plus || openSourceVersion === undefined || isFromVersion(openSourceVersion, [1, 25, 1]);
}

/** Refuses a version that is none, or one before 1.19.4; `lacks` says what such a one cannot do. */
export function checkOpenSourceVersion(refuse: Refuser, property: string, text: string, lacks: string): void {
  if (readOpenSourceVersion(text) === undefined)
    refuse(property, `is ${JSON.stringify(text)}`, "write the three numbers: 1.30.4");
  if (!isFromVersion(text, [1, 19, 4])) refuse(property, `is ${text}, which ${lacks}`, "use 1.19.4 or later");
}

/** Refuses a version of open-source NGINX beside NGINX Plus, or beside an image whose version is known. */
export function checkVersionOfImage(
  refuse: Refuser,
  {
    edition = Edition.plus,
    image,
    openSourceVersion: text,
  }: { edition?: Edition; image?: unknown; openSourceVersion?: string },
  lacks: string,
): void {
  if (text === undefined) return;
  if (edition === Edition.plus)
    refuse(
      "openSourceVersion",
      "is not about NGINX Plus",
      'leave it out, or use edition "oss": release says it for Plus',
    );
  if (image === undefined)
    refuse("openSourceVersion", "is given without image", "leave it out: the version of the default image is known");
  checkOpenSourceVersion(refuse, "openSourceVersion", text, lacks);
}

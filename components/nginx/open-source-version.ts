import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import { isAtLeast } from "../versions";
import { Edition } from "./edition";

/** Major, minor and patch. */
export type OpenSourceVersion = [number, number, number];

/** Version of open-source NGINX in the default image: the newest stable release. */
export const defaultOpenSourceVersion = "1.30.7";

/** Reads a version of open-source NGINX, `1.22.1`; undefined for another text. */
function readOpenSourceVersion(text: string): OpenSourceVersion | undefined {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) ? (text.split(".").map(Number) as OpenSourceVersion) : undefined;
}

/** Returns whether a version of open-source NGINX, as text, is this one or a later one. */
export function isFromVersion(text: string, from: OpenSourceVersion): boolean {
  return readOpenSourceVersion(text) !== undefined && isAtLeast(text, from.join("."));
}

/** Returns the version in the tag of an image; undefined where there is none, or it is known later. */
export const imageVersion = (image: Input<string> | undefined): string | undefined =>
  typeof image === "string" ? /:v?(\d+\.\d+\.\d+)(?![.\d])[^:/]*$/.exec(image)?.[1] : undefined;

/** Returns whether a version of open-source NGINX resolves the names of an upstream again while it runs: `server … resolve`. */
export const resolvesAgain = (version: string): boolean => isFromVersion(version, [1, 27, 3]);

/** Returns a host with the domain of the cluster where it ends in `.svc`: NGINX's resolver has no search list. */
export const completeServiceHost = (host: string, clusterDomain: string): string =>
  host.endsWith(".svc") ? `${host}.${clusterDomain}` : host;

/** Returns whether there is the directive `http2`: it came with 1.25.1, on which every supported NGINX Plus stands. */
export function hasHttp2Directive(edition: Edition, openSourceVersion?: string): boolean {
  return edition === Edition.plus || openSourceVersion === undefined || isFromVersion(openSourceVersion, [1, 25, 1]);
}

/** Checks a version of open-source NGINX; `lacks` says what one before 1.19.4 cannot do. */
export function checkNginxVersion(version: Argument<string | undefined>, lacks: string): void {
  if (version.value === undefined) return;
  if (readOpenSourceVersion(version.value) === undefined)
    version.refuse(`is ${JSON.stringify(version.value)}`, "write the three numbers: 1.30.7");
  else if (!isFromVersion(version.value, [1, 19, 4]))
    version.refuse(`is ${version.value}, which ${lacks}`, "use 1.19.4 or later");
}

/** Arguments that say which version of open-source NGINX an image has. */
export interface VersionedImage {
  edition?: Edition;
  image?: Input<string>;
  openSourceVersion?: string;
}

/** Checks that a version of open-source NGINX is given for open-source NGINX, and beside an image whose version is not known. */
export function checkImageVersion(argument: Argument<VersionedImage>, lacks: string): void {
  const { edition = Edition.plus, image, openSourceVersion } = argument.value;
  const version = argument.field("openSourceVersion");
  if (openSourceVersion === undefined) return;
  if (edition === Edition.plus)
    version.refuse("is not about NGINX Plus", 'remove it, or use edition "oss": release says it for Plus');
  else if (image === undefined)
    version.refuse("is given without image", "remove it: the version of the default image is known");
  checkNginxVersion(version, lacks);
}

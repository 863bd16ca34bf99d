import type { Argument } from "../foundation";
import type { NginxPlusArgs } from "./nginx-plus-args";

/** A release of NGINX Plus. */
export interface PlusRelease {
  /** Its name in the release notes, without the patch: `R36`, `PLS.37.0`. */
  name: string;
  /** The open-source NGINX that it is built on. */
  engine: string;
  /** Tag of its image in F5's registry; undefined when the registry has dropped it. */
  tag?: string;
  /** `mgmt` can report usage through an HTTP proxy (`proxy`, `proxy_username`, `proxy_password`). */
  managementProxy: boolean;
  /** First patch with the fix of CVE-2026-60065; undefined when there is none. */
  firstPatched?: number;
}

/**
 * The releases of NGINX Plus that need a licence file, oldest first. From docs.nginx.com/nginx/releases; the directives are those of
 * NGINX's own tables.
 *
 * F5's registry keeps the two most recent releases, tagged by release and operating system, each tag rebuilt for every patch.
 */
export const plusReleases: readonly PlusRelease[] = [
  { name: "R33", engine: "1.27.2", managementProxy: false },
  { name: "R34", engine: "1.27.4", managementProxy: true },
  { name: "R35", engine: "1.29.0", managementProxy: true },
  { name: "R36", engine: "1.29.3", managementProxy: true, tag: "r36-debian", firstPatched: 7 },
  { name: "PLS.37.0", engine: "1.29.8", managementProxy: true, tag: "r37.0-debian", firstPatched: 3 },
  // Continuous releases, each without patches. Their engine is taken to be at least that of the long-term release before.
  { name: "PLS.37.1", engine: "1.29.8", managementProxy: true, firstPatched: 0 },
  { name: "PLS.37.2", engine: "1.29.8", managementProxy: true, firstPatched: 0 },
  { name: "PLS.37.3", engine: "1.29.8", managementProxy: true, firstPatched: 0 },
];

/** Newest patch of the newest long-term release. */
export const defaultRelease = "PLS.37.0.8.1";

/** Forms of a release, for a message. */
export const releaseNames = `one of ${plusReleases.map(({ name }) => name).join(", ")}, with its patch: R36 P8, ${defaultRelease}`;

/** Reads a release with its patch (`R36 P8`, `PLS.37.0.8.1`); undefined for an unknown one. */
export function readRelease(text: string): { release: PlusRelease; patched: boolean } | undefined {
  const [, name, patch = "0"] = /^(R\d+)(?: P(\d+))?$/.exec(text) ?? /^(PLS\.\d+\.\d+)\.(\d+)\.\d+$/.exec(text) ?? [];
  const release = plusReleases.find((one) => one.name === name);
  return release && { release, patched: Number(patch) >= (release.firstPatched ?? Number.POSITIVE_INFINITY) };
}

/** Checks the release of NGINX Plus and its image, and returns the release; undefined where it is not known. */
export function resolveRelease(argument: Argument<NginxPlusArgs>): PlusRelease | undefined {
  const { release: text = defaultRelease, unsafeAllowVulnerableRelease, image } = argument.value;
  const read = readRelease(text);
  if (read === undefined) {
    argument.field("release").refuse(`is ${JSON.stringify(text)}`, `write ${releaseNames}`);
    return undefined;
  }
  const { release, patched } = read;
  if (!patched && !unsafeAllowVulnerableRelease)
    argument
      .field("release")
      .refuse(
        `is ${text}, in whose MQTT filter anyone who can connect reads beyond a buffer and restarts workers (CVE-2026-60065)`,
        `write ${defaultRelease} or later (or, knowing this, unsafeAllowVulnerableRelease: true)`,
      );
  if (release.tag === undefined && image === undefined)
    argument
      .field("image")
      .refuse(
        `is missing: F5's registry has no image of ${release.name} that is known here`,
        "write the name of an image with it",
      );
  return release;
}

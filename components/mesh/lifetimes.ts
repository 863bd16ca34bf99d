import type { Argument } from "../foundation";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Default lives of certificates and JSON Web Tokens in seconds: SPIRE's own. */
export const defaultLifetimes = { caTtlSeconds: day, svidTtlSeconds: hour, jwtSvidTtlSeconds: 5 * minute } as const;

/** Below this an agent, which asks every five seconds, would do little else than renew. */
const minimumSvid = minute;
/** SPIRE prepares a CA when half of the last one's life is left, and activates it when a sixth is; so no SVID outlives its CA by that. */
const caShare = 6;
/** SPIRE's maximum, whatever the CA. */
const maximumSvid = 7 * day;
const maximumCa = 10 * 365 * day;

/** Returns the longest life of an SVID that a CA of this lifetime can always give in full. */
export const longestSvid = (caTtlSeconds: number) => Math.min(Math.floor(caTtlSeconds / caShare), maximumSvid);

/** Lifetimes in a trust domain, in seconds. */
export interface MeshLifetimes {
  /** Life of the CA of SPIRE (`ca_ttl`). @default 86400 */
  caTtlSeconds?: number;
  /** Life of the certificate of a workload (`default_x509_svid_ttl`), at most a sixth of the CA's and 7 days. @default 3600 */
  svidTtlSeconds?: number;
  /** Life of a JSON Web Token of a workload (`default_jwt_svid_ttl`), at most a sixth of the CA's and 7 days. @default 300 */
  jwtSvidTtlSeconds?: number;
}

/** Returns the lifetimes with their defaults. They are checked against each other: SPIRE only warns, and then issues certificates that live shorter. */
export function resolveLifetimes(argument: Argument<MeshLifetimes | undefined>): Required<MeshLifetimes> {
  const {
    caTtlSeconds = defaultLifetimes.caTtlSeconds,
    svidTtlSeconds = defaultLifetimes.svidTtlSeconds,
    jwtSvidTtlSeconds = defaultLifetimes.jwtSvidTtlSeconds,
  } = argument.value ?? {};
  const ca = argument.field("caTtlSeconds");
  ca.integer(caShare * minimumSvid, maximumCa);
  checkSvidTtl(argument.field("svidTtlSeconds"), svidTtlSeconds, caTtlSeconds);
  checkSvidTtl(argument.field("jwtSvidTtlSeconds"), jwtSvidTtlSeconds, caTtlSeconds);
  return { caTtlSeconds, svidTtlSeconds, jwtSvidTtlSeconds };
}

/** Checks how long an SVID lives, its default included, against the life of the CA that signs it. */
export function checkSvidTtl(
  argument: Argument<number | undefined>,
  seconds: number | undefined,
  caTtlSeconds: number,
): void {
  argument.integer(minimumSvid, maximumSvid);
  const sound = caTtlSeconds >= caShare * minimumSvid && seconds !== undefined && seconds <= maximumSvid;
  if (sound && seconds > longestSvid(caTtlSeconds))
    argument.refuse(
      `is ${seconds}, more than a sixth of caTtlSeconds, ${caTtlSeconds}`,
      `write at most ${longestSvid(caTtlSeconds)}, or lengthen the CA's life: SPIRE would issue shorter ones, and only warn`,
    );
}

/** Returns a time in seconds as SPIRE, written in Go, reads it. */
export const duration = (seconds: number) => `${seconds}s`;

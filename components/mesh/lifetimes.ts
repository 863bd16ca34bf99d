import type { Argument } from "../foundation";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Default lifetimes of certificates and JSON Web Tokens in seconds, the same as SPIRE's. */
export const defaultLifetimes = { caTtlSeconds: day, svidTtlSeconds: hour, jwtSvidTtlSeconds: 5 * minute } as const;

/** Minimum lifetime of an SVID. Agents synchronize every five seconds, so that shorter ones would be renewed without pause. */
const minimumSvid = minute;
/** Share of its life that a CA has left when SPIRE activates the next one: a sixth. A longer SVID could outlive its CA. */
const caShare = 6;
/** Maximum lifetime of an SVID in SPIRE, for any CA. */
const maximumSvid = 7 * day;
const maximumCa = 10 * 365 * day;

/** Returns the maximum lifetime of SVIDs that a CA of this lifetime can always issue in full. */
export const maximumSvidTtl = (caTtlSeconds: number) => Math.min(Math.floor(caTtlSeconds / caShare), maximumSvid);

/** Lifetimes of certificates and tokens in a trust domain, in seconds. */
export interface MeshLifetimes {
  /** Lifetime of SPIRE's CA (`ca_ttl`). @default 86400 */
  caTtlSeconds?: number;
  /** Lifetime of a workload's certificate (`default_x509_svid_ttl`), at most a sixth of the CA's and 7 days. @default 3600 */
  svidTtlSeconds?: number;
  /** Lifetime of a workload's JSON Web Token (`default_jwt_svid_ttl`), at most a sixth of the CA's and 7 days. @default 300 */
  jwtSvidTtlSeconds?: number;
}

/** Returns the lifetimes with their defaults, checked against each other: SPIRE would only warn, and issue certificates with a shorter lifetime. */
export function resolveLifetimes(argument: Argument<MeshLifetimes | undefined>): Required<MeshLifetimes> {
  const {
    caTtlSeconds = defaultLifetimes.caTtlSeconds,
    svidTtlSeconds = defaultLifetimes.svidTtlSeconds,
    jwtSvidTtlSeconds = defaultLifetimes.jwtSvidTtlSeconds,
  } = argument.value ?? {};
  argument.integers({ caTtlSeconds: [caShare * minimumSvid, maximumCa] });
  checkSvidTtl(argument.field("svidTtlSeconds"), svidTtlSeconds, caTtlSeconds);
  checkSvidTtl(argument.field("jwtSvidTtlSeconds"), jwtSvidTtlSeconds, caTtlSeconds);
  return { caTtlSeconds, svidTtlSeconds, jwtSvidTtlSeconds };
}

/** Checks the lifetime of an SVID, also the default one, against that of its CA. */
export function checkSvidTtl(
  argument: Argument<number | undefined>,
  seconds: number | undefined,
  caTtlSeconds: number,
): void {
  argument.integer(minimumSvid, maximumSvid);
  const sound = caTtlSeconds >= caShare * minimumSvid && seconds !== undefined && seconds <= maximumSvid;
  if (sound && seconds > maximumSvidTtl(caTtlSeconds))
    argument.refuse(
      `is ${seconds}, more than a sixth of caTtlSeconds, ${caTtlSeconds}`,
      `write at most ${maximumSvidTtl(caTtlSeconds)}, or increase caTtlSeconds: SPIRE would only warn, and issue certificates with a shorter lifetime`,
    );
}

/** Returns a duration as Go reads it. */
export const duration = (seconds: number) => `${seconds}s`;

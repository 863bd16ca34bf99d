import { checkInteger, type Refuser } from "../foundation";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** How long certificates live unless told otherwise, in seconds: SPIRE's own defaults, and for JSON Web Tokens too. */
export const defaultLifetimes = { caTtlSeconds: day, svidTtlSeconds: hour, jwtSvidTtlSeconds: 5 * minute } as const;

/** Below this an agent, which asks every five seconds, would do little else than renew. */
const leastSvid = minute;
/** SPIRE prepares a CA when half of the last one's life is left, and activates it when a sixth is; so no SVID outlives its CA by that. */
const caShare = 6;
/** What SPIRE takes as the most, whatever the CA. */
const mostSvid = 7 * day;
const mostCa = 10 * 365 * day;

/** The longest life of an SVID that a CA of this lifetime can always give in full. */
export const longestSvid = (caTtlSeconds: number) => Math.min(Math.floor(caTtlSeconds / caShare), mostSvid);

/** Lifetimes in a trust domain, in seconds. */
export interface MeshLifetimes {
  /** Life of the CA of SPIRE (`ca_ttl`). @default 86400, a day */
  caTtlSeconds?: number;
  /** Life of the certificate of a workload (`default_x509_svid_ttl`), at most a sixth of the CA's and 7 days. @default 3600, an hour */
  svidTtlSeconds?: number;
  /** Life of a JSON Web Token of a workload (`default_jwt_svid_ttl`), at most a sixth of the CA's and 7 days. @default 300, five minutes */
  jwtSvidTtlSeconds?: number;
}

/** Checks the lifetimes against each other: SPIRE only warns, and then issues certificates that live shorter than was asked. */
export function checkLifetimes(refuse: Refuser, path: string, lifetimes: MeshLifetimes): Required<MeshLifetimes> {
  const { caTtlSeconds, svidTtlSeconds, jwtSvidTtlSeconds } = { ...defaultLifetimes, ...given(lifetimes) };
  checkInteger(refuse, `${path}caTtlSeconds`, caTtlSeconds, caShare * leastSvid, mostCa);
  checkSvidTtl(refuse, `${path}svidTtlSeconds`, svidTtlSeconds, caTtlSeconds);
  checkSvidTtl(refuse, `${path}jwtSvidTtlSeconds`, jwtSvidTtlSeconds, caTtlSeconds);
  return { caTtlSeconds, svidTtlSeconds, jwtSvidTtlSeconds };
}

/** Checks how long an SVID is to live, against the life of the CA that signs it. */
export function checkSvidTtl(refuse: Refuser, property: string, seconds: number, caTtlSeconds: number): void {
  checkInteger(refuse, property, seconds, leastSvid, mostSvid);
  if (seconds > longestSvid(caTtlSeconds))
    refuse(
      property,
      `is ${seconds}, more than a sixth of caTtlSeconds, ${caTtlSeconds}`,
      `write at most ${longestSvid(caTtlSeconds)}, or lengthen the CA's life: SPIRE would issue shorter ones, and only warn`,
    );
}

const given = (lifetimes: MeshLifetimes) =>
  Object.fromEntries(Object.entries(lifetimes).filter(([, seconds]) => seconds !== undefined)) as MeshLifetimes;

/** A time in seconds as SPIRE, written in Go, reads it. */
export const duration = (seconds: number) => `${seconds}s`;

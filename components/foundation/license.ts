import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "./arguments";
import { mapInputs } from "./inputs";

/** Contents of a JSON Web Token from MyF5. All but `token` may be shown. */
export interface License {
  /** The token without surrounding whitespace. */
  token: string;
  /** The `sub` claim, or "". */
  subject: string;
  /** The `iat` claim as an RFC 3339 time, or "". */
  issuedAt: string;
  /** The `exp` claim as an RFC 3339 time, or "". */
  expiresAt: string;
  /** Warning about the time that is left. */
  warnings: string[];
}

const day = 24 * 60 * 60;
/** Time for which NGINX Plus still starts with an expired licence. */
const graceDays = 90;
const warnDays = 30;
/** 9999-12-31T23:59:59Z, the last time that RFC 3339 can write. */
const lastSecond = 253402300799;

/**
 * Reads a licence at once when the token is plain, otherwise in one apply that refuses with the same error.
 *
 * The clock decides about warnings and the refusal only, never about an output.
 */
export function readLicenseInput(
  refuse: Refuser,
  property: string,
  jwt: pulumi.Input<string>,
  now = new Date(),
): pulumi.Output<License> {
  return pulumi.secret(mapInputs({ jwt }, (texts) => readLicense(refuse, property, texts.jwt ?? "", now)));
}

/** Tells the user, in the log, what is to be said about the time that is left. */
export function warnAboutLicense(license: pulumi.Output<License>, component: string, resource: pulumi.Resource): void {
  license.apply(({ warnings }) => {
    for (const warning of warnings) void pulumi.log.warn(`${component}: ${warning}`, resource);
  });
}

/** Reads a licence as it is at `now`. The signature is not checked: only F5 has the key that decides. */
export function readLicense(refuse: Refuser, property: string, jwt: string, now: Date): License {
  const token = jwt.trim();
  if (token === "") refuse(property, "is empty", "write the contents of the license.jwt file from MyF5");
  if (/^(\.{0,2}\/|~|[A-Za-z]:[\\/]|\\\\|file:)|\.jwt$/i.test(token))
    refuse(property, "is a path", 'write the contents of the file, for example `readFileSync("license.jwt", "utf8")`');
  if (/\s/.test(token)) refuse(property, "has whitespace inside", "write the token as one line, as it was downloaded");
  const parts = token.split(".");
  if (parts.length !== 3)
    refuse(
      property,
      `has ${parts.length} ${parts.length === 1 ? "part" : "parts"} between dots`,
      "write the whole token: a header, a payload and a signature",
    );
  const [header = "", payload = "", signature = ""] = parts;
  for (const [part, text] of Object.entries({ header, payload, signature }))
    if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1)
      refuse(property, `has a ${part} that is not base64url`, "write the whole token, without quotes or padding");
  readObject(refuse, property, "header", header);
  const claims = readObject(refuse, property, "payload", payload);
  const issuedAt = readTime(refuse, property, "iat", claims.iat);
  const expiresAt = readTime(refuse, property, "exp", claims.exp);
  return {
    token,
    subject: typeof claims.sub === "string" ? claims.sub : "",
    issuedAt: rfc3339(issuedAt),
    expiresAt: rfc3339(expiresAt),
    warnings: timeLeft(refuse, property, expiresAt, now),
  };
}

function readObject(refuse: Refuser, property: string, part: string, text: string): Record<string, unknown> {
  const value = parseJson(Buffer.from(text, "base64url").toString());
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse(
      property,
      `has a ${part} that is not a JSON object`,
      "write the JSON Web Token from MyF5, not another token",
    );
  return value as Record<string, unknown>;
}

/** JSON, or undefined: the parser's own error would quote the token. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A NumericDate of RFC 7519, or undefined when the claim is absent. */
function readTime(refuse: Refuser, property: string, claim: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || value < 0 || value > lastSecond)
    refuse(
      property,
      `has an ${claim} claim that is not a number of seconds since 1970`,
      "write the token as it was downloaded from MyF5",
    );
  return value as number;
}

function rfc3339(seconds: number | undefined): string {
  return seconds === undefined ? "" : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

function timeLeft(refuse: Refuser, property: string, expiresAt: number | undefined, now: Date): string[] {
  if (expiresAt === undefined)
    return [`${property} has no exp claim, so nothing here can tell when NGINX Plus will stop accepting it`];
  const days = (expiresAt - now.getTime() / 1000) / day;
  const renew = "download a renewed token from MyF5";
  if (days < -graceDays)
    refuse(
      property,
      `expired at ${rfc3339(expiresAt)}, more than ${graceDays} days ago: NGINX Plus does not start`,
      renew,
    );
  if (days <= 0)
    return [
      `${property} expired at ${rfc3339(expiresAt)}; NGINX Plus starts until ${rfc3339(expiresAt + graceDays * day)}: ${renew}`,
    ];
  if (days < warnDays) return [`${property} expires at ${rfc3339(expiresAt)}, in less than ${warnDays} days: ${renew}`];
  return [];
}

import { randomBytes } from "node:crypto";

/** A JSON Web Token of the shape that MyF5 gives out, signed with nothing that matters. */
export function jsonWebToken(claims: object, header: object = { alg: "RS256", typ: "JWT" }): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.${randomBytes(256).toString("base64url")}`;
}

/** Now and some days, as a NumericDate. */
export function inDays(days: number, now = new Date()): number {
  return Math.floor(now.getTime() / 1000) + days * 24 * 60 * 60;
}

/** A token that is good for a year. */
export function goodToken(): string {
  return jsonWebToken({ sub: "subscription-1", iat: inDays(-1), exp: inDays(365) });
}

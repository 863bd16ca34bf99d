import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { refuser } from "../../../components/foundation";
import { readLicense } from "../../../components/foundation/license";
import { inDays, jsonWebToken } from "./token";

const now = new Date("2030-01-01T00:00:00Z");
const read = (jwt: string) => readLicense(refuser("LicenseSecret", "edge"), "jwt", jwt, now);

test("a licence says whose it is and from when to when", () => {
  const token = jsonWebToken({ sub: "A-S00012345", iat: 1767225600, exp: inDays(365, now) });
  expect(read(`\n  ${token}\r\n`)).toEqual({
    token,
    subject: "A-S00012345",
    issuedAt: "2026-01-01T00:00:00Z",
    expiresAt: "2031-01-01T00:00:00Z",
    warnings: [],
  });
});

test("claims that are absent are empty, and a licence without an end is warned about", () => {
  const token = jsonWebToken({});
  expect(read(token)).toEqual({
    token,
    subject: "",
    issuedAt: "",
    expiresAt: "",
    warnings: ["jwt has no exp claim, so nothing here can tell when NGINX Plus will stop accepting it"],
  });
});

describe("the time that is left", () => {
  const warnings = (exp: number) => read(jsonWebToken({ exp })).warnings;
  const expires = "jwt expires at 2030-01-30T23:59:59Z, in less than 30 days: download a renewed token from MyF5";
  const grace = (end: string, last: string) => [
    `jwt expired at ${end}; NGINX Plus starts until ${last}: download a renewed token from MyF5`,
  ];
  test.each([
    ["30 days", inDays(30, now), []],
    ["a second less than 30 days", inDays(30, now) - 1, [expires]],
    ["none: the grace begins", inDays(0, now), grace("2030-01-01T00:00:00Z", "2030-04-01T00:00:00Z")],
    ["the last second of the grace", inDays(-90, now), grace("2029-10-03T00:00:00Z", "2030-01-01T00:00:00Z")],
  ])("%s", (_, exp, expected) => expect(warnings(exp)).toEqual(expected));

  test("none, and no grace either", () =>
    expect(() => warnings(inDays(-90, now) - 1)).toThrow(
      'LicenseSecret "edge": jwt expired at 2029-10-02T23:59:59Z, more than 90 days ago: NGINX Plus does not start; download a renewed token from MyF5',
    ));
});

test("whatever text is given, what comes back is a licence or a refusal that says nothing of it", () => {
  const base64url = fc.stringMatching(/^[A-Za-z0-9_-]{4,60}$/);
  const json = fc.json().map((text) => Buffer.from(text).toString("base64url"));
  const part = fc.oneof(base64url, json, fc.string());
  const token = fc.oneof(
    fc.string(),
    fc.tuple(part, part, part).map((parts) => parts.join(".")),
  );
  fc.assert(
    fc.property(token, (text) => {
      try {
        expect(read(text).token).toBe(text.trim());
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(pulumi.InputPropertiesError);
        const { message } = thrown as Error;
        for (const piece of text.split(/[\s.]+/).filter(({ length }) => length > 9))
          expect(message).not.toContain(piece);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["an end in milliseconds", { exp: inDays(365, now) * 1000 }, "exp"],
  ["an end as a text", { exp: "1893456000" }, "exp"],
  ["an end before 1970", { exp: -1 }, "exp"],
  ["a beginning that is null", { iat: null }, "iat"],
])("%s is no NumericDate", (_, claims, claim) =>
  expect(() => read(jsonWebToken(claims))).toThrow(
    `LicenseSecret "edge": jwt has an ${claim} claim that is not a number of seconds since 1970; write the token as it was downloaded from MyF5`,
  ),
);

test.each([
  "/etc/nginx/license.jwt",
  "./token",
  "../token",
  "~/token",
  "C:\\keys\\token",
  "c:/keys/token",
  "\\\\host\\share",
  "file:///token",
  "my token.jwt",
  "license.JWT",
])("%s is a path", (path) =>
  expect(() => read(path)).toThrow('LicenseSecret "edge": jwt is a path; write the contents of the file'),
);

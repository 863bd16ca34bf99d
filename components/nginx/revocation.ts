import type { Argument, Format } from "../foundation";
import { directive, evaluatedBlock, mapEntry, type NginxConfigNode } from "./conf";

/**
 * Rejection of clients although a trusted authority has signed their certificate. A change takes effect once NGINX has loaded it; connections
 * that are open then end when the old processes have drained.
 */
export interface ClientRevocation {
  /**
   * `true`: revocation lists are beside the authorities, as key `ca.crl` of their Secret, or as `crlPem` of a host. Directive `ssl_crl`.
   *
   * NGINX wants a list of every authority of the chain, the root's own among them, each within its time: one that is missing, or past its
   * `nextUpdate`, rejects every client. So give new ones in time, or name the few that are meant in `deniedSerials`.
   *
   * @default false
   */
  crl?: boolean;
  /**
   * Serial numbers of certificates, in hexadecimal as `openssl x509 -noout -serial` prints them; its `serial=`, a `0x`, colons and the case of
   * letters do not matter. They stand in the configuration, which is no place for thousands. Variable `$ssl_client_serial`. @default none
   */
  deniedSerials?: string[];
}

const serial: Format = {
  test: (text) => /^(?:serial=)?(?:0x)?[0-9a-f]{1,2}(?::?[0-9a-f]{2}){0,20}$/i.test(text.trim()),
  wrong: "is not a serial number in hexadecimal",
  remedy: "write the output of `openssl x509 -noout -serial`, at most 40 digits",
};

/**
 * Checks that revocation revokes something, and the serial numbers.
 *
 * @param alone whether nothing else revokes
 */
export function checkRevocation(revocation: Argument<ClientRevocation>, alone = true): void {
  const { crl, deniedSerials } = revocation.value;
  if (alone && crl === undefined && deniedSerials === undefined)
    revocation.refuse("revokes nothing", "set crl: true, write deniedSerials, or remove it");
  for (const text of revocation.field("deniedSerials").entries()) text.matches(serial);
}

/** Returns a serial number as NGINX writes it: pairs of capital digits, without leading zeros. */
export function serialNumber(text: string): string {
  const digits = text
    .trim()
    .replace(/^serial=/i, "")
    .replace(/^0x/i, "")
    .replace(/:/g, "")
    .toUpperCase();
  const significant = digits.replace(/^0+(?=.)/, "");
  return significant.length % 2 === 0 ? significant : `0${significant}`;
}

/** Returns a map by the serial number of the client's certificate. The hash of a map ignores the case of letters, and serial numbers have one case. */
export const deniedSerialsMap = (
  variable: string,
  serials: string[],
  denied: string,
  admitted: { value: string; variables?: boolean },
): NginxConfigNode =>
  evaluatedBlock(
    "map",
    ["$ssl_client_serial", variable],
    [
      mapEntry("default", admitted),
      ...[...new Set(serials.map(serialNumber))].map((serial) => directive(serial, denied)),
    ],
  );

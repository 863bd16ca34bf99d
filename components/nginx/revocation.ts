import { checkPlain, type Refuser } from "../foundation";

/**
 * Clients that are turned away although an authority that is trusted signed their certificate. What is new here counts once NGINX has loaded
 * it; connections that are open then end when the old processes have drained.
 */
export interface ClientRevocation {
  /**
   * Whether revocation lists stand beside the authorities, as key `ca.crl` of their Secret, or as `crlPem` of a host. Directive `ssl_crl`.
   *
   * NGINX wants a list of every authority of the chain, the root's own among them, each within its time: one that is missing, or past its
   * `nextUpdate`, turns everyone away. So give new ones in time, or name the few that are meant in `deniedSerials`.
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

/** Refuses what revokes nothing, and what is no serial number. `alone`: nothing else revokes. */
export function checkClientRevocation(
  refuse: Refuser,
  property: string,
  { crl, deniedSerials }: ClientRevocation,
  alone = true,
): void {
  checkPlain(refuse, { [`${property}.crl`]: crl, [`${property}.deniedSerials`]: deniedSerials });
  if (alone && crl === undefined && deniedSerials === undefined)
    refuse(property, "revokes nothing", "set crl: true, write deniedSerials, or leave it out");
  for (const [index, serial] of (deniedSerials ?? []).entries()) {
    checkPlain(refuse, { [`${property}.deniedSerials[${index}]`]: serial });
    if (!/^(?:serial=)?(?:0x)?[0-9a-f]{1,2}(?::?[0-9a-f]{2}){0,20}$/i.test(serial.trim()))
      refuse(
        `${property}.deniedSerials[${index}]`,
        "is no serial number in hexadecimal",
        "write what `openssl x509 -noout -serial` prints, at most 40 digits",
      );
  }
}

/** A serial number as NGINX has it: pairs of capital digits, without zeros before them that mean nothing. */
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

import { checkPlain, type Refuser } from "../foundation";
import type { NginxConfigNode } from "../nginx";

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

/** Serial numbers that are denied while NGINX Plus runs: requests to its API change them. */
export interface ClientRevocationKeyval {
  /** Size of the zone that holds them, as NGINX writes it. Directive `keyval_zone`. @default "1m" */
  size?: string;
  /** File that keeps them when NGINX ends, which it has to be able to write. Directive `keyval_zone`, parameter `state`. @default none */
  state?: string;
}

/** Revocation with what is added while NGINX Plus runs. */
export interface ClientRevocationByApi extends ClientRevocation {
  /** Only for NGINX Plus, with an API that may write: `POST /api/9/http/keyvals/denied_clients` with `{ "<serial>": "1" }`. @default none */
  keyval?: ClientRevocationKeyval;
}

const zone = "denied_clients";
const denied = "$client_denied";
const deniedByApi = "$client_denied_by_api";

const deniesSerials = ({ deniedSerials, keyval }: ClientRevocationByApi) =>
  deniedSerials !== undefined || keyval !== undefined;

/** Nodes of the `http` block: once, whatever the number of servers that refer to them. */
export function revocationHttpNodes(revocation: ClientRevocationByApi = {}): NginxConfigNode[] {
  if (!deniesSerials(revocation)) return [];
  const { deniedSerials = [], keyval } = revocation;
  const keyvalNodes = (): NginxConfigNode[] => [
    {
      name: "keyval_zone",
      args: [`zone=${zone}:${keyval!.size ?? "1m"}`, ...(keyval!.state ? [`state=${keyval!.state}`] : [])],
      plus: true,
    },
    { name: "keyval", args: ["$ssl_client_serial", deniedByApi, `zone=${zone}`], variables: true, plus: true },
  ];
  return [
    ...(keyval ? keyvalNodes() : []),
    {
      name: "map",
      args: ["$ssl_client_serial", denied],
      variables: true,
      block: [
        { name: "default", args: [keyval ? deniedByApi : "0"], variables: true },
        // The hash of a map ignores the case of letters, and serial numbers have none.
        ...[...new Set(deniedSerials.map(serialNumber))].map((serial) => ({ name: serial, args: ["1"] })),
      ],
    },
  ];
}

/**
 * Nodes of a server that asks for client certificates. A denied serial gets 403, a certificate on a list 400 (495 to `error_page`).
 *
 * In `stream`, only the lists work: it has `$ssl_client_serial`, and nothing that refuses by it.
 */
export function revocationServerNodes(crlPath: string, revocation: ClientRevocationByApi = {}): NginxConfigNode[] {
  return [
    ...(revocation.crl ? [{ name: "ssl_crl", args: [crlPath] }] : []),
    ...(deniesSerials(revocation)
      ? [{ name: "if", args: [`(${denied})`], variables: true, block: [{ name: "return", args: ["403"] }] }]
      : []),
  ];
}

/** Checks a revocation; that certificates are asked for, and an API can write, its component knows. */
export function checkRevocation(refuse: Refuser, property: string, revocation: ClientRevocationByApi): void {
  const { crl, deniedSerials, keyval } = revocation;
  checkPlain(refuse, { [property]: revocation });
  checkPlain(refuse, { [`${property}.crl`]: crl, [`${property}.deniedSerials`]: deniedSerials });
  if (crl === undefined && deniedSerials === undefined && keyval === undefined)
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
  if (keyval?.size !== undefined && !/^[1-9]\d{0,4}[kmKM]$/.test(keyval.size))
    refuse(`${property}.keyval.size`, `is ${JSON.stringify(keyval.size)}`, "write a number of k or m: 1m");
  if (keyval?.state !== undefined && !/^(?:\/[A-Za-z0-9_.@+-]+)+$/.test(keyval.state))
    refuse(
      `${property}.keyval.state`,
      "is not an absolute path",
      "write it from `/` on, in a folder that NGINX writes",
    );
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

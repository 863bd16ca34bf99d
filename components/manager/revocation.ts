import { checkPlain, type Refuser } from "../foundation";
import { type ClientRevocation, checkClientRevocation, type NginxConfigNode, serialNumber } from "../nginx";

export { type ClientRevocation, serialNumber } from "../nginx";

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
  const { keyval } = revocation;
  checkPlain(refuse, { [property]: revocation });
  checkClientRevocation(refuse, property, revocation, keyval === undefined);
  if (keyval?.size !== undefined && !/^[1-9]\d{0,4}[kmKM]$/.test(keyval.size))
    refuse(`${property}.keyval.size`, `is ${JSON.stringify(keyval.size)}`, "write a number of k or m: 1m");
  if (keyval?.state !== undefined && !/^(?:\/[A-Za-z0-9_.@+-]+)+$/.test(keyval.state))
    refuse(
      `${property}.keyval.state`,
      "is not an absolute path",
      "write it from `/` on, in a folder that NGINX writes",
    );
}

import { type Argument, type Format, formats } from "../foundation";
import {
  type ClientRevocation,
  checkRevocation as checkClientRevocation,
  type NginxConfigNode,
  serialNumber,
} from "../nginx";

export { type ClientRevocation, serialNumber } from "../nginx";

/** Zone with serial numbers that are denied. Requests to the API of NGINX Plus change it while NGINX Plus runs. */
export interface ClientRevocationKeyval {
  /** Size of the zone that holds them, as NGINX writes it. Directive `keyval_zone`. @default "1m" */
  size?: string;
  /** File that keeps the zone when NGINX ends. NGINX has to be able to write it. Directive `keyval_zone`, parameter `state`. @default none */
  state?: string;
}

/** Revocation to which requests to the API of NGINX Plus can add. */
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

const zoneSize: Format = {
  test: (text) => /^[1-9]\d{0,4}[kmKM]$/.test(text),
  wrong: "is not the size of a zone",
  remedy: "write a number of k or m, for example `1m`",
};

/** Checks a revocation. The component knows whether certificates are asked for, and whether an API takes changes. */
export function checkRevocation(revocation: Argument<ClientRevocationByApi>): void {
  const keyval = revocation.field("keyval");
  checkClientRevocation(revocation, keyval.value === undefined);
  keyval.given((zone) => {
    zone.field("size").matches(zoneSize);
    zone.field("state").matches(formats.absolutePath);
  });
}

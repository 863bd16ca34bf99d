import { type Argument, type Format, formats } from "../../foundation";
import {
  type ClientRevocation,
  checkRevocation as checkClientRevocation,
  deniedSerialsMap,
  directive,
  evaluated,
  evaluatedBlock,
  flat,
  type NginxConfigNode,
  plusOnly,
  when,
} from "../../nginx";

export type { ClientRevocation } from "../../nginx";

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
  return flat([
    when(keyval, ({ size = "1m", state }) => [
      plusOnly(directive("keyval_zone", `zone=${zone}:${size}`, ...(state ? [`state=${state}`] : []))),
      plusOnly(evaluated("keyval", "$ssl_client_serial", deniedByApi, `zone=${zone}`)),
    ]),
    deniedSerialsMap(denied, deniedSerials, "1", { value: keyval ? deniedByApi : "0", variables: true }),
  ]);
}

/**
 * Nodes of a server that asks for client certificates. A denied serial gets 403, a certificate on a list 400 (495 to `error_page`).
 *
 * In `stream`, only the lists work: it has `$ssl_client_serial`, and nothing that refuses by it.
 */
export function revocationServerNodes(crlPath: string, revocation: ClientRevocationByApi = {}): NginxConfigNode[] {
  return flat([
    when(revocation.crl, directive("ssl_crl", crlPath)),
    when(deniesSerials(revocation), evaluatedBlock("if", [`(${denied})`], [directive("return", "403")])),
  ]);
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

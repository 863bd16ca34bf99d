import { checked, checkPort, type Refuser } from "../foundation";
import { regexFault } from "../nginx/conf";
import type { MqttClientIdMatch, MqttProxyArgs } from "./mqtt-proxy-args";

const upstreamName = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;
// A client id is at most 65,535 bytes on the wire, and control characters are refused in it.
const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Refuses routes that cannot mean what they say: names that lead nowhere, two ways for one client, no way for the rest. */
export function checkRouting(args: MqttProxyArgs, refuse: Refuser): void {
  if (args.upstreams.length === 0) refuse("upstreams", "is empty", "name at least one broker");
  const names = new Set<string>();
  for (const [index, upstream] of args.upstreams.entries()) {
    const property = `upstreams[${index}]`;
    if (!upstreamName.test(upstream.name))
      refuse(
        `${property}.name`,
        `is ${JSON.stringify(upstream.name)}`,
        "use lower-case letters, digits, - and _, up to 63 of them",
      );
    if (names.has(upstream.name))
      refuse(`${property}.name`, `repeats "${upstream.name}"`, "give each upstream a name of its own");
    names.add(upstream.name);
    if (upstream.servers.length === 0) refuse(`${property}.servers`, "is empty", "give at least one broker's host");
    for (const [position, server] of upstream.servers.entries()) {
      checked(server.host, (host) => {
        if (!/^[A-Za-z0-9._:-]+$/.test(host))
          refuse(
            `${property}.servers[${position}].host`,
            "is not a host name or an address",
            "write the host alone, without scheme, port or path",
          );
      });
      checkPort(refuse, `${property}.servers[${position}].port`, server.port);
    }
  }

  const known = (property: string, name: string) => {
    if (!names.has(name))
      refuse(property, `names "${name}", which is no upstream`, `use one of ${[...names].join(", ")}`);
  };
  const taken = new Map<string, string>();
  for (const [index, route] of (args.routes ?? []).entries()) {
    known(`routes[${index}].upstream`, route.upstream);
    const match = checkMatch(`routes[${index}].clientId`, route.clientId, refuse);
    const earlier = taken.get(match);
    if (earlier)
      refuse(`routes[${index}].clientId`, `takes the same clients as ${earlier}`, "leave one of the two out");
    taken.set(match, `routes[${index}]`);
  }

  const { refuse: turnAway, upstream } = args.defaultRoute;
  if ((turnAway === true) === (upstream !== undefined))
    refuse(
      "defaultRoute",
      "must have exactly one of refuse and upstream",
      'write { refuse: true } or { upstream: "…" }',
    );
  if (upstream !== undefined) known("defaultRoute.upstream", upstream);
}

/** The match as one text, equal for two matches that take the same clients. */
function checkMatch(property: string, match: MqttClientIdMatch, refuse: Refuser): string {
  const given = Object.entries(match).filter(([, value]) => value !== undefined);
  const [kind, value] = given[0] ?? [];
  if (given.length !== 1 || kind === undefined)
    return refuse(property, `has ${given.length} of exact, prefix and regex`, "give exactly one of them");
  if (value === "") refuse(`${property}.${kind}`, "is empty", "clients without a client id take the default route");
  if (controlCharacter.test(value))
    refuse(`${property}.${kind}`, "has a control character", "no client gets in with one: leave it out");
  if (Buffer.byteLength(value) > 1024)
    refuse(
      `${property}.${kind}`,
      `has ${Buffer.byteLength(value)} bytes`,
      "keep it within 1024: NGINX reads no longer words",
    );
  const fault = kind === "regex" && regexFault(value);
  if (fault) refuse(`${property}.regex`, fault.wrong, fault.remedy);
  return `${kind} ${value}`;
}

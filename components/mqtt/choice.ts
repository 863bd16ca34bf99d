import { type MapEntry, mapBlock, type NginxConfigNode, serialNumber } from "../nginx";
import { type ExactMaps, exactMaps, type KnownEntry, type MapHash } from "../nginx/conf";
import { escapeRegex } from "../nginx/conf/map";
import { blockName } from "./block-name";
import { alternativeNames, isAlternativeName, onlyField, usernameVariables } from "./certificate-fields";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { MqttClientIdAsHost, MqttClientIdMatch, MqttRoute } from "./mqtt-route-args";
import {
  hasNamed,
  neededFromCertificate,
  type Plan,
  type PlannedListener,
  type Scope,
  usernamesFromCertificates,
  variablePart,
} from "./plan";
import { commonNameMap, subjectMap } from "./subject";

/** What becomes of clients of a route: its upstream, and its credentials where it has some of its own. */
export const routeValue = ({ upstream, credentials }: MqttRoute) =>
  credentials === undefined ? blockName(upstream) : `${blockName(upstream)}/${credentials}`;

/** The variable that tells whose credentials a client gets. */
export const routeVariable = (plan: Plan) => (hasNamed(plan) ? "$mqtt_route" : "$mqtt_upstream");

/** Nodes and files of maps, and the sizes of their hash tables. */
interface Maps {
  nodes: NginxConfigNode[];
  files: ExactMaps["files"];
  hashes: (MapHash | undefined)[];
}

/** The maps that yield `$mqtt_upstream`: by listener, then by tenant, then by route. What none of them takes is empty. */
export function choiceMaps(args: MqttProxyArgs, plan: Plan): Maps {
  const { listeners, scopes } = plan;
  const target = routeVariable(plan);
  const plain = args.listeners === undefined;
  const maps: Maps = { nodes: [], files: [], hashes: [] };
  if (usernamesFromCertificates(plan).includes("commonName")) maps.nodes.push(commonNameMap);
  // Without listeners nobody is asked for a certificate, so no user name comes from one.
  for (const scope of scopes) scopeMaps(args, scope, plain ? target : scopeVariable(scope), maps);
  if (!plain) {
    const entries = listeners.map((listener): MapEntry => {
      const chosen = admitted(listener, sharing(plan, listener, maps), maps);
      return { exact: listener.name, value: chosen, variables: true };
    });
    if (entries.length > 0) maps.nodes.push(mapBlock("$mqtt_listener", target, entries));
  }
  if (hasNamed(plan)) maps.nodes.push(upstreamOfRoute(plan));
  return maps;
}

const scopeVariable = ({ id }: Scope) => `$mqtt_route_of_${id}`;

/** The variable in which clients of a listener whose certificate lacks what becomes their user name go nowhere. */
function namedScope(plan: Plan, listener: PlannedListener, scope: Scope, maps: Maps): string {
  let chosen = scopeVariable(scope);
  for (const need of neededFromCertificate(plan, listener, scope)) {
    const variable = `${chosen}_with_${inVariable(need)}`;
    // Several listeners may need the same of the same clients.
    if (!maps.nodes.some(({ args }) => args?.[1] === variable))
      maps.nodes.push(
        mapBlock(usernameVariables[need], variable, [
          { exact: "", value: "" },
          { default: true, value: chosen, variables: true },
        ]),
      );
    chosen = variable;
  }
  return chosen;
}

/** A word as a part of a variable's name: `dns_name`. */
const inVariable = (word: string) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `$mqtt_upstream` without the credentials that stand beside it. */
function upstreamOfRoute({ scopes }: Plan): NginxConfigNode {
  const named = scopes.flatMap(({ routes }) => routes.filter(({ credentials }) => credentials !== undefined));
  const values = new Map(named.map((route) => [routeValue(route), blockName(route.upstream)]));
  return mapBlock("$mqtt_route", "$mqtt_upstream", [
    ...Array.from(values, ([exact, value]) => ({ exact, value })),
    { default: true, value: "$mqtt_route", variables: true },
  ]);
}

/** Certificates first, by subject and then by alternative names, then user names, then client ids: what one has no route for, the next is asked. */
function scopeMaps(args: MqttProxyArgs, scope: Scope, target: string, maps: Maps): void {
  const { routes, defaultRoute } = scope;
  const asked = ["subject", ...Object.keys(alternativeNames), "username", "clientId"].filter(
    (step) => step === "clientId" || routes.some((route) => stepOf(route) === step),
  );
  const variableOf = (step: string) => (step === asked[0] ? target : `${target}_by_${inVariable(step)}`);
  const { upstream, clientIdAsHost } = defaultRoute;
  const otherwise: KnownEntry = { default: true, value: upstream === undefined ? "" : blockName(upstream) };
  if (clientIdAsHost) {
    const host = `$mqtt_host_of_${scope.id}`;
    maps.nodes.push(hostMap(host, clientIdAsHost, clientIdAsHost.port ?? (args.brokerTls ? 8883 : 1883)));
    Object.assign(otherwise, { value: host, variables: true });
  }
  const folder = `/etc/nginx/mqtt-routes${scope.id === "proxy" ? "" : `-${scope.id}`}`;
  // From the last to the first, so that each is defined before it is asked.
  for (const [index, step] of [...asked.entries()].reverse()) {
    const own = routes.filter((route) => stepOf(route) === step);
    const next = asked[index + 1];
    const rest = next === undefined ? otherwise : { default: true, value: variableOf(next), variables: true };
    if (step === "subject") {
      const entries = own.map((route) => ({ match: route.certificate!, value: routeValue(route) }));
      maps.nodes.push(subjectMap(target, entries, rest));
      continue;
    }
    const texts = own.map((route) => ({ ...textOf(route), value: routeValue(route) }));
    const place = step === "clientId" ? folder : `${folder}-by-${inVariable(step).replace(/_/g, "-")}`;
    const made = exactMaps(sources[step as keyof typeof sources], variableOf(step), [...texts, rest], place);
    maps.nodes.push(...made.nodes);
    maps.files.push(...made.files);
    maps.hashes.push(made.hash);
  }
}

/** The variables in which maps of texts look. */
const sources = { ...alternativeNames, username: "$mqtt_preread_username", clientId: "$mqtt_preread_clientid" };

/** What a route asks for: the subject, an alternative name, the user name or the client id. */
function stepOf({ certificate, username }: MqttRoute): string {
  const field = certificate && onlyField(certificate)![0];
  if (field !== undefined) return isAlternativeName(field) ? field : "subject";
  return username === undefined ? "clientId" : "username";
}

/** The text by which a route takes its clients. */
const textOf = ({ certificate, username, clientId }: MqttRoute): MqttClientIdMatch =>
  certificate ? onlyField(certificate)![1] : (username ?? clientId)!;

/** The host that the client id names, and the port; empty unless it is allowed. */
function hostMap(variable: string, { hosts }: MqttClientIdAsHost, port: number): NginxConfigNode {
  return mapBlock("$mqtt_preread_clientid", variable, [
    { default: true, value: "" },
    ...hosts.map((host) => ({
      regex: host.startsWith("*.")
        ? `[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?${escapeRegex(host.slice(1))}`
        : escapeRegex(host),
      value: `$mqtt_preread_clientid:${port}`,
      variables: true,
    })),
  ]);
}

/** The variable that chooses among the tenants of a listener; whoever is nobody's goes nowhere. */
function sharing(plan: Plan, listener: PlannedListener, maps: Maps): string {
  const { name, scopes } = listener;
  const [first] = scopes;
  const variable = `$mqtt_tenant_on_${variablePart(name)}`;
  const { certificate, username } = first?.tenant ?? {};
  if (!certificate && !username) return namedScope(plan, listener, first!, maps);
  const field = certificate && onlyField(certificate)![0];
  if (certificate && !isAlternativeName(field)) {
    const entries = scopes.map((scope) => ({
      match: scope.tenant!.certificate!,
      value: namedScope(plan, listener, scope, maps),
      variables: true,
    }));
    maps.nodes.push(subjectMap(variable, entries, { value: "" }));
    return variable;
  }
  const entries = scopes.map((scope) => ({
    ...(field === undefined ? scope.tenant!.username : scope.tenant!.certificate![field]),
    value: namedScope(plan, listener, scope, maps),
    variables: true,
  }));
  const source = isAlternativeName(field) ? alternativeNames[field] : sources.username;
  maps.nodes.push(mapBlock(source, variable, [...entries, { default: true, value: "" }]));
  return variable;
}

/** The variable in which a client is not denied by its serial number. */
function admitted({ name, tls }: PlannedListener, chosen: string, maps: Maps): string {
  const denied = tls?.clientCertificates?.revocation?.deniedSerials ?? [];
  if (denied.length === 0) return chosen;
  const variable = `$mqtt_admitted_on_${variablePart(name)}`;
  maps.nodes.push(deniedMap(variable, denied, "", { value: chosen, variables: true }));
  return variable;
}

/** A map by the serial number of the client's certificate. Its hash ignores the case of letters, and these have none. */
export function deniedMap(
  variable: string,
  serials: string[],
  denied: string,
  otherwise: { value: string; variables?: boolean },
): NginxConfigNode {
  return {
    name: "map",
    args: ["$ssl_client_serial", variable],
    variables: true,
    block: [
      { name: "default", args: [otherwise.value], variables: otherwise.variables },
      ...[...new Set(serials.map(serialNumber))].map((serial) => ({ name: serial, args: [denied] })),
    ],
  };
}

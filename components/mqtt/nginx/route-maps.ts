import {
  deniedSerialsMap,
  type ExactMaps,
  escapeRegex,
  exactMaps,
  type KnownEntry,
  type MapEntry,
  type MapHash,
  mapBlock,
  type NginxConfigNode,
  when,
} from "../../nginx";
import type { MqttClientIdAsHost, MqttClientIdMatch, MqttRoute } from "../args";
import { alternativeNames, certificateMatch, isAlternativeName, usernameVariables } from "../certificate-fields";
import {
  hasNamedCredentials,
  type MqttModel,
  type ResolvedListener,
  type RouteTable,
  requiredFields,
  usernameFields,
  variableNamePart,
} from "../model";
import { commonNameMap, subjectMap } from "./subject-map";
import { blockName } from "./upstreams";

/** Returns the value of a route's variable: its upstream, and its credentials where it has some of its own. */
export const routeValue = ({ upstream, credentials }: MqttRoute) =>
  credentials === undefined ? blockName(upstream) : `${blockName(upstream)}/${credentials}`;

/** Returns the variable that decides whose credentials a client gets. */
export const routeVariable = (model: MqttModel) => (hasNamedCredentials(model) ? "$mqtt_route" : "$mqtt_upstream");

/** Nodes and files of maps, and the sizes of their hash tables. */
export interface Maps {
  nodes: NginxConfigNode[];
  files: ExactMaps["files"];
  hashes: (MapHash | undefined)[];
}

/** A variable, and the maps on which it depends. */
interface Choice {
  variable: string;
  nodes: NginxConfigNode[];
}

/** Returns the maps that set `$mqtt_upstream`: by listener, then by tenant, then by route. It is empty for clients that are rejected. */
export function routeMaps(model: MqttModel): Maps {
  const { listeners, tables, namedListeners } = model;
  const target = routeVariable(model);
  const ofTables = tables.map((table) => tableMaps(model, table, namedListeners ? tableVariable(table) : target));
  // Without listeners of their own, clients are not asked for certificates, so no user name comes from one.
  const ofListeners = namedListeners && listeners.length > 0 ? listenerMaps(model, target) : [];
  return {
    nodes: [
      ...when(usernameFields(model).includes("commonName"), commonNameMap),
      ...ofTables.flatMap(({ nodes }) => nodes),
      ...ofListeners,
      ...when(hasNamedCredentials(model), upstreamOfRoute(model)),
    ],
    files: ofTables.flatMap(({ files }) => files),
    hashes: ofTables.flatMap(({ hashes }) => hashes),
  };
}

const tableVariable = ({ id }: RouteTable) => `$mqtt_route_of_${id}`;

/** Returns the map by listener, after the maps on which its values depend; those that several listeners share are there once. */
function listenerMaps(model: MqttModel, target: string): NginxConfigNode[] {
  const choices = model.listeners.map((listener) => chooseAdmitted(listener, chooseTenant(model, listener)));
  const shared = new Map(choices.flatMap(({ nodes }) => nodes.map((node) => [node.args?.[1], node])));
  const entries = model.listeners.map(
    ({ name }, index): MapEntry => ({ exact: name, value: choices[index]!.variable, variables: true }),
  );
  return [...shared.values(), mapBlock("$mqtt_listener", target, entries)];
}

/** Returns the table's variable, empty (client rejected) if the certificate lacks a field that becomes the user name. */
function requireFields(model: MqttModel, listener: ResolvedListener, table: RouteTable): Choice {
  return requiredFields(model, listener, table).reduce<Choice>(
    ({ variable: chosen, nodes }, field) => {
      const variable = `${chosen}_with_${toVariableName(field)}`;
      const map = mapBlock(usernameVariables[field], variable, [
        { exact: "", value: "" },
        { default: true, value: chosen, variables: true },
      ]);
      return { variable, nodes: [...nodes, map] };
    },
    { variable: tableVariable(table), nodes: [] },
  );
}

/** Returns a word as a part of a variable's name: `dns_name`. */
const toVariableName = (word: string) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Returns the map that sets `$mqtt_upstream` from a route's variable, without the credentials beside it. */
function upstreamOfRoute({ tables }: MqttModel): NginxConfigNode {
  const named = tables.flatMap(({ routes }) => routes.filter(({ credentials }) => credentials !== undefined));
  const values = new Map(named.map((route) => [routeValue(route), blockName(route.upstream)]));
  return mapBlock("$mqtt_route", "$mqtt_upstream", [
    ...Array.from(values, ([exact, value]) => ({ exact, value })),
    { default: true, value: "$mqtt_route", variables: true },
  ]);
}

/** Order in which the fields of clients are matched. */
const matchOrder = ["subject", ...Object.keys(alternativeNames), "username", "clientId"];

/** Variables that maps of texts match. */
const sources = { ...alternativeNames, username: "$mqtt_preread_username", clientId: "$mqtt_preread_clientid" };

/** Returns one map per field, in the order of `matchOrder`; each falls through to the next. */
function tableMaps(model: MqttModel, table: RouteTable, target: string): Maps {
  const { routes, id } = table;
  const fields = matchOrder.filter(
    (field) => field === "clientId" || routes.some((route) => matchedField(route) === field),
  );
  const variableOf = (field: string) => (field === fields[0] ? target : `${target}_by_${toVariableName(field)}`);
  const { nodes, entry: defaultEntry } = defaultRoute(model, table);
  const folder = `/etc/nginx/mqtt-routes${id === "proxy" ? "" : `-${id}`}`;
  const maps = fields.map((field, index): Maps => {
    const next = fields[index + 1];
    const fallThrough: KnownEntry =
      next === undefined ? defaultEntry : { default: true, value: variableOf(next), variables: true };
    const own = routes.filter((route) => matchedField(route) === field);
    if (field === "subject") {
      const entries = own.map((route) => ({ match: route.certificate!, value: routeValue(route) }));
      return { nodes: [subjectMap(target, entries, fallThrough)], files: [], hashes: [] };
    }
    const texts = own.map((route) => ({ ...matchedText(route), value: routeValue(route) }));
    const place = field === "clientId" ? folder : `${folder}-by-${toVariableName(field).replace(/_/g, "-")}`;
    const source = sources[field as keyof typeof sources];
    const { hash, ...made } = exactMaps(source, variableOf(field), [...texts, fallThrough], place);
    return { ...made, hashes: [hash] };
  });
  // From the last to the first, so that each variable is defined before it is used.
  maps.reverse();
  return {
    nodes: [...nodes, ...maps.flatMap((map) => map.nodes)],
    files: maps.flatMap(({ files }) => files),
    hashes: maps.flatMap(({ hashes }) => hashes),
  };
}

/** Returns the default entry of a table, and the map on which it depends. */
function defaultRoute(
  { brokerPort }: MqttModel,
  { id, defaultRoute: { upstream, clientIdAsHost } }: RouteTable,
): { nodes: NginxConfigNode[]; entry: KnownEntry } {
  if (!clientIdAsHost)
    return { nodes: [], entry: { default: true, value: upstream === undefined ? "" : blockName(upstream) } };
  const variable = `$mqtt_host_of_${id}`;
  return {
    nodes: [hostMap(variable, clientIdAsHost, clientIdAsHost.port ?? brokerPort)],
    entry: { default: true, value: variable, variables: true },
  };
}

/** Returns the field that a route matches: the subject, an alternative name, the user name or the client id. */
function matchedField({ certificate, username }: MqttRoute): string {
  const field = certificate && certificateMatch(certificate)![0];
  if (field !== undefined) return isAlternativeName(field) ? field : "subject";
  return username === undefined ? "clientId" : "username";
}

/** Returns the text that a route matches. */
const matchedText = ({ certificate, username, clientId }: MqttRoute): MqttClientIdMatch =>
  certificate ? certificateMatch(certificate)![1] : (username ?? clientId)!;

/** Returns a map that sets the host that the client id names, and the port; empty unless it is allowed. */
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

/** Returns the choice among the tenants of a listener; it is empty for clients of none of them. */
function chooseTenant(model: MqttModel, listener: ResolvedListener): Choice {
  const { name, tables } = listener;
  const { certificate, username } = tables[0]!.tenant ?? {};
  if (!certificate && !username) return requireFields(model, listener, tables[0]!);
  const variable = `$mqtt_tenant_on_${variableNamePart(name)}`;
  const choices = tables.map((table) => requireFields(model, listener, table));
  const choose = (map: NginxConfigNode): Choice => ({
    variable,
    nodes: [...choices.flatMap(({ nodes }) => nodes), map],
  });
  const field = certificate && certificateMatch(certificate)![0];
  if (certificate && !isAlternativeName(field)) {
    const entries = tables.map(({ tenant }, index) => ({
      match: tenant!.certificate!,
      value: choices[index]!.variable,
      variables: true,
    }));
    return choose(subjectMap(variable, entries, { value: "" }));
  }
  const entries = tables.map(({ tenant }, index) => ({
    ...(isAlternativeName(field) ? tenant!.certificate![field] : tenant!.username),
    value: choices[index]!.variable,
    variables: true,
  }));
  const source = isAlternativeName(field) ? alternativeNames[field] : sources.username;
  return choose(mapBlock(source, variable, [...entries, { default: true, value: "" }]));
}

/** Returns the choice, empty for clients with a denied serial number. */
function chooseAdmitted({ name, tls }: ResolvedListener, choice: Choice): Choice {
  const denied = tls?.clientCertificates?.deniedSerials ?? [];
  if (denied.length === 0) return choice;
  const variable = `$mqtt_admitted_on_${variableNamePart(name)}`;
  const map = deniedSerialsMap(variable, denied, "", { value: choice.variable, variables: true });
  return { variable, nodes: [...choice.nodes, map] };
}

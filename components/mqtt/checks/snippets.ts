import type { Argument } from "../../foundation";
import { checkRepeated, mostExpressions, type NginxConfigNode } from "../../nginx";
import type { MqttClientIdMatch, MqttProxyArgs, MqttRoute } from "../args";
import { certificateMatch, isAlternativeName } from "../certificate-fields";
import type { MqttModel } from "../model";
import { blockName, dialectOf, serverNode } from "../nginx";
import type { RefuseAt } from "./credentials";

// The main configuration is one file of one ConfigMap.
const maximumPatternBytes = 500_000;

// NGINX counts connections, and sets variables, before TLS and before the CONNECT: these are empty then, and stay so for the session.
const knownLater = /\$\{?(?:mqtt_|ssl_client_|ssl_preread_|ssl_server_name)/;

/** Checks that the configuration has room for the routes. */
export function checkRouteSizes({ tables }: MqttModel, refuse: RefuseAt): void {
  let bytes = 0;
  for (const { path, routes } of tables) {
    for (const match of routes.flatMap(tableMatches)) bytes += Buffer.byteLength(match.prefix ?? match.regex ?? "");
    if (bytes <= maximumPatternBytes) continue;
    refuse(
      `${path}routes`,
      `have ${bytes} bytes of prefixes and expressions, and the configuration has room for ${maximumPatternBytes}`,
      "use exact matches, of which there may be any number: NGINX tries the others one by one",
    );
    return;
  }
}

/** Returns the texts of a route that can be in a table. Subjects never are. */
function tableMatches({ clientId, username, certificate }: MqttRoute): MqttClientIdMatch[] {
  const [field, text] = (certificate && certificateMatch(certificate)) ?? [];
  return [clientId, username, isAlternativeName(field) ? text : undefined].filter((match) => match !== undefined);
}

/** Arguments that become a directive; the proxy writes others without an argument. */
const argumentsOf: Record<string, string> = {
  mqtt_buffers: "limits.maximumConnectKibibytes",
  preread_buffer_size: "limits.maximumConnectKibibytes",
  preread_timeout: "timeouts.connectSeconds",
  proxy_download_rate: "limits.downloadBytesPerSecond",
  proxy_pass: "routes and defaultRoute",
  proxy_protocol: "proxyProtocolToBrokers of the listener",
  proxy_protocol_timeout: "timeouts.connectSeconds",
  proxy_ssl_certificate: "brokerTls.clientCertificate",
  proxy_ssl_certificate_key: "brokerTls.clientCertificate",
  proxy_ssl_name: "serverName of the upstream",
  proxy_ssl_trusted_certificate: "brokerTls.trustedCertificatesPem",
  proxy_ssl_verify: "brokerTls.unsafeSkipVerification",
  proxy_ssl_verify_depth: "brokerTls.verifyDepth",
  proxy_timeout: "timeouts.longestKeepAliveSeconds",
  proxy_upload_rate: "limits.uploadBytesPerSecond",
  resolver: "defaultRoute.clientIdAsHost.resolvers",
  ssl_client_certificate: "tls.clientCertificates of the listener",
  ssl_crl: "tls.clientCertificates of the listener",
  ssl_handshake_timeout: "timeouts.connectSeconds",
  ssl_verify_client: "tls.clientCertificates of the listener",
  ssl_verify_depth: "tls.clientCertificates of the listener",
};

/** Checks that no node of `snippets.server` repeats a directive that the proxy writes into the same block. */
export function checkRepeats(argument: Argument<MqttProxyArgs>, model: MqttModel): void {
  const snippet = argument.field("snippets").field("server");
  if (snippet.value === undefined) return;
  const dialect = dialectOf(model);
  const withoutSnippets = { ...model, snippets: { stream: [], server: [] } };
  const own = model.listeners.flatMap((listener) => serverNode(withoutSnippets, listener, dialect).block!);
  checkRepeated(snippet, own, argumentsOf);
}

/** Positions of the variable that a directive defines. */
const definitions: Record<string, number> = {
  geo: -1,
  js_set: 0,
  js_var: 0,
  keyval: 1,
  map: 1,
  set: 0,
  split_clients: 1,
};

/** Checks that a node defines nothing under a name of the proxy's own: an upstream or a log format is then there twice, and of two variables the later one counts. */
function checkNames(node: Argument<NginxConfigNode>, { upstreams }: MqttModel): void {
  const { name, args = [] } = node.value;
  const position = new Map(Object.entries(definitions)).get(name);
  const word = position === undefined ? args[0] : args.slice(position)[0];
  if (typeof word !== "string") return;
  const own =
    position === undefined
      ? (name === "upstream" && upstreams.some((upstream) => blockName(upstream.name) === word)) ||
        (name === "log_format" && word === "mqtt") ||
        (name === "match" && word === "mqtt_alive")
      : word.startsWith("$mqtt_");
  if (own) node.refuse(`defines ${word}, a name of the proxy's own`, "write another name");
}

/** Checks raw nodes: those that NGINX takes and that do nothing, and those that the maps of the routes exclude. */
export function checkSnippets(argument: Argument<MqttProxyArgs>, model: MqttModel): void {
  const exact = model.tables
    .flatMap(({ routes }) => routes.flatMap(tableMatches))
    .filter((match) => match.exact !== undefined);
  argument.field("snippets").given((snippets) => {
    for (const part of ["stream", "server"] as const)
      for (const node of snippets.field(part).entries()) {
        checkNames(node, model);
        checkNode(node, exact.length > mostExpressions);
      }
  });
}

/** @param hasTables whether some maps of routes are tables, whose expressions capture */
function checkNode(node: Argument<NginxConfigNode>, hasTables: boolean): void {
  const { name, args = [], variables } = node.value;
  const words = args.filter((word) => typeof word === "string");
  const late = words.some((word) => knownLater.test(word));
  if (name === "limit_conn_zone" && late)
    node.refuse(
      "counts connections by a variable that NGINX does not know yet: the key is empty, and empty keys have no limit",
      "use limits.connectionsPerAddress",
    );
  if (name === "set" && variables && late)
    node.refuse(
      "sets a variable before TLS and before the CONNECT, so that it is empty for the whole session",
      "use a map",
    );
  if (name === "map_hash_max_size" || name === "map_hash_bucket_size")
    node.refuse(
      `sets ${name} after the proxy's maps, where NGINX has a default already`,
      "remove it: it follows from the routes",
    );
  if (hasTables && variables && words.some((word) => /\$\{?[1-9]/.test(word)))
    node.refuse(
      "uses a capture, and so does the map of the routes: the value may be a client id",
      "name the capture, (?<name>…), and use $name",
    );
  for (const inner of node.field("block").entries()) checkNode(inner, hasTables);
}

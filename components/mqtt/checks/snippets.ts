import type { Argument } from "../../foundation";
import { checkRepeated, mostExpressions, type NginxConfigNode } from "../../nginx";
import type { MqttProxyArgs } from "../args";
import type { MqttModel } from "../model";
import { blockName, dialectOf, serverNode } from "../nginx";
import { listTableMatches } from "./routes";

// NGINX counts connections, and sets variables, before TLS and before the CONNECT: these are empty then, and stay so for the session.
const knownLater = /\$\{?(?:mqtt_|ssl_client_|ssl_preread_|ssl_server_name)/;

/** Directives that follow from an argument; the proxy writes others without an argument. */
const directivesByArgument: Record<string, string[]> = {
  "limits.maximumConnectKibibytes": ["mqtt_buffers", "preread_buffer_size"],
  "limits.downloadBytesPerSecond": ["proxy_download_rate"],
  "limits.uploadBytesPerSecond": ["proxy_upload_rate"],
  "timeouts.connectSeconds": ["preread_timeout", "proxy_protocol_timeout", "ssl_handshake_timeout"],
  "timeouts.longestKeepAliveSeconds": ["proxy_timeout"],
  "routes and defaultRoute": ["proxy_pass"],
  "defaultRoute.clientIdAsHost.resolvers": ["resolver"],
  "proxyProtocolToBrokers of the listener": ["proxy_protocol"],
  "tls.clientCertificates of the listener": [
    "ssl_client_certificate",
    "ssl_crl",
    "ssl_verify_client",
    "ssl_verify_depth",
  ],
  "serverName of the upstream": ["proxy_ssl_name"],
  "brokerTls.clientCertificate": ["proxy_ssl_certificate", "proxy_ssl_certificate_key"],
  "brokerTls.trustedCertificatesPem": ["proxy_ssl_trusted_certificate"],
  "brokerTls.unsafeSkipVerification": ["proxy_ssl_verify"],
  "brokerTls.verifyDepth": ["proxy_ssl_verify_depth"],
};
const argumentByDirective = Object.fromEntries(
  Object.entries(directivesByArgument).flatMap(([argument, names]) => names.map((name) => [name, argument])),
);

/** Checks that no node of `snippets.server` repeats a directive that the proxy writes into the same block. */
export function checkRepeats(argument: Argument<MqttProxyArgs>, model: MqttModel): void {
  const snippet = argument.field("snippets").field("server");
  if (snippet.value === undefined) return;
  const dialect = dialectOf(model);
  const withoutSnippets = { ...model, snippets: { stream: [], server: [] } };
  const own = model.listeners.flatMap((listener) => serverNode(withoutSnippets, listener, dialect).block!);
  checkRepeated(snippet, own, argumentByDirective);
}

/** Positions of the variable that a directive defines. */
const variablePositions = { geo: -1, js_set: 0, js_var: 0, keyval: 1, map: 1, set: 0, split_clients: 1 };

/** Checks that a node defines no name of the proxy's own: NGINX would have an upstream or a log format twice, and of two variables the later one counts. */
function checkDefinition(node: Argument<NginxConfigNode>, { upstreams }: MqttModel): void {
  const { name, args = [] } = node.value;
  const position = new Map(Object.entries(variablePositions)).get(name);
  const word = args.slice(position ?? 0)[0];
  const own = { log_format: ["mqtt"], match: ["mqtt_alive"], upstream: upstreams.map((one) => blockName(one.name)) };
  const isOwn =
    position === undefined
      ? new Map<string, unknown[]>(Object.entries(own)).get(name)?.includes(word)
      : typeof word === "string" && word.startsWith("$mqtt_");
  if (isOwn) node.refuse(`defines ${word}, a name of the proxy's own`, "write another name");
}

/** Checks raw nodes: those that NGINX takes and that do nothing, and those that the maps of the routes exclude. */
export function checkSnippets(argument: Argument<MqttProxyArgs>, model: MqttModel): void {
  const exact = model.tables
    .flatMap(({ routes }) => routes.flatMap(listTableMatches))
    .filter((match) => match.exact !== undefined);
  argument.field("snippets").given((snippets) => {
    for (const part of ["stream", "server"] as const)
      for (const node of snippets.field(part).entries()) {
        checkDefinition(node, model);
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

import type { NginxConfigNode } from "./node";
import { directive, evaluatedBlock } from "./words";
/** Contexts of a directive: variables exist in `http` and `stream` only; `main` is everywhere else. */
export const NginxContext = { main: "main", http: "http", stream: "stream" } as const;
export type NginxContext = (typeof NginxContext)[keyof typeof NginxContext];

/** Directives of `http` and `stream` whose arguments NGINX evaluates: `$name` in them is replaced. */
const evaluating = new Set([
  "access_log",
  "add_header",
  "alias",
  "auth_basic",
  "hash",
  "log_format",
  "mqtt_set_connect",
  "proxy_pass",
  "proxy_set_header",
  "proxy_ssl_certificate",
  "proxy_ssl_certificate_key",
  "proxy_ssl_name",
  "return",
  "root",
  "ssl_certificate",
  "ssl_certificate_key",
]);

/** Directives of `http` and `stream` that take every argument as it stands. */
const literal = new Set([
  "error_log",
  "expect",
  "include",
  "js_import",
  "js_path",
  "listen",
  "location",
  "proxy_ssl_crl",
  "proxy_ssl_trusted_certificate",
  "resolver",
  "send",
  "server",
  "ssl_client_certificate",
  "ssl_crl",
  "ssl_trusted_certificate",
  "status_zone",
  "upstream",
  "zone",
]);

/** Blocks whose nodes are keys and values instead of directives, and whether NGINX evaluates those values. */
const dataBlocks = new Map([
  ["map", true],
  ["charset_map", false],
  ["geo", false],
  ["num_map", true],
  ["split_clients", false],
  ["types", false],
]);

/** Further blocks whose nodes no table of directives has. */
const otherBlocks = new Set(["match", "geoip2", "otel_exporter"]);

/** Returns whether the nodes of this block are keys and values instead of directives. */
export const isDataBlock = (name: string | undefined) => name !== undefined && dataBlocks.has(name);

/** Returns whether the table of directives has nothing about the nodes of this block. */
export const isForeignBlock = (name: string) => isDataBlock(name) || otherBlocks.has(name);

/** Ways to print a dollar sign that is data: NGINX has no escape for it. */
export type DollarRule = "raw" | "variable" | "unknown" | "impossible";

/** The rule for the arguments of one directive. */
export function dollarRule(directive: string, parent: string | undefined, context: NginxContext): DollarRule {
  const evaluated = isDataBlock(parent) ? dataBlocks.get(parent!) : evaluating.has(directive) || directive === "map";
  if (context === NginxContext.main) return evaluated ? "impossible" : "raw";
  if (evaluated) return "variable";
  return isDataBlock(parent) || literal.has(directive) ? "raw" : "unknown";
}

/** Sets the variable of a dollar sign, for which NGINX has no escape. */
export const dollarVariable: NginxConfigNode = evaluatedBlock("geo", ["$dollar"], [directive("default", "$")]);

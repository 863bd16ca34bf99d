import { block, directive, type NginxConfigNode, plusOnly, when, withHashSizes } from "./conf";
import { Edition } from "./edition";
import { managementNode } from "./management";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { managementPort } from "./ports";
import { temporaryPaths } from "./temporary-paths";

/** Folder and name of the main configuration file. */
export const mainFile = { folder: "/etc/nginx/main", name: "nginx.conf" };

/** Folders that NGINX writes to; the rest of the file system is read-only. */
export const writable = { cache: "/var/cache/nginx", temporary: "/tmp" };

export const defaultDrainSeconds = 60;

/** Returns the whole configuration: the user's nodes, and the default of each directive that they leave out. */
export function wholeConfiguration(
  args: Pick<NginxPlusArgs, "edition" | "configuration" | "management" | "drainSeconds">,
): NginxConfigNode[] {
  const { edition = Edition.plus, configuration, management, drainSeconds = defaultDrainSeconds } = args;
  const { main = [], events = [], http = [], stream } = configuration;
  return [
    ...withDefaults(main, [
      directive("worker_processes", "2"),
      directive("worker_rlimit_nofile", "16384"),
      directive("worker_shutdown_timeout", `${drainSeconds}s`),
      directive("pid", `${writable.temporary}/nginx.pid`),
      directive("error_log", "stderr", "notice"),
    ]),
    ...when(edition === Edition.plus, managementNode(management)),
    block("events", withDefaults(events, [directive("worker_connections", "4096")])),
    block(
      "http",
      withHashSizes([
        ...withDefaults(http, [
          directive("server_tokens", "off"),
          directive("access_log", "/dev/stdout"),
          ...temporaryPaths(writable.cache),
        ]),
        managementServer(edition),
      ]),
    ),
    ...when(stream, (nodes) => block("stream", withHashSizes(nodes))),
  ];
}

function withDefaults(nodes: NginxConfigNode[], defaults: NginxConfigNode[]): NginxConfigNode[] {
  const given = new Set(nodes.map(({ name }) => name));
  return [...nodes, ...defaults.filter(({ name }) => !given.has(name))];
}

/** Answers readiness probes from anywhere, and the exporter in the same pod. */
function managementServer(edition: Edition): NginxConfigNode {
  const fromThisPod = [directive("allow", "127.0.0.1"), directive("deny", "all")];
  const status =
    edition === Edition.plus
      ? block("location", ["/api"], [plusOnly(directive("api", "write=off")), fromThisPod])
      : block("location", ["=", "/stub_status"], [directive("stub_status"), fromThisPod]);
  return block("server", [
    directive("listen", `${managementPort.port}`),
    directive("access_log", "off"),
    directive("default_type", "text/plain"),
    block("location", ["/"], [directive("return", "404")]),
    block("location", ["=", "/healthz"], [directive("return", "200", "ok\n")]),
    status,
  ]);
}

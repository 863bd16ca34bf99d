import { block, directive, type NginxConfigNode, when, withHashSizes } from "./conf";
import { Edition } from "./edition";
import { managementNode } from "./management";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { managementPort } from "./ports";

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
          ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((part) => ({
            name: `${part}_temp_path`,
            args: [`${writable.cache}/${part}_temp`],
          })),
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
  const fromThisPod = [
    { name: "allow", args: ["127.0.0.1"] },
    { name: "deny", args: ["all"] },
  ];
  const status =
    edition === Edition.plus
      ? { name: "location", args: ["/api"], block: [{ name: "api", args: ["write=off"], plus: true }, ...fromThisPod] }
      : { name: "location", args: ["=", "/stub_status"], block: [{ name: "stub_status" }, ...fromThisPod] };
  return block("server", [
    directive("listen", `${managementPort.port}`),
    directive("access_log", "off"),
    directive("default_type", "text/plain"),
    block("location", ["/"], [directive("return", "404")]),
    block("location", ["=", "/healthz"], [directive("return", "200", "ok\n")]),
    status,
  ]);
}

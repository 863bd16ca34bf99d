import type { NginxConfigNode } from "./conf";
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
      { name: "worker_processes", args: ["2"] },
      { name: "worker_rlimit_nofile", args: ["16384"] },
      { name: "worker_shutdown_timeout", args: [`${drainSeconds}s`] },
      { name: "pid", args: [`${writable.temporary}/nginx.pid`] },
      { name: "error_log", args: ["stderr", "notice"] },
    ]),
    ...(edition === Edition.plus ? [managementNode(management)] : []),
    { name: "events", block: withDefaults(events, [{ name: "worker_connections", args: ["4096"] }]) },
    {
      name: "http",
      block: [
        ...withDefaults(http, [
          { name: "server_tokens", args: ["off"] },
          { name: "access_log", args: ["/dev/stdout"] },
          ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((part) => ({
            name: `${part}_temp_path`,
            args: [`${writable.cache}/${part}_temp`],
          })),
        ]),
        managementServer(edition),
      ],
    },
    ...(stream ? [{ name: "stream", block: stream }] : []),
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
  return {
    name: "server",
    block: [
      { name: "listen", args: [`${managementPort.port}`] },
      { name: "access_log", args: ["off"] },
      { name: "default_type", args: ["text/plain"] },
      { name: "location", args: ["/"], block: [{ name: "return", args: ["404"] }] },
      { name: "location", args: ["=", "/healthz"], block: [{ name: "return", args: ["200", "ok\n"] }] },
      status,
    ],
  };
}

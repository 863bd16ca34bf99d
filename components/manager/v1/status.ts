import type { NginxConfigNode } from "../../nginx";
import { certificateNodes, tlsNodes } from "../proxy/tls";
import type { InstanceManagerV1Status } from "./front-options";
import type { FrontPlace } from "./place";
import { isLoopback } from "./status-checks";

const realm = "NGINX status";
// Where the packages of NGINX Plus have the dashboard.
const root: NginxConfigNode = { name: "root", args: ["/usr/share/nginx/html"] };

/** The server of NGINX's status. Only NGINX Plus has an API and a dashboard. */
export function statusServer(status: InstanceManagerV1Status, place: FrontPlace): NginxConfigNode {
  const { address, port } = place.status;
  const { write = false, allow = isLoopback(address) ? [loopbackOf(address!)] : undefined, tls = false } = status;
  const host = address?.includes(":") ? `[${address}]` : address;
  return {
    name: "server",
    block: [
      { name: "listen", args: [`${host === undefined ? "" : `${host}:`}${port}`, ...(tls ? ["ssl"] : [])] },
      { name: "server_name", args: [tls ? place.hostname : "_"] },
      { name: "access_log", args: ["off"] },
      ...(tls ? [...tlsNodes(), ...certificateNodes(place.certificate)] : []),
      ...(place.users ? passwordNodes(place.users) : []),
      ...(allow
        ? [...allow.map((network) => ({ name: "allow", args: [network] })), { name: "deny", args: ["all"] }]
        : []),
      { name: "location", args: ["/"], block: [{ name: "return", args: ["404"] }] },
      { name: "location", args: ["=", "/nginx_status"], block: [{ name: "stub_status" }] },
      {
        name: "location",
        args: ["/api/"],
        plus: true,
        block: [
          { name: "api", args: [`write=${write ? "on" : "off"}`], plus: true },
          ...(place.writers ? [{ name: "limit_except", args: ["GET"], block: passwordNodes(place.writers) }] : []),
        ],
      },
      { name: "location", args: ["=", "/dashboard.html"], plus: true, block: [root] },
      { name: "location", args: ["/swagger-ui/"], plus: true, block: [root] },
      ...["/", "/status.html"].map((path) => ({
        name: "location",
        args: ["=", path],
        plus: true,
        block: [{ name: "return", args: ["301", "/dashboard.html"] }],
      })),
    ],
  };
}

/** Who comes to a loopback address. */
const loopbackOf = (address: string) => (address === "127.0.0.1" || address === "::1" ? address : "127.0.0.0/8");

const passwordNodes = (file: string): NginxConfigNode[] => [
  { name: "auth_basic", args: [realm] },
  { name: "auth_basic_user_file", args: [file] },
];

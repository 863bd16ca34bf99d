import { block, directive, type NginxConfigNode, plusOnly, when } from "../../../nginx";
import type { StatusServer } from "../model";
import { certificateNodes, tlsNodes } from "./tls";

// Folder of the dashboard in the packages of NGINX Plus.
const root = directive("root", "/usr/share/nginx/html");

/** Returns the server of NGINX's status. Only NGINX Plus has an API and a dashboard. */
export function statusServer({ address, port, tls, write, allow, users, writers }: StatusServer): NginxConfigNode {
  const host = address?.includes(":") ? `[${address}]` : address;
  return block("server", [
    directive("listen", `${host === undefined ? "" : `${host}:`}${port}`, ...(tls ? ["ssl"] : [])),
    directive("server_name", tls?.hostname ?? "_"),
    directive("access_log", "off"),
    when(tls, ({ certificate }) => [tlsNodes(), certificateNodes(certificate)]),
    when(users, passwordNodes),
    when(allow, (networks) => [networks.map((network) => directive("allow", network)), directive("deny", "all")]),
    block("location", ["/"], [directive("return", "404")]),
    block("location", ["=", "/nginx_status"], [{ name: "stub_status" }]),
    plusOnly(
      block(
        "location",
        ["/api/"],
        [
          plusOnly(directive("api", `write=${write ? "on" : "off"}`)),
          when(writers, (file) => block("limit_except", ["GET"], passwordNodes(file))),
        ],
      ),
    ),
    plusOnly(block("location", ["=", "/dashboard.html"], [root])),
    plusOnly(block("location", ["/swagger-ui/"], [root])),
    ["/", "/status.html"].map((path) =>
      plusOnly(block("location", ["=", path], [directive("return", "301", "/dashboard.html")])),
    ),
  ]);
}

const passwordNodes = (file: string): NginxConfigNode[] => [
  directive("auth_basic", "NGINX status"),
  directive("auth_basic_user_file", file),
];

import { type Argument, formats } from "../../foundation";
import { Edition, type NginxConfigNode } from "../../nginx";
import { certificateNodes, tlsNodes } from "../proxy";
import type { FrontContext } from "./checks";
import type { InstanceManagerV1Status } from "./front-options";
import type { FrontLayout } from "./layout";

const realm = "NGINX status";
// Where the packages of NGINX Plus have the dashboard.
const root: NginxConfigNode = { name: "root", args: ["/usr/share/nginx/html"] };

/** The server of NGINX's status. Only NGINX Plus has an API and a dashboard. */
export function statusServer(status: InstanceManagerV1Status, layout: FrontLayout): NginxConfigNode {
  const { address, port } = layout.status;
  const { write = false, allow = isLoopback(address) ? [loopbackOf(address!)] : undefined, tls = false } = status;
  const host = address?.includes(":") ? `[${address}]` : address;
  return {
    name: "server",
    block: [
      { name: "listen", args: [`${host === undefined ? "" : `${host}:`}${port}`, ...(tls ? ["ssl"] : [])] },
      { name: "server_name", args: [tls ? layout.hostname : "_"] },
      { name: "access_log", args: ["off"] },
      ...(tls ? [...tlsNodes(), ...certificateNodes(layout.certificate)] : []),
      ...(layout.users ? passwordNodes(layout.users) : []),
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
          ...(layout.writers ? [{ name: "limit_except", args: ["GET"], block: passwordNodes(layout.writers) }] : []),
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

/** Returns the addresses that reach a loopback address. */
const loopbackOf = (address: string) => (address === "127.0.0.1" || address === "::1" ? address : "127.0.0.0/8");

const passwordNodes = (file: string): NginxConfigNode[] => [
  { name: "auth_basic", args: [realm] },
  { name: "auth_basic_user_file", args: [file] },
];

/** Whether only the machine itself reaches an address. */
export const isLoopback = (address: string | undefined) =>
  address !== undefined && (/^127\./.test(address) || address === "::1" || address === "localhost");

/** Checks that the status shows, and lets change, only what is meant. */
export function checkStatus(
  status: Argument<InstanceManagerV1Status | undefined>,
  { edition, statusUsers, statusWriters, statusAddress }: FrontContext,
): void {
  const users = statusUsers.value !== undefined;
  const writers = statusWriters.value !== undefined;
  if (status.value === undefined) {
    for (const option of [statusUsers, statusWriters])
      if (option.value !== undefined)
        option.refuse(`is given without ${status.path}`, "leave it out, or ask for the status");
    return;
  }
  const { write, allow, tls } = status.value;
  status.field("address").matches(formats.address);
  for (const network of status.field("allow").entries()) checkNetwork(network);
  if (allow?.length === 0)
    status.field("allow").refuse("is empty, so that no client may read the status", "name a network, or leave it out");
  if (writers && !write)
    statusWriters.refuse(`is given, but ${status.field("write").path} is not`, "leave one of the two out");
  if (write && edition === Edition.plus && !users && !writers && !allow)
    status
      .field("write")
      .refuse(
        "is true, so that anyone who reaches the port changes upstreams and key-value stores",
        "restrict who asks by statusUsers, statusWriters or allow, or leave it out",
      );
  if (isLoopback(statusAddress) || (statusAddress !== undefined && !formats.address.test(statusAddress))) return;
  if (!users && !allow)
    status.refuse(
      "would answer anyone who reaches its address",
      `restrict who asks by allow or statusUsers${status.path === "status" ? "" : ", or listen on 127.0.0.1"}`,
    );
  if ((users || writers) && !tls)
    status.field("tls").refuse("is not set, and passwords would cross the network in the clear", "write tls: true");
}

function checkNetwork(network: Argument<string>): void {
  network.matches(formats.cidrOrAddress);
  if (/\/0+$/.test(network.value) && formats.cidr.test(network.value))
    network.refuse("is everyone", "name the networks that are meant; user names come from statusUsers");
}

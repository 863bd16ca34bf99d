import { isIP } from "node:net";
import type { Refuser } from "../../foundation";
import type { FrontMaterial } from "./front-material";
import type { InstanceManagerV1Status } from "./front-options";

export const isLoopback = (address: string | undefined) =>
  address !== undefined && (/^127\./.test(address) || address === "::1" || address === "localhost");

/** Refuses a status that tells, or lets change, more than is meant. */
export function checkStatus(
  status: InstanceManagerV1Status | undefined,
  material: FrontMaterial,
  refuse: Refuser,
  within: Refuser,
): void {
  const { users, writers, statusAddress, prefix } = material;
  if (!status) {
    for (const property of ["statusUsers", "statusWriters"] as const)
      if (property === "statusUsers" ? users : writers)
        refuse(property, `is given without ${prefix}status`, "leave it out, or ask for the status");
    return;
  }
  const { write, allow, tls } = status;
  if (status.address !== undefined && isIP(status.address) === 0)
    within("status.address", "is not an address", "write that of one of the host's interfaces: 127.0.0.1");
  for (const [index, network] of (allow ?? []).entries()) checkNetwork(within, `status.allow[${index}]`, network);
  if (allow?.length === 0)
    within("status.allow", "is empty, so that nobody may ask", "name a network, or leave it out");
  if (writers && !write)
    refuse("statusWriters", `is given, but ${prefix}status.write is not`, "leave one of the two out");
  if (write && !users && !writers && !allow)
    within(
      "status.write",
      "is true, and whoever reaches the port changes upstreams and key-value stores",
      "restrict who asks by statusUsers, statusWriters or allow, or leave it out",
    );
  if (!isLoopback(statusAddress) && !users && !allow)
    within(
      "status",
      "would answer whoever reaches its address",
      `restrict who asks by allow or statusUsers${prefix && ", or listen on 127.0.0.1"}`,
    );
  if (!isLoopback(statusAddress) && (users || writers) && !tls)
    within("status.tls", "is not set, and passwords would cross the network in the clear", "write tls: true");
}

function checkNetwork(within: Refuser, property: string, network: string): void {
  const [address = "", length, ...rest] = network.split("/");
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const good = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= most);
  if (version === 0 || !good || rest.length > 0)
    within(property, "is neither an address nor a network", "write 192.0.2.7 or 192.0.2.0/24");
  if (length !== undefined && Number(length) === 0)
    within(property, "is everyone", "name the networks that are meant; user names come from statusUsers");
}

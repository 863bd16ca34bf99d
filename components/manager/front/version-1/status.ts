import { type Argument, formats } from "../../../foundation";
import { Edition } from "../../../nginx";
import type { FrontContext } from "./checks";
import type { InstanceManagerV1Status } from "./front-options";

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
        "restrict it by statusUsers, statusWriters or allow, or leave it out",
      );
  if (isLoopback(statusAddress) || (statusAddress !== undefined && !formats.address.test(statusAddress))) return;
  if (!users && !allow)
    status.refuse(
      "would answer anyone who reaches its address",
      `restrict it by allow or statusUsers${status.path === "status" ? "" : ", or listen on 127.0.0.1"}`,
    );
  if ((users || writers) && !tls)
    status.field("tls").refuse("is not set, and passwords would cross the network in the clear", "write tls: true");
}

function checkNetwork(network: Argument<string>): void {
  network.matches(formats.cidrOrAddress);
  if (/\/0+$/.test(network.value) && formats.cidr.test(network.value))
    network.refuse("is everyone", "name the networks that are meant; user names come from statusUsers");
}

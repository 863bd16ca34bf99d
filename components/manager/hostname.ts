import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { type Argument, formats, mapInputs } from "../foundation";

/**
 * The names of an Instance Manager, written once: each is the `server_name` of its server, a DNS name of its certificate, the SNI of its
 * clients and, as NGINX Plus's usage endpoint, the name that the `mgmt` block verifies.
 */
export interface InstanceManagerHostname {
  /** DNS name under which people, API clients and NGINX Plus's usage reports reach it. */
  manager: Input<string>;
  /** DNS name under which agents reach it: another one, because only its server asks for client certificates. */
  agents: Input<string>;
}

/** Checks that clients can verify both names, and that they differ. */
export function checkHostnames(hostname: Argument<InstanceManagerHostname | undefined>): void {
  const [manager, agents] = [hostname.field("manager"), hostname.field("agents")];
  checkServerName(manager);
  checkServerName(agents);
  mapInputs({ manager: manager.value, agents: agents.value }, (texts) => {
    if (texts.manager !== undefined && texts.manager.toLowerCase() === texts.agents?.toLowerCase())
      agents.refuse(
        "is that of the manager too, whose server asks for no client certificate",
        "give agents a DNS name of their own",
      );
  });
}

/** Checks a DNS name that a certificate can carry and a client can send as SNI. */
export function checkServerName(name: Argument<Input<string> | undefined>): void {
  name.known((text, argument) => {
    if (isIP(text) !== 0)
      argument.refuse("is an address, which is no server name in TLS", "write a DNS name that the certificate carries");
    else argument.matches(formats.hostName);
  });
}

import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { checked, type Refuser, readTogether } from "../foundation";

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

/** Refuses names that no client could verify, and one name for both servers. */
export function checkHostname(hostname: InstanceManagerHostname, refuse: Refuser): void {
  if (hostname === undefined) refuse("hostname", "is missing", "give the two DNS names: { manager, agents }");
  for (const part of ["manager", "agents"] as const) {
    if (hostname[part] === undefined)
      refuse(`hostname.${part}`, "is missing", "write the DNS name that its clients connect to");
    checked(hostname[part], dnsName(refuse, `hostname.${part}`));
  }
  readTogether({ manager: hostname.manager, agents: hostname.agents }, ({ manager, agents }) => {
    if (manager!.toLowerCase() === agents!.toLowerCase())
      refuse(
        "hostname.agents",
        "is that of the manager too, whose server asks for no client certificate",
        "give agents a DNS name of their own",
      );
  });
}

/** Checks a DNS name that a certificate can carry and a client can ask for. */
export const dnsName = (refuse: Refuser, property: string) => (text: string) => {
  if (isIP(text) !== 0)
    refuse(property, "is an address, which is no server name in TLS", "write a DNS name that the certificate carries");
  if (!/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text))
    refuse(property, "is not a DNS name", "write letters, digits and - between dots, without scheme, port or wildcard");
};

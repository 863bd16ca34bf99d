import type { Input } from "@pulumi/pulumi";
import { factsOf } from "../foundation";

/** Returns whether a Namespace of this program denies traffic that no policy allows. */
export const deniesByDefault = (namespace: Input<string> | undefined): boolean =>
  factsOf(namespace)?.defaultDeny === true;

/** Returns a rule for TCP ports of any address. */
export const tcpPorts = (ports: readonly Input<number>[]) => ({
  ports: ports.map((port) => ({ port, protocol: "TCP" })),
});

/** Rule for name servers of any address. */
export const nameServers = { ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })) };

import type { Argument } from "../../foundation";
import { type ClientRevocation, type ClientRevocationByApi, checkRevocation } from "./revocation";

/** Modes of client certificates on the agents' server. */
export const AgentMtls = { required: "required", optional: "optional", off: "off" } as const;
export type AgentMtls = (typeof AgentMtls)[keyof typeof AgentMtls];

/** Protection and timeouts of the gRPC services for agents. */
export interface InstanceManagerAgents {
  /** Requirement that agents present a certificate. Directive `ssl_verify_client`. @default "required", where NGINX ends TLS */
  mtls?: AgentMtls;
  /** `true`: with `mtls` "optional" or "off", anyone who reaches the port can register as an agent. @default false */
  unsafeAllowAgentsWithoutCertificate?: boolean;
  /** Maximum number of intermediate certificates between an agent's certificate and a trusted one, 1 to 10. Directive `ssl_verify_depth`. @default 2, where agents are asked for certificates */
  verifyDepth?: number;
  /** Agents that are rejected although their certificate is good; only with `mtls` "required". @default none */
  revocation?: ClientRevocation;
  /** Longest pause of an agent between two messages of one call, in seconds. Directive `client_body_timeout`. @default 600; of Instance Manager 1 604800, 7 days */
  pauseSeconds?: number;
  /** Longest silence of Instance Manager on a stream, in seconds. Directives `grpc_read_timeout`, `grpc_send_timeout`. @default 300; of Instance Manager 1 604800, 7 days */
  silenceSeconds?: number;
}

/**
 * Checks that client certificates are asked for with all that this needs, or with nothing of it.
 *
 * @param authorities the argument with the authorities of agents' certificates
 */
export function checkAgentMtls(
  agents: Argument<InstanceManagerAgents | undefined>,
  authorities: Argument<unknown>,
): void {
  const { mtls = AgentMtls.required, unsafeAllowAgentsWithoutCertificate: unsafe, verifyDepth } = agents.value ?? {};
  const mode = agents.field("mtls");
  if (mtls === AgentMtls.off)
    for (const [argument, value] of [
      [authorities, authorities.value],
      [agents.field("verifyDepth"), verifyDepth],
    ] as const)
      if (value !== undefined)
        argument.refuse(
          `is given, but with ${mode.path} "off" agents are not asked for a certificate`,
          "leave one of the two out",
        );
  if (mtls !== AgentMtls.off && authorities.value === undefined)
    authorities.refuse(
      `is missing: ${mode.path} is "${mtls}", and there is nothing to verify certificates with`,
      "give the authorities of your agents",
    );
  if (mtls !== AgentMtls.required && !unsafe)
    mode.refuse(
      `is "${mtls}", so that anyone who reaches the port can register as an agent`,
      'write "required" (or, where that is meant, unsafeAllowAgentsWithoutCertificate: true)',
    );
  if (mtls === AgentMtls.required && unsafe)
    agents
      .field("unsafeAllowAgentsWithoutCertificate")
      .refuse(`is true, but ${mode.path} is "required"`, "leave it out, or choose the other mode");
  agents.field("verifyDepth").integer(1, 10);
  agents.field("revocation").given((revocation) => {
    if (mtls !== AgentMtls.required)
      revocation.refuse(
        `is given, but with ${mode.path} "${mtls}" a revoked agent connects without a certificate`,
        "leave it out, or require certificates",
      );
    checkRevocation(revocation as Argument<ClientRevocationByApi>);
  });
}

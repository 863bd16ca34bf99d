import { directive, modernTls, type NginxConfigNode } from "../../../nginx";
import { serverName } from "../../trust-domain";
import { identityPath } from "../layout";
import type { OutboundSettings, SidecarSettings } from "../settings";

/** Returns TLS 1.2 and 1.3 with the workload's certificate, for clients with a certificate of the trust domain. */
export const serverTls = ({ verifyDepth }: SidecarSettings): NginxConfigNode[] => [
  ...modernTls("ssl"),
  directive("ssl_certificate", identityPath("certificate")),
  directive("ssl_certificate_key", identityPath("key")),
  directive("ssl_client_certificate", identityPath("bundle")),
  directive("ssl_verify_client", "on"),
  directive("ssl_verify_depth", `${verifyDepth}`),
  // A resumed session is not verified again, and would outlive the certificate with which it began.
  directive("ssl_session_tickets", "off"),
  directive("ssl_session_cache", "off"),
];

/** Returns TLS to a workload whose certificate must name its peer, for module `proxy` or `grpc`. */
export const clientTls = (
  module: "proxy" | "grpc",
  { peer: { namespace, serviceAccount } }: OutboundSettings,
  { verifyDepth }: SidecarSettings,
): NginxConfigNode[] => [
  ...modernTls(`${module}_ssl`),
  directive(`${module}_ssl_certificate`, identityPath("certificate")),
  directive(`${module}_ssl_certificate_key`, identityPath("key")),
  directive(`${module}_ssl_trusted_certificate`, identityPath("bundle")),
  directive(`${module}_ssl_verify`, "on"),
  directive(`${module}_ssl_verify_depth`, `${verifyDepth}`),
  directive(`${module}_ssl_server_name`, "on"),
  // NGINX compares DNS names only, never a URI.
  directive(`${module}_ssl_name`, serverName(namespace, serviceAccount)),
  // A session resumed under one name or depth would hide that another one is wrong.
  directive(`${module}_ssl_session_reuse`, "off"),
];

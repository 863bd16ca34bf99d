import { modernTls, type NginxConfigNode } from "../../nginx";
import { serverName } from "../trust-domain";
import { directive } from "./nodes";
import { identityPath } from "./places";
import type { SidecarSettings } from "./settings";

/** TLS 1.2 and 1.3 with the workload's certificate, to clients that show one of the trust domain. */
export const serverTls = ({ verifyDepth }: SidecarSettings): NginxConfigNode[] => [
  ...modernTls("ssl"),
  directive("ssl_certificate", identityPath("certificate")),
  directive("ssl_certificate_key", identityPath("key")),
  directive("ssl_client_certificate", identityPath("bundle")),
  directive("ssl_verify_client", "on"),
  directive("ssl_verify_depth", `${verifyDepth}`),
  // No session is resumed: a resumed one is not verified anew, and would outlive the certificate that began it.
  directive("ssl_session_tickets", "off"),
  directive("ssl_session_cache", "off"),
];

/** TLS to a workload, whose certificate has to name it; the same for modules `proxy` and `grpc`. */
export const clientTls = (
  module: "proxy" | "grpc",
  { namespace, serviceAccount }: { namespace: string; serviceAccount: string },
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

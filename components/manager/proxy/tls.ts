import { modernTls, type NginxConfigNode } from "../../nginx";
import { type ListenLayout, listenNodes } from "./http2";
import type { CertificateFiles } from "./layout";

/** Returns whether NGINX lacks `ssl_reject_handshake`, which came with 1.19.4. */
export const lacksRejection = "cannot turn away a TLS handshake (ssl_reject_handshake)";

/** Returns the server that rejects handshakes without a server name or with an unknown one. */
export function rejectingServer(layout: ListenLayout): NginxConfigNode {
  return {
    name: "server",
    block: [
      ...listenNodes(layout, "default_server"),
      { name: "server_name", args: ["_"] },
      { name: "ssl_reject_handshake", args: ["on"] },
      // OpenSSL takes these of the default server for every handshake, before it knows the name.
      ...tlsNodes(),
    ],
  };
}

/**
 * TLS 1.2 with forward secrecy, and 1.3, and each handshake a whole one: a session that is taken up again skips revocation lists, and the cache that
 * OpenSSL would take it from is the default server's, that of all names at once.
 */
export function tlsNodes(): NginxConfigNode[] {
  return [
    ...modernTls("ssl"),
    { name: "ssl_prefer_server_ciphers", args: ["off"] },
    { name: "ssl_session_cache", args: ["off"] },
    { name: "ssl_session_tickets", args: ["off"] },
  ];
}

export const certificateNodes = ({ certificate, key }: CertificateFiles): NginxConfigNode[] => [
  { name: "ssl_certificate", args: [certificate] },
  { name: "ssl_certificate_key", args: [key] },
];

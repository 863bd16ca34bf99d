import { block, directive, flat, modernTls, type NginxConfigNode } from "../../../nginx";
import type { CertificateFiles } from "../model";

/** A listening port, and the form in which NGINX has HTTP/2. */
export interface Listener {
  port: number;
  http2Directive: boolean;
}

/** Returns `listen` with HTTP/2, and with TLS where the options have `ssl`. */
export const listenNodes = ({ port, http2Directive }: Listener, ...options: string[]): NginxConfigNode[] =>
  http2Directive
    ? [directive("listen", `${port}`, ...options), directive("http2", "on")]
    : [directive("listen", `${port}`, ...(options[0] === "ssl" ? ["ssl", "http2"] : ["http2"]), ...options.slice(1))];

/** Returns the server that rejects TLS handshakes without a server name or with an unknown one. */
export const rejectingServer = (listener: Listener): NginxConfigNode =>
  block("server", [
    listenNodes(listener, "ssl", "default_server"),
    directive("server_name", "_"),
    directive("ssl_reject_handshake", "on"),
    // OpenSSL takes these from the default server for every handshake, before it knows the name.
    tlsNodes(),
  ]);

/**
 * Returns TLS 1.2 with forward secrecy, and 1.3, without session resumption: a resumed session skips revocation lists, and OpenSSL's cache
 * is that of the default server, shared by all names.
 */
export const tlsNodes = (): NginxConfigNode[] =>
  flat([
    modernTls("ssl"),
    directive("ssl_prefer_server_ciphers", "off"),
    directive("ssl_session_cache", "off"),
    directive("ssl_session_tickets", "off"),
  ]);

/** Returns the certificate of a server. */
export const certificateNodes = ({ certificate, key }: CertificateFiles): NginxConfigNode[] => [
  directive("ssl_certificate", certificate),
  directive("ssl_certificate_key", key),
];

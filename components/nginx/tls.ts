import { directive, type NginxConfigNode } from "./conf";

const protocols = ["TLSv1.2", "TLSv1.3"];

/** Forward secrecy and authenticated encryption; TLS 1.3 has nothing else. */
const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** TLS 1.2 and 1.3 with modern ciphers, in the directives of a server (`ssl`) or of a module that connects (`grpc_ssl`). */
export const modernTls = (directives: "ssl" | "proxy_ssl" | "grpc_ssl"): NginxConfigNode[] => [
  directive(`${directives}_protocols`, ...protocols),
  directive(`${directives}_ciphers`, ciphers),
];

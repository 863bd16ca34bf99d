import type { NginxConfigNode } from "../../nginx";
import type { ProxyLayout } from "./layout";

/** Returns the `listen` directive of a server. */
export type ListenLayout = Pick<ProxyLayout, "port" | "http2Directive">;

/** How a server listens for TLS and HTTP/2. */
export function listenNodes({ port, http2Directive }: ListenLayout, ...options: string[]): NginxConfigNode[] {
  return http2Directive
    ? [
        { name: "listen", args: [`${port}`, "ssl", ...options] },
        { name: "http2", args: ["on"] },
      ]
    : [{ name: "listen", args: [`${port}`, "ssl", "http2", ...options] }];
}

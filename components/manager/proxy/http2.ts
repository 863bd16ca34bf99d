import { Edition, type NginxConfigNode } from "../../nginx";
import type { ProxyPlace } from "./place";

/** Reads a version of open-source NGINX, `1.22.1`; undefined when it is none. */
export function readVersion(text: string): number[] | undefined {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) ? text.split(".").map(Number) : undefined;
}

/** Whether a version is older than another. */
export function olderThan(version: number[], other: number[]): boolean {
  const index = version.findIndex((part, position) => part !== other[position]);
  return index >= 0 && version[index]! < other[index]!;
}

/** Whether there is the directive `http2`: it came with 1.25.1, on which every supported NGINX Plus stands. */
export function hasHttp2Directive(edition: Edition, openSourceVersion?: string): boolean {
  const version = edition === Edition.oss && openSourceVersion !== undefined && readVersion(openSourceVersion);
  return !(version && olderThan(version, [1, 25, 1]));
}

/** What a server listens with. */
export type ListenPlace = Pick<ProxyPlace, "port" | "http2Directive">;

/** How a server listens for TLS and HTTP/2. */
export function listenNodes({ port, http2Directive }: ListenPlace, ...options: string[]): NginxConfigNode[] {
  return http2Directive
    ? [
        { name: "listen", args: [`${port}`, "ssl", ...options] },
        { name: "http2", args: ["on"] },
      ]
    : [{ name: "listen", args: [`${port}`, "ssl", "http2", ...options] }];
}

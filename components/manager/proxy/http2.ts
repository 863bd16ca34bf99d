import { Edition, type NginxConfigNode } from "../../nginx";
import type { InstanceManagerProxyArgs } from "../instance-manager-proxy-args";

/** The port that the pods listen on. */
export const listenPort = 8443;

/** Reads a version of open-source NGINX, `1.22.1`; undefined when it is none. */
export function readVersion(text: string): number[] | undefined {
  return /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text) ? text.split(".").map(Number) : undefined;
}

/** Whether a version is older than another. */
export function olderThan(version: number[], other: number[]): boolean {
  const index = version.findIndex((part, position) => part !== other[position]);
  return index >= 0 && version[index]! < other[index]!;
}

/** How a server listens for TLS and HTTP/2: the directive `http2` came with 1.25.1, on which every supported NGINX Plus stands. */
export function listenNodes(args: InstanceManagerProxyArgs, ...options: string[]): NginxConfigNode[] {
  const { edition = Edition.plus, openSourceVersion } = args;
  const version = edition === Edition.oss && openSourceVersion !== undefined && readVersion(openSourceVersion);
  return version && olderThan(version, [1, 25, 1])
    ? [{ name: "listen", args: [`${listenPort}`, "ssl", "http2", ...options] }]
    : [
        { name: "listen", args: [`${listenPort}`, "ssl", ...options] },
        { name: "http2", args: ["on"] },
      ];
}

import { isPlainInput } from "../foundation";
import type { NginxConfigNode } from "./conf";

/** Returns the number of clients that one pod has room for: all connections of its workers, half of them where it proxies. Undefined where the configuration does not say it (`auto`). */
export function clientsPerPod(whole: NginxConfigNode[]): number | undefined {
  const workers = numberOf(whole, "worker_processes");
  const connections = numberOf(blockOf(whole, "events"), "worker_connections");
  if (workers === undefined || connections === undefined) return undefined;
  return Math.floor((workers * connections) / (proxies(whole) ? 2 : 1));
}

/** Returns whether there is a block of that name anywhere in a part of the configuration. */
export const hasBlock = (nodes: NginxConfigNode[] | undefined, name: string): boolean =>
  (nodes ?? []).some((node) => (node.name === name && node.block !== undefined) || hasBlock(node.block, name));

/** Returns whether there is a directive of that name anywhere in a part of the configuration. */
export const hasDirective = (nodes: NginxConfigNode[] | undefined, name: string): boolean =>
  (nodes ?? []).some((node) => (node.name === name && node.block === undefined) || hasDirective(node.block, name));

const blockOf = (nodes: NginxConfigNode[], name: string) => nodes.find((node) => node.name === name)?.block ?? [];

function numberOf(nodes: NginxConfigNode[], name: string): number | undefined {
  const value = nodes.find((node) => node.name === name)?.args?.[0];
  return value !== undefined && isPlainInput(value) && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

// A proxied client uses two connections.
const proxies = (nodes: NginxConfigNode[]): boolean =>
  nodes.some(
    ({ name, block }) => /^(?:proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass$/.test(name) || proxies(block ?? []),
  );

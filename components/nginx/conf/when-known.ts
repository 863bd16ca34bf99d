import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../../foundation";
import type { NginxConfigNode } from "./node";

/** Uses a configuration at once when all its arguments are plain, otherwise as soon as they are known. */
export function whenKnown(nodes: NginxConfigNode[], use: (known: NginxConfigNode[]) => string): pulumi.Input<string> {
  return isPlain(nodes) ? use(nodes) : pulumi.output(nodes).apply((known) => use(known as NginxConfigNode[]));
}

const isPlain = (nodes: NginxConfigNode[]): boolean =>
  nodes.every(({ args = [], block = [] }) => args.every(isPlainInput) && isPlain(block));

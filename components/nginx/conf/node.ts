import type { Input } from "@pulumi/pulumi";

/**
 * One node of an NGINX configuration: a directive, or a block when it has `block`.
 *
 * Every argument is data: the printer quotes it, and nothing in it can end the directive or open a block.
 */
export interface NginxConfigNode {
  /** Directive name, for example `proxy_pass`; in a `map` or `geo` block the key. */
  name: string;
  /** Arguments in order, each unquoted. @default none */
  args?: Input<string>[];
  /** The nodes inside the braces; an empty array is an empty block. @default none, the node is a directive that ends in `;` */
  block?: NginxConfigNode[];
  /** Whether `$name` and `${name}` in the arguments are NGINX variables; otherwise `$` is a dollar sign. @default false */
  variables?: boolean;
  /** Whether only NGINX Plus knows the directive; such nodes are left out for the open-source edition. @default false */
  plus?: boolean;
}

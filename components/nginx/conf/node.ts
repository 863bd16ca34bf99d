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
  /**
   * `true`: `$name` and `${name}` in the arguments are NGINX variables. `false`: `$` is a dollar sign.
   * @default false; refused for the name of a variable that NGINX or the configuration knows, in a directive that NGINX evaluates
   */
  variables?: boolean;
  /** `true`: only NGINX Plus has the directive; the node is left out for the open-source edition. @default false */
  plus?: boolean;
  /**
   * `true`: the directive is one of a module that is not part of NGINX; its name, place and number of arguments are not checked.
   * @default false; directives of unknown modules that `main` loads with `load_module` need no mark
   */
  thirdParty?: boolean;
}

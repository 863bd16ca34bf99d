import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Label that tells the pods of one component from all others. */
export const instanceLabel = "app.kubernetes.io/instance";

/**
 * Returns a label value that no other component of any stack or project has.
 *
 * It is made once and kept in the state: selectors cannot change, so it stays the same where a component with an alias, its stack or its project is renamed.
 *
 * @param opts with the component as parent
 */
export const makeInstance = (name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> =>
  new random.RandomId(`${name}-instance`, { byteLength: 8 }, opts).hex;

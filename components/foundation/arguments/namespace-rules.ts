import * as pulumi from "@pulumi/pulumi";
import { isPlainInput } from "../inputs";
import type { Argument } from "./argument";
import { factsOf } from "./facts";

/**
 * Checks that a Secret, by its name, is in the namespace of the pods that use it: Kubernetes finds it in no other.
 *
 * A name given as a plain text says nothing of its namespace and is not checked.
 *
 * @param remedy what to write instead
 */
export function checkSameNamespace(
  secretName: Argument<pulumi.Input<string> | undefined>,
  namespace: pulumi.Input<string> | undefined,
  remedy = "make it in the namespace of the pods that use it, once for each namespace",
): void {
  const facts = factsOf(secretName.value);
  if (facts?.namespace === undefined || namespace === undefined) return;
  const refuse = () => secretName.refuse(`is of ${facts.component}, which is in another namespace`, remedy);
  const same = compareNamespaces(facts.namespace, namespace);
  if (same === false) refuse();
  if (same === undefined)
    pulumi.all([facts.namespace, namespace]).apply(([one, other]) => {
      if (one !== other) refuse();
    });
}

/** Returns whether two namespaces are the same one, or undefined where only the names, once known, can tell. */
function compareNamespaces(one: pulumi.Input<string>, other: pulumi.Input<string>): boolean | undefined {
  if (one === other) return true;
  const names = [one, other].map((namespace) => {
    const given = factsOf(namespace)?.namespaceName ?? namespace;
    return isPlainInput(given) ? given : undefined;
  });
  if (names[0] !== undefined && names[1] !== undefined) return names[0] === names[1];
  // A Namespace without a name of the user's gets one that no other has.
  const generated = (namespace: unknown) => {
    const facts = factsOf(namespace);
    return facts !== undefined && facts.namespaceName === undefined;
  };
  return (generated(one) && (generated(other) || names[1] !== undefined)) ||
    (generated(other) && names[0] !== undefined)
    ? false
    : undefined;
}

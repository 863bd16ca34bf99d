import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { type Argument, formats } from "../foundation";
import { meshFormats } from "./formats";
import { checkSecretName } from "./pod-rules";

/** An environment variable with the value of a Secret, for a node with `environment` in `plugins`. */
export interface SpireSecretVariable {
  /** Name of the variable, as in `environment`. */
  name: string;
  /** Name of the Secret, in the namespace of the pods. */
  secretName: Input<string>;
  /** Key of the value in the Secret. */
  key: Input<string>;
  /** Text that changes when the contents change; a secret. @default pods do not roll when the contents change @secret */
  revision?: Input<string>;
}

/** Remedy for a secret in a plugin. */
export const secretInPlugin =
  "put it into a Secret, name that in secretVariables, and write environment with the variable's name here in place of text";

/** Variables that other arguments set. */
const reserved = ["SPIRE_DATABASE", "MY_NODE_NAME", "VAULT_TOKEN", "VAULT_APPROLE_ID", "VAULT_APPROLE_SECRET_ID"];

/** Checks environment variables with values of Secrets, for pods of a namespace. */
export function checkSecretVariables(
  variables: Argument<SpireSecretVariable[] | undefined>,
  namespace: Input<string> | undefined,
): void {
  const names = new Set<unknown>();
  for (const variable of variables.entries())
    variable.check(() => {
      const name = variable.field("name");
      name.matches(meshFormats.environmentVariable);
      name.unique(names, "give each variable its own name");
      if (reserved.includes(name.value))
        name.refuse(`is ${name.value}, which another argument sets`, "use another name");
      checkSecretName(variable.field("secretName"), namespace);
      variable.field("key").matches(formats.secretKey);
    });
}

/** Returns the environment variables of a container. */
export const secretVariables = (variables: readonly SpireSecretVariable[] = []): types.input.core.v1.EnvVar[] =>
  variables.map(({ name, secretName, key }) => ({ name, valueFrom: { secretKeyRef: { name: secretName, key } } }));

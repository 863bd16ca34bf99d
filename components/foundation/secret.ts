import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Argument, formats } from "./arguments";

/** A Secret that something else keeps: External Secrets, Vault, cert-manager. */
export interface ExistingSecret {
  /** Name of the Secret, a DNS-1123 subdomain. */
  name: pulumi.Input<string>;
  /** Anything that changes when the contents change, for example their version in Vault; pods that use the Secret roll with it. @default pods do not roll when the contents change @secret */
  revision?: pulumi.Input<string>;
}

/** A Secret as the components that mount it see it. */
export interface SecretReference {
  /** Name of the Secret, in the namespace of the pods. */
  secretName: pulumi.Input<string>;
  /** Anything that changes when the contents change; a secret. @default pods do not roll when the contents change @secret */
  revision?: pulumi.Input<string>;
}

/** The reference alone: an instance of a component may stand for one, and nothing else of it may be taken along. */
export const referenceTo = ({ secretName, revision }: SecretReference): SecretReference => ({ secretName, revision });

/** Name and labels of a Secret that a component makes, wherever that is. */
export interface SecretNaming {
  /**
   * Fixed name of the Secret, a DNS-1123 subdomain, where something looks for that name. New contents then mean that the Secret is deleted and made again, and a pod
   * that starts between the two waits; the Kubernetes provider's `enableSecretMutable` updates it in place. Consumers get the name without a dependency on the Secret, so give them `dependsOn` on this component.
   *
   * @default made up by Pulumi from the component's name, anew for new contents
   */
  name?: pulumi.Input<string>;
  /** Labels of the Secret. @default none */
  labels?: Record<string, pulumi.Input<string>>;
  /** Annotations of the Secret. @default none */
  annotations?: Record<string, pulumi.Input<string>>;
}

/** Namespace, name and labels of a Secret that a component makes. */
export interface SecretMetadata extends SecretNaming {
  /** Namespace of the Secret, that of the pods that use it. */
  namespace: pulumi.Input<string>;
}

/** The outputs that every Secret-making component has. */
export interface SecretOutputs {
  secretName: pulumi.Output<string>;
  revision: pulumi.Output<string>;
}

/** Checks the names, and that `existing` stands alone: everything but the namespace describes a Secret that the component makes. */
export function checkSecret(argument: Argument<Partial<SecretMetadata> & { existing?: ExistingSecret }>): void {
  argument.field("namespace").matches(formats.dnsLabel);
  argument.field("name").matches(formats.dnsSubdomain);
  argument.field("existing").given((existing) => {
    existing.field("name").matches(formats.dnsSubdomain);
    argument.alone(["existing", "namespace"], "an existing Secret is used as it is");
  });
}

/** Makes a Secret; `contents` are the texts by key. */
export function makeSecret(
  name: string,
  type: string,
  contents: Record<string, pulumi.Input<string>>,
  metadata: SecretMetadata,
  opts: pulumi.CustomResourceOptions,
): SecretOutputs {
  const secret = new k8s.core.v1.Secret(
    name,
    {
      metadata: {
        name: metadata.name,
        namespace: metadata.namespace,
        labels: metadata.labels,
        annotations: metadata.annotations,
      },
      type,
      // Not `stringData`: a key that disappears from it stays in a Secret that is updated in place.
      data: Object.fromEntries(Object.entries(contents).map(([key, text]) => [key, base64(text)])),
    },
    opts,
  );
  return {
    // A fixed name read from the Secret itself would make a rotation delete the Deployments that mount it.
    secretName: metadata.name === undefined ? secret.metadata.name : pulumi.output(metadata.name),
    revision: pulumi.secret(contents).apply((texts) => sha256(JSON.stringify(texts))),
  };
}

/** Returns the outputs for a Secret that something else keeps. */
export function existingSecret(existing: ExistingSecret): SecretOutputs {
  return { secretName: pulumi.output(existing.name), revision: pulumi.secret(existing.revision ?? "") };
}

function base64(text: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.secret(text).apply((known) => Buffer.from(known).toString("base64"));
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

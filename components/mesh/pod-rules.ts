import type { Input } from "@pulumi/pulumi";
import {
  type Argument,
  checkCertificateRole,
  checkSameNamespace,
  factsOf,
  formats,
  PodSecurityLevel,
  type SecretReference,
} from "../foundation";
import type { MeshImages } from "./versions";

type Namespace = Input<string> | undefined;

/** Checks the name of a Secret for pods of a namespace. */
export function checkSecretName(secretName: Argument<Input<string> | undefined>, namespace: Namespace): void {
  secretName.matches(formats.dnsSubdomain);
  checkSameNamespace(secretName, namespace);
}

/** Checks a reference to a Secret for pods of a namespace. */
export const checkSecret = (reference: Argument<SecretReference | undefined>, namespace: Namespace): void =>
  reference.given((secret) => checkSecretName(secret.field("secretName"), namespace));

/** Checks a reference to a client certificate for pods of a namespace. */
export function checkClientCertificate(reference: Argument<SecretReference | undefined>, namespace: Namespace): void {
  checkSecret(reference, namespace);
  reference.given((certificate) => checkCertificateRole(certificate.field("secretName"), "client"));
}

/** Checks the names of pull secrets. */
export function checkPullSecrets(names: Argument<Input<string>[] | undefined>, namespace: Namespace): void {
  for (const name of names.entries()) name.check((secret) => checkSecretName(secret, namespace));
}

/** Refuses a Namespace of this program that does not admit privileged pods. */
export function checkPrivileged(namespace: Argument<Namespace>, pods: string): void {
  const facts = factsOf(namespace.value);
  if (facts?.podSecurity !== undefined && facts.podSecurity !== PodSecurityLevel.privileged)
    namespace.refuse(
      `is ${facts.component}, which enforces ${facts.podSecurity} Pod Security, and ${pods} privileged`,
      'give that Namespace podSecurity "privileged", or use another one',
    );
}

/** Checks the names of images and of their mirror. */
export function checkImages(images: Argument<MeshImages | undefined>): void {
  for (const [key, image] of (images as Argument<Record<string, Input<string>> | undefined>).record())
    image.matches(key === "registry" ? formats.registry : formats.image);
}

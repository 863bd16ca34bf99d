import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";

/** Trust domains of examples, which many clusters use: identities of one would be valid in another. */
const examples = ["example.org", "example.com", "example.net", "example"];

/** Checks the name of a trust domain, by the SPIFFE ID specification §2.1. */
export function checkTrustDomain(
  argument: Argument<Input<string> | undefined>,
  unsafeExampleTrustDomain = false,
): void {
  argument.known((trustDomain) => {
    if (trustDomain.includes("://"))
      argument.refuse("is a URI", "write the trust domain alone, without `spiffe://` and path");
    else if (trustDomain.length > 255 || !/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(trustDomain))
      argument.refuse(
        "is not the name of a trust domain",
        "write at most 255 lower-case letters, digits, `.`, `-` and `_`, for example `mesh.corp.example.com`",
      );
    else if (examples.includes(trustDomain) && !unsafeExampleTrustDomain)
      argument.refuse(
        `is ${trustDomain}, a trust domain of examples`,
        "write a name of your own, or for a trial unsafeExampleTrustDomain: true",
      );
  });
}

/** Returns the SPIFFE ID of the workloads of a service account. */
export const spiffeId = (trustDomain: string, namespace: string, serviceAccount: string) =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

/** Returns the DNS name by which clients verify the workloads of a service account, also the common name of their certificates. */
export const serverName = (namespace: string, serviceAccount: string) => `${serviceAccount}.${namespace}.svc`;

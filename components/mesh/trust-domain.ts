import type { Refuser } from "../foundation";

/** Trust domains that documentation uses for examples, and so do many clusters: identities of one would hold in another. */
const examples = ["example.org", "example.com", "example.net", "example"];

/** Checks the name of a trust domain, by the SPIFFE ID specification §2.1. */
export function checkTrustDomain(
  refuse: Refuser,
  property: string,
  trustDomain: string,
  unsafeExampleTrustDomain = false,
): void {
  if (trustDomain.includes("://"))
    refuse(property, "is a URI", "write the trust domain alone, without `spiffe://` and path");
  if (trustDomain.length > 255 || !/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(trustDomain))
    refuse(
      property,
      "is not the name of a trust domain",
      "write at most 255 lower-case letters, digits, `.`, `-` and `_`, for example `mesh.corp.example.com`",
    );
  if (examples.includes(trustDomain) && !unsafeExampleTrustDomain)
    refuse(
      property,
      `is ${trustDomain}, which stands for any trust domain in documentation`,
      "write a name that is yours (or, for a trial, unsafeExampleTrustDomain: true)",
    );
}

/** Checks a SPIFFE ID: `spiffe://`, a trust domain, and a path that names a workload. */
export function checkSpiffeId(refuse: Refuser, property: string, id: string): void {
  const [, trustDomain = "", path = ""] = /^spiffe:\/\/([^/]*)(\/.*)?$/.exec(id) ?? [];
  if (trustDomain === "" || id.length > 2048)
    refuse(
      property,
      "is not a SPIFFE ID",
      "write `spiffe://<trust domain>/<path>`, at most 2048 characters, without query, port or user",
    );
  checkTrustDomain(refuse, property, trustDomain, true);
  if (path === "") refuse(property, "has no path", "write the ID of a workload, not of the trust domain");
  const segments = path.slice(1).split("/");
  if (!segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.{1,2}$/.test(segment)))
    refuse(
      property,
      "has a path that no SPIFFE ID has",
      "write letters, digits, `.`, `-` and `_` between single slashes, no `.` or `..` alone, and no slash at the end",
    );
}

/** The SPIFFE ID of the workloads of a service account, which WorkloadIdentity gives them. */
export const spiffeId = (trustDomain: string, namespace: string, serviceAccount: string) =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

/** The DNS name by which clients know the workloads of a service account; the common name of their certificates, too. */
export const serverName = (namespace: string, serviceAccount: string) => `${serviceAccount}.${namespace}.svc`;

import { checked, checkPlain, labelName, type Refuser, subdomainName } from "../../foundation";
import type { MeshPeer } from "./sidecar-args";

/** Checks the names of a workload, whose identity is made from them. */
export function checkPeer(property: string, peer: MeshPeer | undefined, refuse: Refuser): void {
  if (peer === undefined) refuse(property, "is missing", "write its namespace and serviceAccount");
  checkPlain(refuse, { [property]: peer });
  for (const field of ["namespace", "serviceAccount"] as const)
    if (peer[field] === undefined)
      refuse(
        `${property}.${field}`,
        "is missing",
        "write both: a service account of that name may be in any namespace",
      );
  checked(peer.namespace, labelName(refuse, `${property}.namespace`));
  checked(peer.serviceAccount, subdomainName(refuse, `${property}.serviceAccount`));
}

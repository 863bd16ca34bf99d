import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import { checkCrl, isRoot, readCertificates } from "./pem";

/** Checks the authorities of peers, PEM: OpenSSL builds each chain up to a root, so an intermediate alone rejects every peer. */
export function checkAuthorities(authorities: Argument<Input<string> | undefined>, now = new Date()): void {
  authorities.known((pem, argument) => {
    const certificates = argument.read((refuse) => readCertificates(refuse, argument.path, pem)) ?? [];
    const roots = certificates.filter(isRoot);
    if (certificates.some(({ ca }) => !ca))
      argument.refuse(
        "has a certificate that is no authority",
        "write the certificates of the authorities, not those that they have issued",
      );
    else if (certificates.length > 0 && roots.length === 0)
      argument.refuse("has no root in it", "add the root: NGINX accepts no chain that ends before it");
    else if (roots.length > 0 && roots.every(({ validTo }) => new Date(validTo) < now))
      argument.refuse("has only roots that have expired", "write the present root");
  });
}

/** Checks the form of revocation lists. */
export const checkRevocationLists = (lists: Argument<Input<string> | undefined>): void =>
  lists.known((pem, argument) => argument.attempt((refuse) => checkCrl(refuse, argument.path, pem)));

import type { Input } from "@pulumi/pulumi";
import type { Argument } from "../foundation";
import { readTrusted } from "./chain";
import { checkCrl } from "./pem";

/** Checks the authorities of peers, PEM: OpenSSL builds each chain up to a root, so an intermediate alone rejects every peer. */
export function checkAuthorities(authorities: Argument<Input<string> | undefined>, now = new Date()): void {
  authorities.known((pem, argument) =>
    argument.attempt((refuse) => void readTrusted(refuse, argument.path, pem, now.getTime())),
  );
}

/** Checks the form of revocation lists. */
export const checkRevocationLists = (lists: Argument<Input<string> | undefined>): void =>
  lists.known((pem, argument) => argument.attempt((refuse) => checkCrl(refuse, argument.path, pem)));

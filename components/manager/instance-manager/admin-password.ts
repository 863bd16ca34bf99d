import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Argument } from "../../foundation";
import type { InstanceManagerAdmin } from "./instance-manager-args";
import { sha512Crypt } from "./sha512-crypt";

/** Checks that people can log in with the password, and that it is not a weak one. */
export function checkAdmin(admin: Argument<InstanceManagerAdmin | undefined>): void {
  const { password, passwordHash, passwordGeneration } = admin.value ?? {};
  const hash = admin.field("passwordHash");
  if (password !== undefined && passwordHash !== undefined)
    hash.refuse("is given beside password", "remove one of the two: the hash is made from the password");
  if (passwordGeneration !== undefined && (password ?? passwordHash) !== undefined)
    admin
      .field("passwordGeneration")
      .refuse("is given, but no password is generated", "leave it out, and change the other");
  admin.field("password").known((text, argument) => {
    if (text.length < 12) argument.refuse("has fewer than 12 characters", "write a longer one, or none");
    if (/[\u0000-\u001f\u007f]/.test(text) || text !== text.trim())
      argument.refuse("has a line break, or blanks around it", "remove them: they cannot be typed reliably");
  });
  if (password === undefined)
    hash.known((text, argument) => {
      if (!/^\$6\$(?:rounds=[1-9]\d{3,8}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/.test(text))
        argument.refuse("is not a SHA-512 hash of crypt(3)", "write what `openssl passwd -6` prints");
    });
}

/** The password of `admin`, and the hash that the chart is told. */
export interface AdminPassword {
  /** "" where only the hash was given. */
  password: pulumi.Output<string>;
  hash: pulumi.Output<string>;
}

/** Takes or makes the password, and its hash with a salt that is made once: another one at each run would be a change at each run. */
export function adminPassword(
  name: string,
  { password: given, passwordHash, passwordGeneration }: InstanceManagerAdmin,
  opts: pulumi.CustomResourceOptions,
): AdminPassword {
  if (passwordHash !== undefined) return { password: pulumi.secret(""), hash: pulumi.secret(passwordHash) };
  const keepers = passwordGeneration === undefined ? undefined : { generation: passwordGeneration };
  const password = pulumi.secret(
    given ?? new random.RandomPassword(`${name}-admin-password`, { length: 32, special: false, keepers }, opts).result,
  );
  const salt = new random.RandomPassword(`${name}-admin-salt`, { length: 16, special: false, keepers }, opts).result;
  return { password, hash: pulumi.all([password, salt]).apply(([text, random16]) => sha512Crypt(text, random16)) };
}

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { checked, type Refuser } from "../../foundation";
import type { InstanceManagerAdmin } from "./instance-manager-args";
import { sha512Crypt } from "./sha512-crypt";

/** Refuses a password that is weak or would not be the one that people type, and a hash that nobody could log in with. */
export function checkAdmin({ admin = {} }: { admin?: InstanceManagerAdmin }, refuse: Refuser): void {
  const { password, passwordHash, passwordGeneration } = admin;
  if (password !== undefined && passwordHash !== undefined)
    refuse(
      "admin.passwordHash",
      "is given beside password",
      "remove one of the two: the hash is made from the password",
    );
  if (passwordGeneration !== undefined && (password !== undefined || passwordHash !== undefined))
    refuse("admin.passwordGeneration", "is given, but no password is generated", "leave it out, and change the other");
  if (password !== undefined)
    checked(password, (text) => {
      if (text.length < 12) refuse("admin.password", "has fewer than 12 characters", "write a longer one, or none");
      if (/[\u0000-\u001f\u007f]/.test(text) || text !== text.trim())
        refuse("admin.password", "has a line break, or blanks around it", "write it without: nobody would type them");
    });
  if (passwordHash !== undefined)
    checked(passwordHash, (text) => {
      if (!/^\$6\$(?:rounds=[1-9]\d{3,8}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/.test(text))
        refuse("admin.passwordHash", "is no SHA-512 hash of crypt(3)", "write what `openssl passwd -6` prints");
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
  { password: given, passwordHash, passwordGeneration }: InstanceManagerAdmin = {},
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

import { createHash, createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { SecretVolume } from "./mounts";

/** Annotations of the pods that change with their configuration and their Secrets, so that a change rolls them. */
export function checksumAnnotations(
  name: string,
  data: Record<string, pulumi.Input<string>>,
  secrets: Pick<SecretVolume, "revision">[],
  opts: pulumi.CustomResourceOptions,
): Record<string, pulumi.Input<string>> {
  const config = pulumi.output(data).apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex"));
  if (secrets.length === 0) return { "checksum/config": config };
  // A plain digest of a secret could be searched for with a list of words.
  const key = new random.RandomId(`${name}-checksum-key`, { byteLength: 32 }, opts).hex;
  const revisions = secrets.map(({ revision }) => revision ?? "");
  return {
    "checksum/config": config,
    "checksum/secrets": pulumi
      .secret(pulumi.all([key, pulumi.all(revisions)]))
      .apply(([hex, known]) =>
        createHmac("sha256", Buffer.from(hex, "hex")).update(JSON.stringify(known)).digest("hex"),
      ),
  };
}

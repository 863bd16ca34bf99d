import { existsSync } from "node:fs";
import { posix } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Argument } from "../../foundation";
import { meshVersions } from "../versions";
import { SpireCrds, type SpireServerArgs } from "./spire-server-args";

const version = meshVersions.controllerManager;
const kinds = ["clusterspiffeids", "clusterstaticentries", "clusterfederatedtrustdomains"];

/** Where upstream publishes the CRDs of the controller manager: it does not start when one is missing. */
export const crdUrls = kinds.map(
  (kind) =>
    `https://raw.githubusercontent.com/spiffe/spire-controller-manager/v${version}/config/crd/bases/spire.spiffe.io_${kind}.yaml`,
);
const fileName = `spire-controller-manager-${version}.yaml`;

const isUrl = (source: string) => /^https?:\/\//.test(source);

/** Refuses a folder without the file. */
export function checkCrds(argument: Argument<SpireServerArgs>): void {
  if (argument.value.crds === SpireCrds.existing)
    for (const property of ["crdSource", "deleteCrds"] as const)
      if (argument.value[property])
        argument
          .field(property)
          .refuse('is given beside crds "existing"', "remove one of the two: CRDs that are there are left alone");
  argument.field("crdSource").given((source) => {
    if (!isUrl(source.value) && !existsSync(posix.join(source.value, fileName)))
      source.refuse(`has no ${fileName}`, `write ${crdUrls.join(", ")} into it, one behind the other`);
  });
}

/** Installs the CRDs where that is wanted; what is of their kinds has to wait for what is returned. */
export function installCrds(
  name: string,
  { crds, crdSource, deleteCrds = false }: Pick<SpireServerArgs, "crds" | "crdSource" | "deleteCrds">,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource[] {
  if (crds === SpireCrds.existing) return [];
  const files = crdSource === undefined ? crdUrls : [join(crdSource)];
  // Without a CRD its objects are gone, and every identity with them.
  return [new k8s.yaml.v2.ConfigGroup(`${name}-crds`, { files }, { ...opts, retainOnDelete: !deleteCrds })];
}

const join = (source: string) =>
  isUrl(source) ? `${source.replace(/\/$/, "")}/${fileName}` : posix.join(source, fileName);

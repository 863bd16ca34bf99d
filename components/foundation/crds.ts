import { existsSync } from "node:fs";
import { posix } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Argument } from "./arguments";

/** Arguments about the CRDs of a component. */
interface CrdArgs {
  crds?: "install" | "existing";
  crdSource?: string;
  deleteCrds?: boolean;
}

/** A file with CRDs. */
export interface CrdFile {
  /** Name of the file in a folder of the user's. */
  name: string;
  /** Addresses at which upstream publishes its parts. */
  urls: string[];
}

/** The CRDs of a component, as they are installed. */
export interface ResolvedCrds {
  /** Files to install; none where the CRDs exist already. */
  files: string[];
  /** Addresses at which upstream publishes them. */
  urls: string[];
  /** `true`: `destroy` deletes them, and with them all objects of their kinds. */
  deleted: boolean;
}

/** Returns the CRDs of a component; refuses a folder that lacks a file, and arguments that existing CRDs contradict. */
export function resolveCrds(argument: Argument<CrdArgs>, needed: CrdFile[]): ResolvedCrds {
  const { crds = "install", crdSource, deleteCrds = false } = argument.value;
  const urls = needed.flatMap((file) => file.urls);
  if (crds === "existing") {
    for (const field of [argument.field("crdSource"), argument.field("deleteCrds")])
      if (field.value)
        field.refuse('is given beside crds "existing"', "remove one of the two: CRDs that are there are left alone");
    return { files: [], urls, deleted: false };
  }
  if (crdSource === undefined) return { files: urls, urls, deleted: deleteCrds };
  if (isUrl(crdSource)) {
    const folder = crdSource.replace(/\/$/, "");
    return { files: needed.map(({ name }) => `${folder}/${name}`), urls, deleted: deleteCrds };
  }
  for (const file of needed)
    if (!existsSync(posix.join(crdSource, file.name)))
      argument.field("crdSource").refuse(`has no ${file.name}`, howToGet(file, crdSource));
  return { files: needed.map(({ name }) => posix.join(crdSource, name)), urls, deleted: deleteCrds };
}

/** Installs CRDs; objects of their kinds wait for the returned resources. */
export const installCrds = (
  name: string,
  { files, deleted }: ResolvedCrds,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource[] =>
  // The objects of a CRD are deleted with it, in the whole cluster.
  files.length === 0
    ? []
    : [new k8s.yaml.v2.ConfigGroup(`${name}-crds`, { files }, { ...opts, retainOnDelete: !deleted })];

const isUrl = (source: string) => /^https?:\/\//.test(source);

const howToGet = ({ urls, name }: CrdFile, folder: string) =>
  urls.length === 1
    ? `download ${urls[0]} to ${posix.join(folder, name)}`
    : `write ${urls.join(", ")} into it, one behind the other`;

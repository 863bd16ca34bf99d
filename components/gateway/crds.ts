import { existsSync } from "node:fs";
import { posix } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Refuser } from "../foundation";
import { type GatewayFabricCommonArgs, GatewayFabricCrds } from "./gateway-fabric-args";
import type { GatewayFabricVersion } from "./versions";

/** A file with CRDs: where upstream publishes it, and what it is called in a folder of one's own. */
interface CrdFile {
  url: string;
  name: string;
}

/** The CRDs that a version needs: those of the Gateway API first. */
export function crdFiles(
  { version, gatewayApiVersion }: GatewayFabricVersion,
  { experimentalFeatures = false }: GatewayFabricCommonArgs,
): CrdFile[] {
  const channel = experimentalFeatures ? "experimental" : "standard";
  return [
    {
      url: `https://github.com/kubernetes-sigs/gateway-api/releases/download/v${gatewayApiVersion}/${channel}-install.yaml`,
      name: `gateway-api-${gatewayApiVersion}-${channel}.yaml`,
    },
    {
      url: `https://raw.githubusercontent.com/nginx/nginx-gateway-fabric/v${version}/deploy/crds.yaml`,
      name: `nginx-gateway-fabric-${version}.yaml`,
    },
  ];
}

/** Refuses a folder in which the files of the version are not. */
export function checkCrds(refuse: Refuser, version: GatewayFabricVersion, args: GatewayFabricCommonArgs): void {
  const { crdSource } = args;
  if (crdSource === undefined || isUrl(crdSource)) return;
  for (const { url, name } of crdFiles(version, args))
    if (!existsSync(posix.join(crdSource, name)))
      refuse("crdSource", `has no ${name}`, `download ${url} to ${posix.join(crdSource, name)}`);
}

/** Installs the CRDs where that is wanted; what is of their kinds has to wait for what is returned. */
export function installCrds(
  name: string,
  version: GatewayFabricVersion,
  args: GatewayFabricCommonArgs,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource[] {
  const { crds = GatewayFabricCrds.install, crdSource, deleteCrds = false } = args;
  const files = crdFiles(version, args);
  if (crds === GatewayFabricCrds.existing) {
    const urls = files.map(({ url }) => url).join(" and ");
    pulumi.log.info(`the CRDs of ${urls} have to be there, applied server-side`, opts.parent);
    return [];
  }
  const from = (file: CrdFile) => (crdSource === undefined ? file.url : join(crdSource, file.name));
  return [
    new k8s.yaml.v2.ConfigGroup(
      `${name}-crds`,
      { files: files.map(from) },
      // Without a CRD its objects are gone, in the whole cluster.
      { ...opts, retainOnDelete: !deleteCrds },
    ),
  ];
}

const isUrl = (source: string) => /^https?:\/\//.test(source);

const join = (source: string, name: string) =>
  isUrl(source) ? `${source.replace(/\/$/, "")}/${name}` : posix.join(source, name);

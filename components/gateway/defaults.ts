import { type Input, output } from "@pulumi/pulumi";
import { Edition } from "../nginx";
import type { GatewayFabricCommonArgs, GatewayFabricImage } from "./gateway-fabric-args";
import type { GatewayFabricVersion } from "./versions";

/** Names and ports as upstream has them, where the arguments say nothing else. */
export const releaseName = "nginx-gateway";
export const gatewayClassName = "nginx";
export const gatewayControllerName = "gateway.nginx.org/nginx-gateway-controller";
export const metricsPort = 9113;
export const healthPort = 8081;

/** Registries of the default images, each of which a mirror can replace. */
const registries = { f5: "private-registry.nginx.com", github: "ghcr.io" };

/** An image in the two parts that Gateway Fabric takes, and when it is pulled. */
export interface ResolvedImage {
  repository: Input<string>;
  tag: Input<string>;
  pullPolicy: string;
}

/** Returns the image of the control plane. */
export const controlPlaneImage = (args: GatewayFabricCommonArgs, version: GatewayFabricVersion): ResolvedImage =>
  resolve(args.controlPlaneImage, within(args.registry ?? registries.github, "nginx/nginx-gateway-fabric"), version);

/** Returns the image of NGINX. */
export function dataPlaneImage(args: GatewayFabricCommonArgs, version: GatewayFabricVersion): ResolvedImage {
  const { edition = Edition.plus, registry } = args;
  const own =
    edition === Edition.plus
      ? within(registry ?? registries.f5, "nginx-gateway-fabric/nginx-plus")
      : within(registry ?? registries.github, "nginx/nginx-gateway-fabric/nginx");
  return resolve(args.dataPlaneImage, own, version);
}

/** Returns the image as a container names it. */
export const imageName = ({ repository, tag }: ResolvedImage): Input<string> =>
  typeof repository === "string" && typeof tag === "string"
    ? `${repository}:${tag}`
    : output([repository, tag]).apply((parts) => parts.join(":"));

const resolve = (
  { repository, tag, pullPolicy = "IfNotPresent" }: GatewayFabricImage = {},
  own: Input<string>,
  version: GatewayFabricVersion,
): ResolvedImage => ({ repository: repository ?? own, tag: tag ?? version.imageTag, pullPolicy });

const within = (registry: Input<string>, path: string): Input<string> =>
  typeof registry === "string" ? `${registry}/${path}` : output(registry).apply((host) => `${host}/${path}`);

import type { Input } from "@pulumi/pulumi";
import { mapInput } from "../foundation";
import { Edition } from "./edition";
import { defaultOpenSourceVersion } from "./open-source-version";
import { defaultRelease, readRelease } from "./releases";

/** Registries of default images, each of which a mirror can replace. */
const registries = { f5: "private-registry.nginx.com", dockerHub: "docker.io" };

// On Debian, with the stream and njs modules; its STOPSIGNAL is SIGQUIT, which drains connections.
const openSource = `nginxinc/nginx-unprivileged:${defaultOpenSourceVersion}`;
const exporter = "nginx/nginx-prometheus-exporter:1.5.3";

const from = (registry: Input<string> | undefined, own: string, path: string) =>
  mapInput(registry ?? own, (host) => `${host}/${path}`);

/** The image of NGINX. */
export function nginxImage(edition: Edition, release = defaultRelease, registry?: Input<string>): Input<string> {
  return edition === Edition.oss
    ? from(registry, registries.dockerHub, openSource)
    : from(registry, registries.f5, `nginx-plus/rootless-base:${readRelease(release)!.release.tag}`);
}

/** The image of the Prometheus exporter. */
export const exporterImage = (registry?: Input<string>) => from(registry, registries.dockerHub, exporter);

import { type ExactMaps, exactMaps, type KnownEntry } from "../nginx/conf";
import type { MqttProxyArgs, MqttRoute } from "./mqtt-proxy-args";

// Upstream names of ours never meet a host name: what a map yields is either one of these blocks or nothing.
export const blockName = (upstream: string) => `mqtt_${upstream}`;

/** The maps from the client id to `$mqtt_upstream`, and the files that they include where there are many exact routes. */
export function routeMaps({ routes = [], defaultRoute }: MqttProxyArgs): ExactMaps {
  const entry = ({ clientId, upstream }: MqttRoute): KnownEntry => ({ ...clientId, value: blockName(upstream) });
  const otherwise = defaultRoute.upstream === undefined ? "" : blockName(defaultRoute.upstream);
  return exactMaps(
    "$mqtt_preread_clientid",
    "$mqtt_upstream",
    [...routes.map(entry), { default: true, value: otherwise }],
    "/etc/nginx/mqtt-routes",
  );
}

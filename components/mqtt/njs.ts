import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NginxConfigNode } from "../nginx";
import type { MqttDialect } from "./dialect";

/** Where njs programs are, inside the pod. */
export const njsFolder = "/etc/nginx/njs";

/** Loads njs, for `stream`. */
export const njsModule: NginxConfigNode = { name: "load_module", args: ["modules/ngx_stream_js_module.so"] };

const program = "connect.njs";
const path = `${njsFolder}/${program}`;

/** Open-source NGINX: an njs program does what the MQTT modules of NGINX Plus do, and fills variables of the same names. */
export function njsDialect(): MqttDialect {
  return {
    main: [njsModule],
    stream: [
      { name: "js_import", args: ["mqtt", "from", path] },
      { name: "js_var", args: ["$mqtt_preread_clientid"], variables: true },
      { name: "js_var", args: ["$mqtt_preread_username"], variables: true },
    ],
    read: [{ name: "js_preread", args: ["mqtt.preread"] }],
    inject: [{ name: "js_filter", args: ["mqtt.filter"] }],
    files: [{ path, content: readFileSync(join(__dirname, program), "utf8") }],
  };
}

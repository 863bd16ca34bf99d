import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MqttDialect } from "./dialect";

const program = "connect.njs";
const path = `/etc/nginx/njs/${program}`;

/** Open-source NGINX: an njs program does what the MQTT modules of NGINX Plus do, and fills variables of the same names. */
export function njsDialect(): MqttDialect {
  return {
    main: [{ name: "load_module", args: ["modules/ngx_stream_js_module.so"] }],
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

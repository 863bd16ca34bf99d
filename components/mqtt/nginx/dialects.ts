import { directive, Edition, evaluated, type NginxConfigNode, type NginxFile, plusOnly } from "../../nginx";
import type { MqttModel } from "../model";
import { readAlternativeNamesProgram, readConnectProgram } from "../njs-programs";
import { alternativeNameNodes } from "./alternative-names";

/** The part that differs between NGINX Plus and open-source NGINX: reading and rewriting the CONNECT. */
export interface MqttDialect {
  /** Nodes at the top of the configuration. */
  main: NginxConfigNode[];
  /** Nodes at the top of the `stream` block. */
  stream: NginxConfigNode[];
  /** Nodes of a listener's `server` block that set `$mqtt_preread_clientid` and `$mqtt_preread_username`. */
  read: NginxConfigNode[];
  /** Nodes of a listener's `server` block that put `$mqtt_connect_username` and `$mqtt_connect_password` into the CONNECT. */
  inject: NginxConfigNode[];
  /** Reads the files that the nodes refer to. */
  files(): NginxFile[];
}

const njsFolder = "/etc/nginx/njs";
const connectPath = `${njsFolder}/connect.njs`;
const certificatePath = `${njsFolder}/certificate.njs`;

/** Loads njs, for `stream`. */
const njsModule: NginxConfigNode = directive("load_module", "modules/ngx_stream_js_module.so");

/** NGINX Plus: its own MQTT modules read (`mqtt_preread`) and rewrite (`mqtt`, `mqtt_set_connect`) the packet. */
const plusDialect = ({ maximumConnectKibibytes }: MqttModel): MqttDialect => ({
  main: [],
  stream: [],
  read: [plusOnly(directive("mqtt_preread", "on"))],
  inject: [
    plusOnly(directive("mqtt", "on")),
    ...mqttBuffers(maximumConnectKibibytes),
    plusOnly(evaluated("mqtt_set_connect", "username", "$mqtt_connect_username")),
    plusOnly(evaluated("mqtt_set_connect", "password", "$mqtt_connect_password")),
  ],
  files: () => [],
});

/** Number of buffers of 1 KiB that a connection has by default. */
const defaultBuffers = 100;

/** Returns buffers for the CONNECT as it arrives and as it is rewritten, with a user name and a password of 1 KiB each. */
function mqttBuffers(connectKibibytes: number): NginxConfigNode[] {
  const buffers = 2 * connectKibibytes + 2;
  return buffers > defaultBuffers ? [plusOnly(directive("mqtt_buffers", `${buffers}`, "1k"))] : [];
}

/** Open-source NGINX: an njs program does the work of the MQTT modules of NGINX Plus, and sets variables of the same names. */
const njsDialect = (): MqttDialect => ({
  main: [njsModule],
  stream: [
    directive("js_import", "mqtt", "from", connectPath),
    evaluated("js_var", "$mqtt_preread_clientid"),
    evaluated("js_var", "$mqtt_preread_username"),
  ],
  read: [directive("js_preread", "mqtt.preread")],
  inject: [directive("js_filter", "mqtt.filter")],
  files: () => [{ path: connectPath, content: readConnectProgram() }],
});

/** Returns the dialect of the edition. In both, njs reads alternative names of certificates where the model uses some. */
export function dialectOf(model: MqttModel): MqttDialect {
  const dialect = model.edition === Edition.oss ? njsDialect() : plusDialect(model);
  const names = alternativeNameNodes(model, certificatePath);
  if (names.length === 0) return dialect;
  return {
    ...dialect,
    main: [njsModule],
    stream: [...dialect.stream, ...names],
    files: () => [...dialect.files(), { path: certificatePath, content: readAlternativeNamesProgram() }],
  };
}

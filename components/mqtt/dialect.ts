import type { NginxConfigNode, NginxFile } from "../nginx";

/** What differs between NGINX Plus and open-source NGINX: how a CONNECT is read and rewritten. All else is common. */
export interface MqttDialect {
  /** Nodes at the top of the configuration. */
  main: NginxConfigNode[];
  /** Nodes at the top of the `stream` block. */
  stream: NginxConfigNode[];
  /** Nodes of the listener's `server` block that fill `$mqtt_preread_clientid` and `$mqtt_preread_username`. */
  read: NginxConfigNode[];
  /** Nodes of the listener's `server` block that put `$mqtt_connect_username` and `$mqtt_connect_password` into the CONNECT. */
  inject: NginxConfigNode[];
  /** Files that the nodes refer to. */
  files: NginxFile[];
}

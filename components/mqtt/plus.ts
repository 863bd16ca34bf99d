import type { MqttDialect } from "./dialect";

/** NGINX Plus: its own MQTT modules read (`mqtt_preread`) and rewrite (`mqtt`, `mqtt_set_connect`) the packet. */
export const plusDialect: MqttDialect = {
  main: [],
  stream: [],
  read: [{ name: "mqtt_preread", args: ["on"], plus: true }],
  inject: [
    { name: "mqtt", args: ["on"], plus: true },
    { name: "mqtt_set_connect", args: ["username", "$mqtt_connect_username"], variables: true, plus: true },
    { name: "mqtt_set_connect", args: ["password", "$mqtt_connect_password"], variables: true, plus: true },
  ],
  files: [],
};

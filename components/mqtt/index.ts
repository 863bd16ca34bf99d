export * from "./mqtt-proxy";
export * from "./mqtt-proxy-args";

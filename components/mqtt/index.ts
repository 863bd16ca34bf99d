export * from "./mqtt-credentials-args";
export * from "./mqtt-listener-args";
export * from "./mqtt-proxy";
export * from "./mqtt-proxy-args";
export * from "./mqtt-route-args";
export * from "./mqtt-tenant-args";
export * from "./mqtt-upstream-args";

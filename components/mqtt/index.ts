export * from "./args";
export * from "./mqtt-proxy";

export * from "./front-options";
export * from "./instance-manager-v1-host";
export * from "./instance-manager-v1-host-args";
export * from "./instance-manager-v1-proxy";
export * from "./instance-manager-v1-proxy-args";

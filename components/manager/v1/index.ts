export * from "./instance-manager-v1-host";
export * from "./instance-manager-v1-host-args";

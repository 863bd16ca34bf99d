export { checkHostOrAddress } from "./checks";
export * from "./instance-manager-host-proxy";
export * from "./instance-manager-host-proxy-args";
export * from "./instance-manager-proxy";
export * from "./instance-manager-proxy-args";
export * from "./instance-manager-proxy-options";

export { checkFront, connectsByHttp } from "./checks";
export { filesOfVersion1, resolveVersion1 } from "./front";
export * from "./front-options";
export * from "./instance-manager-v1-proxy";
export * from "./instance-manager-v1-proxy-args";
export { type FrontLayout, managerPorts, upstreamNames } from "./layout";
export { isLoopback } from "./status";

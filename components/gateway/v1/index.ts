export { makeMonitoring, makeObjects, selectorOf } from "./objects";
export { type ResolvedGatewayFabricV1, resolveGatewayFabricV1 } from "./resolve";
export { servicePorts } from "./service";

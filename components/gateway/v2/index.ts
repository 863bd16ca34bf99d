export { type AgentSecrets, agentSecrets } from "./certificates";
export { makeMonitoring } from "./monitoring";
export { makeObjects } from "./objects";
export { resolveGatewayFabric } from "./resolve";
export { controlPlaneTraffic, reservedPorts } from "./traffic";

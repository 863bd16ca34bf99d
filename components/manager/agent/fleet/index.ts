export { NginxAgentFleet } from "./nginx-agent-fleet";
export * from "./nginx-agent-fleet-args";

export * from "./fleet";
export * from "./nginx-agent-args";
export { NginxAgentConfiguration } from "./nginx-agent-configuration";

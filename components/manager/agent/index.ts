export * from "./fleet";
export * from "./nginx-agent-args";
export { NginxAgentConfiguration } from "./nginx-agent-configuration";
export { printYaml, type YamlValue } from "./yaml";

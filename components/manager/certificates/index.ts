export { InstanceManagerCertificates } from "./instance-manager-certificates";
export * from "./instance-manager-certificates-args";

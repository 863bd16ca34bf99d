export { checkUniqueNames, commonName, shortName } from "./common-names";
export { InstanceManagerCertificates } from "./instance-manager-certificates";
export * from "./instance-manager-certificates-args";

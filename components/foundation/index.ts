export * from "./arguments";
export { checked, isPlainInput, readTogether } from "./checked";
export { type CrdFile, installCrds, type ResolvedCrds, resolveCrds } from "./crds";
export {
  checkAccount,
  checkHostName,
  HostAction,
  type HostFile,
  type HostFileInput,
  hostFileMode,
  hostPath,
} from "./host-files";
export { instanceLabel, makeInstance } from "./instance";
export { checkInteger, checkPort } from "./integers";
export * from "./license-secret";
export { labelName, subdomainName } from "./names";
export * from "./namespace";
export * from "./placement";
export { checkPlain } from "./plain";
export { type Alert, prometheusRuleSpec } from "./prometheus";
export * from "./refuse";
export { RegistrySecret, type RegistrySecretArgs } from "./registry-secret";
export {
  checkSecret,
  type ExistingSecret,
  existingSecret,
  makeSecret,
  referenceTo,
  type SecretMetadata,
  type SecretNaming,
  type SecretReference,
} from "./secret";

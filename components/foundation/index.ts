export * from "./arguments";
export { type CrdFile, installCrds, type ResolvedCrds, resolveCrds } from "./crds";
export { HostAction, type HostFile, type HostFileInput, hostFileMode } from "./host-files";
export { isPlainInput, isPlainThroughout, mapInput, mapInputs, validateWhenKnown } from "./inputs";
export { instanceLabel, makeInstance } from "./instance";
export { type License, readLicenseInput, warnAboutLicense } from "./license";
export * from "./license-secret";
export * from "./namespace";
export * from "./placement";
export { type Alert, prometheusRuleSpec } from "./prometheus";
export { publicText, publicValue, refuseSecrets } from "./public-value";
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
export { defaultSeccomp, restrictedContainer, restrictedPod } from "./security-context";

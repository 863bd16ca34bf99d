export { type ResolvedDriver, resolveDriver, SpiffeCsiDriver } from "./spiffe-csi-driver";
export type { SpiffeCsiDriverArgs } from "./spiffe-csi-driver-args";

export { type ResolvedDriver, resolveDriver, SpiffeCsiDriver, type SpiffeCsiDriverArgs } from "./spiffe-csi-driver";

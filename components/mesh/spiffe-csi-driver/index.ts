export {
  type ResolvedDriver,
  resolveContainedDriver,
  SpiffeCsiDriver,
  type SpiffeCsiDriverArgs,
} from "./spiffe-csi-driver";

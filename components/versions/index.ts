export { compareVersions, isAtLeast } from "./compare";
export {
  type AffectedVersions,
  affectedVersions,
  faultsClock,
  knownFaultsDate,
  oldTablesWarning,
} from "./known-faults";

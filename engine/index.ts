export type { LogLine } from "./deployment";
export { hosts, type RenderedHost, type RenderedHostFile } from "./hosts";
export {
  type ChartRelease,
  chartReleases,
  type FileGroup,
  fileGroups,
  type KubernetesObject,
  type ManifestOptions,
  manifests,
} from "./manifests";
export { writeManifests } from "./output-folder";
export { type ProgramOptions, runProgram } from "./program";
export {
  hasSecret,
  type PropertyMap,
  type PropertyValue,
  Reference,
  reveal,
  Secret,
  UNKNOWN,
} from "./property-values";
export { type RecordOptions, record } from "./record";
export { SecretMode } from "./redaction";
export type { RecordedAlias, RecordedRequest } from "./requests";
export type { RunResult } from "./result";
export { defaultStateFolder } from "./stack-references";

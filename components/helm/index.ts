export { compareVersions } from "../versions";
export * from "./chart-keys";
export * from "./raw-values";
export * from "./values";

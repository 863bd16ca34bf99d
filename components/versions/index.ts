export { compareVersions, isAtLeast } from "./compare";

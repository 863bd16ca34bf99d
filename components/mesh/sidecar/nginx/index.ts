export { directivesInUse, sidecarConfiguration } from "./configuration";

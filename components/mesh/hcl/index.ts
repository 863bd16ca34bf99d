export { checkHcl, checkPlugins } from "./check";
export { block, environment, flag, type HclBody, type HclNode, number, optionalText, text, texts, when } from "./node";
export { printHcl, quoteHcl } from "./printer";

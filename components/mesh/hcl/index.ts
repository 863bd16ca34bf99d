export { checkHcl, checkPlugins, variablesIn } from "./check";
export { block, environment, flag, type HclBody, type HclNode, number, text, texts } from "./node";
export { printHcl, quoteHcl } from "./printer";

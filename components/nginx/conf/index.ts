export { NginxContext } from "./dollar";
export { NginxConfigError } from "./error";
export { type ExactMaps, exactMaps, type KnownEntry, type MapHash, mapHashNodes, mostExpressions } from "./exact-map";
export { type MapEntry, mapBlock, regexFault } from "./map";
export type { NginxConfigNode } from "./node";
export { type NodeFault, printConfig, printTree, type ReportFault } from "./printer";
export { whenKnown } from "./when-known";
export { block, directive, evaluated, flat, type NginxConfigNodes, plusOnly, when } from "./words";

import type { ValidArguments } from "./index";

/** Arguments of this area's components that are accepted, JSON-like and as full as they can be at once. */
export const managerArguments: ValidArguments = {};

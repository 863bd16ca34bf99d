import { gateway } from "./gateway";
import { given } from "./given";
import { manager } from "./manager";
import { mesh } from "./mesh";
import { mqtt } from "./mqtt";
import { config } from "./settings";

const areas = { gateway, mqtt, manager, mesh };
const names = Object.keys(areas) as (keyof typeof areas)[];

/** What runs on a foundation: all areas, or those that the stack's file names, where each team has a stack of its own. */
export function services(stack: string) {
  const foundation = given(stack);
  const chosen = config.getObject<typeof names>("areas") ?? names;
  for (const area of chosen)
    if (!names.includes(area)) throw new Error(`platform:areas has "${area}"; write some of ${names.join(", ")}`);
  return Object.assign({}, ...chosen.map((area) => areas[area](foundation)));
}

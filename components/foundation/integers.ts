import type { Refuser } from "./refuse";

/** Refuses a number that is given and is not whole, or outside its bounds. */
export function checkInteger(
  refuse: Refuser,
  property: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= least && value <= most))
    refuse(property, `is ${value}`, `write a whole number from ${least} to ${most}`);
}

/** Refuses what is no port of TCP or UDP. */
export const checkPort = (refuse: Refuser, property: string, port: number | undefined) =>
  checkInteger(refuse, property, port, 1, 65535);

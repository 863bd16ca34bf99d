import * as pulumi from "@pulumi/pulumi";
import type { Argument } from "../foundation";

const hour = 60 * 60 * 1000;

/** Checks a number of hours. */
export function checkHours(hours: Argument<number | undefined>): void {
  if (hours.value !== undefined && !(Number.isInteger(hours.value) && hours.value >= 1))
    hours.refuse("is not a positive whole number of hours", "write for example 2160 for 90 days");
}

/** Returns whether a time has yet to come. A certificate that was made just now may begin a second later, and clocks differ by minutes. */
export const isFuture = (time: string, now: number): boolean => Date.parse(time) > now + 5 * 60 * 1000;

/** A time as RFC 3339, from another spelling of it. */
export function rfc3339(time: string | number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** `hours` before `end`, both RFC 3339. */
export function hoursBefore(end: string, hours: number): string {
  return rfc3339(Date.parse(end) - hours * hour);
}

/** Warns, in the log only, when it is `from` or later. */
export function warnFrom(from: pulumi.Output<string>, warning: string, resource: pulumi.Resource): void {
  const now = Date.now();
  from.apply((time) => {
    if (time !== "" && Date.parse(time) <= now) void pulumi.log.warn(`${warning} since ${time}`, resource);
  });
}

/** The earliest of times in RFC 3339. */
export function earliest(times: string[]): string {
  return rfc3339(Math.min(...times.map((time) => Date.parse(time))));
}

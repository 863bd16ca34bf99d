const resolvedBefore = new WeakMap<object, unknown>();

/**
 * Returns arguments for a component that another component contains, and has resolved with its own name and paths: `resolveArguments` returns
 * the resolved value for them, and checks nothing again.
 */
export function containedArguments<T extends object>(args: T, resolved: unknown): T {
  const copy = { ...args };
  resolvedBefore.set(copy, resolved);
  return copy;
}

/** Returns what a containing component has resolved, or undefined for the arguments of a user. */
export const containedResolution = (args: unknown): unknown =>
  typeof args === "object" && args !== null ? resolvedBefore.get(args) : undefined;

/** Compares versions of numbers between dots; negative where the first is older. A part that one of them lacks counts as 0. */
export function compareVersions(one: string, other: string): number {
  const [numbers, others] = [one, other].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(numbers.length, others.length); index++) {
    const difference = (numbers[index] ?? 0) - (others[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Returns whether a version is the first one that has something, or a later one. */
export const isAtLeast = (version: string, first: string): boolean => compareVersions(version, first) >= 0;

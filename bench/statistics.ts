/** What one run of a contestant measured, by name: seconds, messages per second. */
export type Sample = Record<string, number>;

/** The samples of every contestant in one round. */
export type Round<Name extends string> = Record<Name, Sample>;

export interface Spread {
  median: number;
  minimum: number;
  maximum: number;
}

export interface RoundLimits {
  /** How many rounds count; an even number. */
  rounds: number;
  /** No two rounds begin later than this many seconds after the first. */
  seconds: number;
  /** Whether a round that does not count goes before, for caches and compilers to settle. @default true */
  warmUp?: boolean;
}

/** Runs the contestants one after another. */
export async function runOnce<Name extends string>(
  contestants: Record<Name, () => Promise<Sample>>,
  order = Object.keys(contestants) as Name[],
): Promise<Round<Name>> {
  const round = {} as Round<Name>;
  for (const name of order) round[name] = await contestants[name]();
  return round;
}

/** Runs all contestants in each round, forth and back in turn (A, B, B, A), so that a machine that becomes slower, or busy, does so for all of them. */
export async function interleave<Name extends string>(
  contestants: Record<Name, () => Promise<Sample>>,
  { rounds, seconds, warmUp = true }: RoundLimits,
): Promise<Round<Name>[]> {
  const forth = Object.keys(contestants) as Name[];
  const back = [...forth].reverse();
  if (warmUp) await runOnce(contestants, forth);
  const counted: Round<Name>[] = [];
  for (const end = performance.now() + seconds * 1000; counted.length < rounds && performance.now() < end; )
    counted.push(await runOnce(contestants, forth), await runOnce(contestants, back));
  return counted;
}

export function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    minimum: sorted[0]!,
    maximum: sorted.at(-1)!,
  };
}

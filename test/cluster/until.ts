/** Seconds after which a wait fails. It is far more than anything takes, and only ends what hangs. */
export const longestWaitSeconds = 180;

/** Polls until `check` gives a value. What it throws is retried, and part of the failure when the time is up. */
export async function until<T>(what: string, seconds: number, check: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  do {
    try {
      const value = await check();
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${seconds} s${last === undefined ? "" : `\n${last}`}`);
}

/** An error that waiting longer cannot cure. */
export class Hopeless extends Error {}

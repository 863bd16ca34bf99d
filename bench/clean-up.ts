const undone: (() => unknown)[] = [];

/** Has something stopped or removed when the benchmark ends, however it ends. */
export function atEnd(undo: () => unknown): void {
  undone.push(undo);
}

/** Stops and removes all of it, the last first. */
export async function cleanUp(): Promise<void> {
  for (let undo = undone.pop(); undo; undo = undone.pop()) await undo();
}

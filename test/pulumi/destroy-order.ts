/** Fails unless each of these was gone before the deletion of the next began, by what `pulumi destroy` printed: `apps/v1:Deployment web`. */
export function expectDestroyed(printed: string, order: string[]): void {
  const lines = printed.split("\n");
  const at = (words: string) => {
    const found = lines.findIndex((line) => line.includes(words));
    if (found === -1) throw new Error(`${words}: not in\n${printed}`);
    return found;
  };
  const wrong = order
    .slice(1)
    .map((later, index) => [order[index]!, later] as const)
    .filter(([earlier, later]) => at(`${earlier} deleted`) > at(`${later} deleting`));
  expect(wrong).toEqual([]);
}

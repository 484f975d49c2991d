/** How many are in each state; a state without any is 0 and not absent, so that a graph has a line. */
export function countBy<T extends string>(states: readonly T[], of: Iterable<T>): ReadonlyMap<T, number> {
  const counts = new Map<T, number>(states.map((state) => [state, 0]));
  for (const state of of) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** One queue with a frame that could be started now. */
export interface Candidate {
  /** When its frame must be done, on the monotonic clock; Infinity where nobody said. */
  readonly dueMs: number;
  /** When it has waited too long, whoever set that: from here on its engine is overloaded. */
  readonly lateMs: number;
  /** Of the graph: 0 for a node on frames, more for what hangs on it. */
  readonly depth: number;
  /** Turns taken, each divided by the weight. */
  readonly turns: number;
  /** Serial number of the last start. */
  readonly servedAt: number;
}

/**
 * Which of them is next. While all can be in time: the one that is due first; what was begun before what is new; then the one
 * with the fewest turns for its weight, then the one that was served least recently. As soon as one is late not all can be
 * in time: the one with the fewest turns for its weight, so that nobody starves and everybody is late in proportion.
 */
export function chooseNext<C extends Candidate>(candidates: Iterable<C>, nowMs: number): C | undefined {
  const list = [...candidates];
  const compare = list.some(({ lateMs }) => lateMs < nowMs) ? byShare : byDeadline;
  let best: C | undefined;
  for (const candidate of list) if (best === undefined || compare(candidate, best) < 0) best = candidate;
  return best;
}

function byDeadline(a: Candidate, b: Candidate): number {
  if (a.dueMs !== b.dueMs) return a.dueMs < b.dueMs ? -1 : 1;
  return b.depth - a.depth || byShare(a, b);
}

function byShare(a: Candidate, b: Candidate): number {
  return a.turns - b.turns || a.servedAt - b.servedAt;
}

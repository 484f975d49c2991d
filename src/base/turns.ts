import { type Clock, sleep } from './clock.ts';

/** Work on many things holds the event loop for so long at most, if one of them does not. */
const turnMs = 5;

/** Works on one after the other, and lets everything else have its turn now and then. */
export async function inTurns<T>(clock: Clock, items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let startedMs = clock.monotonicMs();
  for (const item of items) {
    work(item);
    if (clock.monotonicMs() - startedMs < turnMs) continue;
    await sleep(clock, 0);
    startedMs = clock.monotonicMs();
  }
}

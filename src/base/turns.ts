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

/** Work that may be left and gone on with wherever it yields. */
export type Steps<T> = Generator<void, T, void>;

/** Takes one step after the other, and lets everything else have its turn now and then. */
export async function stepsInTurns<T>(clock: Clock, steps: Steps<T>): Promise<T> {
  let startedMs = clock.monotonicMs();
  while (true) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonicMs() - startedMs < turnMs) continue;
    await sleep(clock, 0);
    startedMs = clock.monotonicMs();
  }
}

/** Takes all steps at once. */
export function stepsAtOnce<T>(steps: Steps<T>): T {
  while (true) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

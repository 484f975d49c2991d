import type { CollectedValue } from './instruments.ts';

export type TimedSample = [timeMs: number, alias: number, value: CollectedValue];

/** A batch before it has its outbox entry. */
export interface Batch {
  readonly session: number;
  /** 0, 1, 2 ... within the session. */
  readonly sequence: number;
  readonly samples: TimedSample[];
}

/** As many as one message may carry. */
export const mostSamples = 10_000;

/** Numbers the batches of one session without a gap. */
export class BatchBuilder {
  readonly #session: number;
  #next = 0;

  constructor(session: number) {
    this.#session = session;
  }

  /** Batches of what was collected at `timeMs`; none when nothing was. */
  build(collected: readonly (readonly [number, CollectedValue])[], timeMs: number): Batch[] {
    const batches: Batch[] = [];
    for (let from = 0; from < collected.length; from += mostSamples)
      batches.push({
        session: this.#session,
        sequence: this.#next++,
        samples: collected.slice(from, from + mostSamples).map(([alias, value]) => [timeMs, alias, value]),
      });
    return batches;
  }
}

import type { Clock } from '../../base/index.ts';

/** Within this time it is one look. */
const sameViewMs = 600_000;
const mostViews = 10_000;

/** Somebody who looks at one thing again and again is written down once. */
export class SameViews {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #views = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Rejects where it can't be written: nobody looks unseen. */
  async once(key: string, note: () => Promise<void>): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const notedMs = this.#views.get(key);
    if (notedMs !== undefined && nowMs - notedMs < sameViewMs) return;
    await note();
    if (this.#views.size >= mostViews) this.#views.clear();
    this.#views.set(key, nowMs);
  }
}

import { SystemClock } from '../../src/adapters/system/index.ts';
import type { Cancel } from '../../src/base/index.ts';

interface Waiting {
  readonly delayMs: number;
  readonly run: () => void;
  readonly cancel: Cancel;
}

/** The machine's clock, of which a test can end one kind of waiting: that for an answer of which it knows that it never comes. */
export class SkippingClock extends SystemClock {
  readonly #waiting = new Set<Waiting>();

  override after(delayMs: number, run: () => void): Cancel {
    const cancel = super.after(delayMs, () => {
      this.#waiting.delete(waiting);
      run();
    });
    const waiting = { delayMs, run, cancel };
    this.#waiting.add(waiting);
    return () => {
      this.#waiting.delete(waiting);
      cancel();
    };
  }

  /** Ends every waiting of this length; how many they were. */
  skip(delayMs: number): number {
    const skipped = [...this.#waiting].filter((waiting) => waiting.delayMs === delayMs);
    for (const waiting of skipped) {
      this.#waiting.delete(waiting);
      waiting.cancel();
      waiting.run();
    }
    return skipped.length;
  }
}

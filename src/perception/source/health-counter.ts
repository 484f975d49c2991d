import type { Clock } from '../../base/index.ts';
import type { SourceCounts, SourceHealth } from '../frame.ts';

/** Adds up how a source fares over all of its lives. */
export class HealthCounter {
  readonly #clock: Clock;
  #connects = 0;
  #frames = 0;
  #connectedSinceMs: number | undefined;
  #lastFrameMs: number | undefined;
  #earlier: SourceCounts = { decodeErrors: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Monotonic. */
  get lastFrameMs(): number | undefined {
    return this.#lastFrameMs;
  }

  frame(): void {
    this.#frames += 1;
    this.#lastFrameMs = this.#clock.monotonicMs();
    if (this.#connectedSinceMs !== undefined) return;
    this.#connects += 1;
    this.#connectedSinceMs = this.#clock.wallMs();
  }

  /** A life is over, with what its source counted. */
  ended(counts: SourceCounts | undefined): void {
    this.#connectedSinceMs = undefined;
    this.#earlier = sum(this.#earlier, counts);
  }

  health(counts: SourceCounts | undefined): SourceHealth {
    const ageMs = this.#lastFrameMs === undefined ? undefined : this.#clock.monotonicMs() - this.#lastFrameMs;
    return {
      ...(this.#connectedSinceMs === undefined ? {} : { connectedSinceMs: this.#connectedSinceMs }),
      ...(ageMs === undefined ? {} : { lastFrameAgeMs: Math.max(0, ageMs) }),
      connects: this.#connects,
      frames: this.#frames,
      ...sum(this.#earlier, counts),
    };
  }
}

function sum(a: SourceCounts, b: SourceCounts | undefined): SourceCounts {
  const known = a.bytes !== undefined || b?.bytes !== undefined;
  return {
    ...(known ? { bytes: (a.bytes ?? 0) + (b?.bytes ?? 0) } : {}),
    decodeErrors: a.decodeErrors + (b?.decodeErrors ?? 0),
  };
}

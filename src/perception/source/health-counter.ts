import { type Clock, defined } from '../../base/index.ts';
import type { MemoryCounts, SourceCounts, SourceHealth } from '../frame.ts';

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
      ...defined({ connectedSinceMs: this.#connectedSinceMs }),
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
    ...(a.memory === undefined && b?.memory === undefined ? {} : { memory: memorySum(a.memory, b?.memory) }),
  };
}

const none: MemoryCounts = { inPlace: 0, copied: 0, mapped: 0, held: 0 };

/** What is held is what is held now. */
function memorySum(a: MemoryCounts = none, b: MemoryCounts = none): MemoryCounts {
  return {
    inPlace: a.inPlace + b.inPlace,
    copied: a.copied + b.copied,
    mapped: a.mapped + b.mapped,
    held: b.held,
  };
}

/** Deviations beyond this say no more. */
const most = 8;
/** Weight of the newest second in what the incident looks like. */
const weight = 0.1;
/** Of one second, and of all, in nats: it is as it was before. */
const mostPerTick = 1;
const enough = 7;

/**
 * Whether an incident is over: every second is as likely by what is usual, or by what this incident looked like (a sequential
 * test, Wald 1945, of the signals that raised it). Large changes are over in seconds, small ones take as long as they took to
 * be seen.
 */
export class Recovery {
  /** By signal: side, and mean deviation on that side. */
  readonly #levels = new Map<number, { readonly direction: 1 | -1; level: number }>();
  #evidence = 0;

  /** `crossings`: prompt ones of this second; `standard`: deviations of this second, NaN where unknown. True: it is over. */
  tick(
    crossings: readonly { readonly signal: number; readonly direction: 1 | -1 }[],
    standard: ArrayLike<number>,
  ): boolean {
    for (const { signal, direction } of crossings)
      if (!this.#levels.has(signal)) this.#levels.set(signal, { direction, level: 0 });
    let sum = 0;
    let count = 0;
    for (const [signal, one] of this.#levels) {
      const value = one.direction * standard[signal]!;
      if (Number.isNaN(value)) continue;
      const now = Math.min(most, value);
      // What it looks like is what it looked like at its furthest: an end must not become what is usual for it.
      one.level += (now > one.level ? 3 * weight : 0.2 * weight) * (now - one.level);
      if (one.level < 0.5) continue;
      sum += one.level * (one.level / 2 - now);
      count++;
    }
    if (count === 0) return false;
    const said = Math.max(-3 * mostPerTick, Math.min(mostPerTick, (0.5 * sum) / count));
    this.#evidence = Math.max(0, this.#evidence + said);
    return this.#evidence >= enough;
  }

  reset(): void {
    this.#levels.clear();
    this.#evidence = 0;
  }
}

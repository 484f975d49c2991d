/** Between these a difference lies on 95 of 100 draws of the pictures. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of what is lost from one model to another, whose draws belong together one by one; undefined without draws. */
export function lossInterval(from: readonly number[], to: readonly number[]): Interval | undefined {
  if (from.length === 0 || from.length !== to.length) return undefined;
  const losses = from.map((value, draw) => value - to[draw]!).sort((a, b) => a - b);
  const at = (share: number) => losses[Math.round(share * (losses.length - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}

interface Drawn {
  readonly value: number;
  readonly resampled: readonly number[];
}

/** What budgets count: the bad end of the interval, or the loss itself where there were no draws. */
export function worstLoss(from: Drawn, to: Drawn): number {
  return lossInterval(from.resampled, to.resampled)?.high ?? from.value - to.value;
}

/** At least so much is lost on three of four draws: less cannot be told from the luck of the pictures. */
export function likelyLoss(from: Drawn, to: Drawn): number {
  const losses = from.resampled
    .map((value, draw) => value - (to.resampled[draw] ?? value))
    .sort((a, b) => a - b);
  return losses[Math.floor((losses.length - 1) / 4)] ?? from.value - to.value;
}

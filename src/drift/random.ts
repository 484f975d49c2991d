/** Numbers from a seed: profiles, forests and thresholds come out the same on every machine. */
export interface Random {
  /** [0, 1) */
  next(): number;
  /** Whole number in [0, below). */
  below(below: number): number;
  /** Standard normal. */
  normal(): number;
}

/** mulberry32, seeded through a 32-bit mix; its state is one word. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (below) => Math.floor(next() * below),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

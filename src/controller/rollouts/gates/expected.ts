import type { Series } from './series.ts';

/** The reference of a block: the same minutes of earlier days, or none. */
export type Baseline = 'day' | 'flat';

const mostDays = 7;

/** Sums over any window in one subtraction. */
export interface Sums {
  readonly series: Series;
  readonly seen: Float64Array;
  readonly expected: Float64Array;
  readonly weight: Float64Array;
  readonly blocks: Float64Array;
  /** Of what is expected in a block, over all: what is added where there is next to nothing. */
  readonly usual: number;
}

/** Windows of one series share its arrays, and the sums over them. */
const known: Record<Baseline, WeakMap<ArrayBufferLike, Sums>> = { day: new WeakMap(), flat: new WeakMap() };

export function sumsOf(series: Series, baseline: Baseline, blocksPerDay: number): Sums {
  const found = known[baseline].get(series.value.buffer);
  if (found !== undefined) return { ...found, series };
  const { value, weight } = series;
  const whole = {
    ...series,
    value: new Float64Array(value.buffer),
    weight: new Float64Array(weight.buffer),
  };
  const sums = sumUp(whole, baseline, blocksPerDay);
  known[baseline].set(value.buffer, sums);
  return { ...sums, series };
}

function sumUp(series: Series, baseline: Baseline, blocksPerDay: number): Sums {
  const { value, weight } = series;
  const near = baseline === 'flat' ? undefined : nearOf(series);
  const n = value.length;
  const seen = new Float64Array(n + 1);
  const expected = new Float64Array(n + 1);
  const weights = new Float64Array(n + 1);
  const blocks = new Float64Array(n + 1);
  for (let at = 0; at < n; at++) {
    const usual = near === undefined ? 1 : usualAt(series, near, at, blocksPerDay);
    const counts = weight[at]! > 0 && usual >= 0;
    seen[at + 1] = seen[at]! + (counts ? weight[at]! * value[at]! : 0);
    expected[at + 1] = expected[at]! + (counts ? weight[at]! * usual : 0);
    weights[at + 1] = weights[at]! + (counts ? weight[at]! : 0);
    blocks[at + 1] = blocks[at]! + (counts ? 1 : 0);
  }
  // What is after the change has no say in what is next to nothing; where nothing is known before it, it has to.
  const end = blocks[series.usual]! > 0 ? series.usual : n;
  const count = blocks[end]!;
  return { series, seen, expected, weight: weights, blocks, usual: count > 0 ? expected[end]! / count : 0 };
}

/** A block with the one to either side: what was seen in them, and its weight. */
interface Near {
  readonly sum: Float64Array;
  readonly weight: Float64Array;
}

function nearOf({ value, weight }: Series): Near {
  const n = value.length;
  const near = { sum: new Float64Array(n), weight: new Float64Array(n) };
  for (let at = 0; at < n; at++) {
    if (!(weight[at]! > 0)) continue;
    const seen = weight[at]! * value[at]!;
    for (let to = Math.max(0, at - 1); to <= Math.min(n - 1, at + 1); to++) {
      near.sum[to]! += seen;
      near.weight[to]! += weight[at]!;
    }
  }
  return near;
}

/** Mean of the same minutes, one block to either side, of up to seven days before; NaN where there are none. */
function usualAt({ usual }: Series, near: Near, at: number, blocksPerDay: number): number {
  let sum = 0;
  let total = 0;
  // What is after the change is no example of what is usual.
  const first = at < usual ? 1 : Math.max(1, Math.ceil((at + 2 - usual) / blocksPerDay));
  for (let day = first, days = 0; days < mostDays && at - day * blocksPerDay >= 0; day++) {
    const middle = at - day * blocksPerDay;
    if (!(near.weight[middle]! > 0)) continue;
    sum += near.sum[middle]!;
    total += near.weight[middle]!;
    days++;
  }
  return total > 0 ? sum / total : Number.NaN;
}

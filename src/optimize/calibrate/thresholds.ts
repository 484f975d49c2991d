import { binCount, type Histogram } from './histogram.ts';

export type CalibrationMethod = 'min-max' | 'percentile' | 'entropy' | 'mse';

/** Those that are compared where none is asked for. Entropy is not: it lost on every network that was measured (docs/evidence/optimize.md). */
export const comparedMethods = [
  'min-max',
  'percentile',
  'mse',
] as const satisfies readonly CalibrationMethod[];

/** Share of |x| that the percentile method keeps, as TensorRT's pytorch-quantization proposes. */
export const defaultPercentile = 0.9999;

/** What integers have to express of a value; zero is always in it, for padding and dead values are exact then. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * How integers lie over a range. `signed`: around zero, -127 to 127, as TensorRT reads them. `unsigned`: 0 to 255 from the
 * low end to the high one, as ONNX Runtime's kernels want them; nothing is spent on what never occurs.
 */
export type Grid = 'signed' | 'unsigned';

const signedSteps = 127;
const unsignedSteps = 255;

export function stepOf({ low, high }: Range, grid: Grid): number {
  return grid === 'signed' ? Math.max(high, -low) / signedSteps : (high - low) / unsignedSteps;
}

/** The range of a value: its extremes, or what is left of them behind the clip of |x| that the method chooses. */
export function rangeOf(histogram: Histogram, method: CalibrationMethod, grid: Grid): Range {
  const low = Math.min(0, histogram.min);
  const high = Math.max(0, histogram.max);
  if (histogram.width === 0) return { low: 0, high: 0 };
  const within = (clip: number): Range => ({ low: Math.max(low, -clip), high: Math.min(high, clip) });
  if (method === 'percentile') return within(percentile(histogram, defaultPercentile));
  if (method === 'mse') return within(leastSquares(histogram, (clip) => stepOf(within(clip), grid)));
  if (method === 'min-max') return { low, high };
  const levels = grid === 'unsigned' && low === 0 ? unsignedSteps : signedSteps;
  return within(entropy(histogram, levels));
}

export function percentile(histogram: Histogram, share: number): number {
  const wanted = histogram.count * share;
  let seen = 0;
  for (let i = 0; i < binCount; i += 1) {
    seen += histogram.bins[i]!;
    if (seen >= wanted) return Math.min(histogram.limit, (i + 1) * histogram.width);
  }
  return histogram.limit;
}

/**
 * The clip whose distribution on `levels` steps is nearest to the real one by Kullback-Leibler divergence
 * (Migacz, "8-bit Inference with TensorRT", GTC 2017). O(candidates x bins).
 */
export function entropy(histogram: Histogram, levels: number): number {
  const { bins } = histogram;
  const last = lastFilled(bins);
  let best = last + 1;
  let least = Number.POSITIVE_INFINITY;
  for (let kept = levels; kept <= last + 1; kept += Math.max(1, levels >> 5)) {
    const divergence = divergenceAt(bins, kept, levels);
    if (divergence < least) {
      least = divergence;
      best = kept;
    }
  }
  return Math.min(histogram.limit, best * histogram.width);
}

function divergenceAt(bins: Float64Array, kept: number, levels: number): number {
  let outside = 0;
  for (let i = kept; i < bins.length; i += 1) outside += bins[i]!;
  let total = outside;
  for (let i = 0; i < kept; i += 1) total += bins[i]!;
  const perLevel = kept / levels;
  let divergence = 0;
  let quantizedTotal = total - outside;
  if (quantizedTotal <= 0) quantizedTotal = 1;
  for (let level = 0; level < levels; level += 1) {
    const from = Math.floor(level * perLevel);
    const to = level === levels - 1 ? kept : Math.floor((level + 1) * perLevel);
    let sum = 0;
    let filled = 0;
    for (let i = from; i < to; i += 1) {
      sum += bins[i]!;
      if (bins[i]! > 0) filled += 1;
    }
    if (filled === 0) continue;
    const q = sum / filled / quantizedTotal;
    for (let i = from; i < to; i += 1) {
      // What is clipped piles up in the last bin of the reference.
      const p = (bins[i]! + (i === kept - 1 ? outside : 0)) / total;
      if (p > 0) divergence += p * Math.log(p / (bins[i]! > 0 ? q : 1e-12));
    }
  }
  return divergence;
}

/** The clip with the least mean squared error: rounding step^2 / 12 inside, the distance to the clip outside. */
export function leastSquares(histogram: Histogram, stepAt: (clip: number) => number): number {
  const { bins, width } = histogram;
  const last = lastFilled(bins);
  let best = histogram.limit;
  let least = Number.POSITIVE_INFINITY;
  const first = Math.max(1, (last + 1) >> 5);
  for (let kept = first; kept <= last + 1; kept += Math.max(1, (last + 1) >> 8)) {
    const clip = kept * width;
    const step = stepAt(clip);
    let error = 0;
    for (let i = 0; i <= last; i += 1) {
      const beyond = (i + 0.5) * width - clip;
      error += bins[i]! * (beyond > 0 ? beyond * beyond : (step * step) / 12);
    }
    if (error < least) {
      least = error;
      best = clip;
    }
  }
  return Math.min(histogram.limit, best);
}

function lastFilled(bins: Float64Array): number {
  for (let i = bins.length - 1; i > 0; i -= 1) if (bins[i]! > 0) return i;
  return 0;
}

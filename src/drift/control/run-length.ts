import { Cusum } from '../detectors/cusum.ts';

/**
 * How the peaks of one channel's CUSUM are spread: above `start` the number of excursions per tick falls as
 * `perTick` x exp(-(h - start) / scale). The mean time between false alarms at a threshold h is one over that.
 */
export interface PeakTail {
  readonly start: number;
  /** Mean excess over `start`. */
  readonly scale: number;
  /** Excursions above `start` per tick. */
  readonly perTick: number;
}

/** Excursions over which the tail is fitted at most. */
const tailCount = 60;
/** Smallest scale that is believed of a mean over one second: few excursions say little about larger ones. */
const leastScale = 3;
/** The same per second of memory: what is one deviation too high stays so for about half of its memory. */
const scalePerMemory = 0.5;

/** `memoryS`: seconds over which the signal is an average. */
export function leastScaleOf(memoryS: number): number {
  return Math.max(leastScale, scalePerMemory * memoryS);
}

/**
 * Runs the CUSUM over the bootstrapped series and fits an exponential to the highest peaks of its excursions from zero
 * (peaks over threshold; that the run length grows exponentially in h is the theory of CUSUM, Siegmund 1985). With few
 * distinct blocks the fit is uncertain, so its scale is raised by two standard errors. `least`: smallest scale that is
 * believed.
 */
export function fitPeaks(
  blocks: readonly Float32Array[],
  order: Uint32Array,
  direction: 1 | -1,
  allowance: number,
  least = leastScale,
): PeakTail {
  const sum = new Cusum(allowance);
  const peaks: number[] = [];
  let peak = 0;
  let ticks = 0;
  for (const index of order) {
    const block = blocks[index]!;
    ticks += block.length;
    for (const x of block) {
      if (Number.isNaN(x)) continue;
      const value = sum.add(direction * x);
      if (value > peak) peak = value;
      else if (value === 0 && peak > 0) {
        peaks.push(peak);
        peak = 0;
      }
    }
  }
  if (peak > 0) peaks.push(peak);
  return fitTail(peaks, ticks, blocks.length, least);
}

/** `distinct`: number of independent pieces that the peaks come from. */
function fitTail(peaks: number[], ticks: number, distinct: number, least: number): PeakTail {
  peaks.sort((a, b) => b - a);
  if (peaks.length < 8) {
    return { start: peaks[0] ?? 0, scale: least, perTick: Math.max(1, peaks.length) / ticks };
  }
  const used = Math.min(tailCount, Math.floor(peaks.length / 2));
  const start = peaks[used]!;
  let excess = 0;
  for (let i = 0; i < used; i++) excess += (peaks[i]! - start) / used;
  const caution = 1 + 2 / Math.sqrt(Math.min(used, distinct));
  return { start, scale: Math.max(least, excess * caution), perTick: used / ticks };
}

/** ln of the mean ticks between excursions above `value`; what lies below the tail counts as its start. */
export function logRunLength(tail: PeakTail, value: number): number {
  return -Math.log(tail.perTick) + (value - tail.start) / tail.scale;
}

/** Threshold whose mean ticks between false alarms are `ticks`. */
export function thresholdFor(tail: PeakTail, ticks: number): number {
  return tail.start + tail.scale * (Math.log(ticks) + Math.log(tail.perTick));
}

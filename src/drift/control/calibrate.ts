import { type Random, seededRandom } from '../random.ts';
import { type Channel, channels, type SignalInfo, signals } from '../signals/catalogue.ts';
import { fitPeaks, leastScaleOf, type PeakTail, thresholdFor } from './run-length.ts';

/** Standardised values beyond this count as this: one wild second must not be enough. */
const clipAt = 12;

export function clip(value: number): number {
  return Math.min(clipAt, Math.max(-clipAt, value));
}

/** One time of day of a reference. */
interface TimeOfReference {
  readonly blocks: number;
  /** How many minutes that know nothing of each other all of its minutes are worth. */
  readonly independentMinutes: number;
}

/** How one channel is watched. */
export interface ChannelControl extends PeakTail {
  readonly signal: number;
  readonly direction: 1 | -1;
  /** Deviations that are forgiven per tick. */
  readonly allowance: number;
}

/** For choosing the allowance: the shift that is to be found fast, in deviations, and the usual mean time between alarms. */
const targetShift = 8;
/** The same of evidence, in nats per second. */
const targetEvidence = 0.3;
/** What is not sure after ten minutes of such evidence, nats per second, is how an hour differs from the next. */
const forgivenEvidence = 0.02;
const targetTicks =
  30 * 86_400 * channels.filter(({ signal }) => signals[signal]!.family !== 'answer').length;
/** A multivariate signal forgives the minute that comes once in so many: once a day. */
const forgivenMinutes = 1440;
/** Ticks of the bootstrapped series. */
const bootstrapTicks = 200_000;

/**
 * Allowance and tail of every channel from the standardised reference. `blocks[b][s]` is signal s in block b. Each
 * channel takes the allowance that finds a shift of `targetShift` deviations soonest at the usual false-alarm rate; the
 * smallest that is tried lies above the mean of nearly all of the reference's minutes: a busy minute may last an hour,
 * and is no drift, and what is usual at dusk is usual. `times`: the blocks' times of day, in their order; default one.
 * `highMinute`: what is known of minutes that are not among the blocks.
 */
export function calibrate(
  blocks: readonly (readonly Float32Array[])[],
  times: readonly TimeOfReference[] = [{ blocks: blocks.length, independentMinutes: blocks.length }],
  highMinute: HighMinute = () => Number.NEGATIVE_INFINITY,
  seed = 1,
): ChannelControl[] {
  const length = blocks[0]?.[0]?.length ?? 1;
  const order = bootstrapOrder(blocks.length, Math.ceil(bootstrapTicks / length), seededRandom(seed));
  return channels.flatMap((channel) => {
    const series = blocks.map((block) => block[channel.signal]!);
    if (!series.some((block) => block.some((x) => !Number.isNaN(x)))) return [];
    const { signal, direction } = channel;
    const info: SignalInfo = signals[signal]!;
    if (info.evidence) {
      // An exact one knows how far usual minutes stray; an allowance for the highest of them would eat what a change says.
      const least = info.exact ? forgivenEvidence : Math.max(0, highBlock(series, direction, blocks.length));
      return [controlOf(channel, series, order, least)];
    }
    let least = Math.max(0, highMinute(signal, direction));
    let minutes = 0;
    let from = 0;
    for (const { blocks, independentMinutes } of times) {
      const own = series.slice(from, from + blocks);
      from += blocks;
      least = Math.max(least, highBlock(own, direction, independentMinutes));
      minutes += independentMinutes;
    }
    if (info.family !== 'multivariate') return [controlOf(channel, series, order, least)];
    return [
      controlOf(channel, series, order, Math.max(least, rareBlock(series, direction, minutes)), minutes),
    ];
  });
}

/**
 * A long series made of blocks of a recorded one, drawn with replacement (moving-block bootstrap, Kuensch 1989): what
 * follows closely in time stays together, so that the autocorrelation of video is in every threshold. Gives the indices
 * of blocks; a run of blocks that were neighbours is not kept.
 */
export function bootstrapOrder(blockCount: number, draws: number, random: Random): Uint32Array {
  return Uint32Array.from({ length: draws }, () => random.below(blockCount));
}

function controlOf(
  { signal, direction }: Channel,
  series: Float32Array[],
  order: Uint32Array,
  least: number,
  minutes = Number.POSITIVE_INFINITY,
): ChannelControl {
  const info: SignalInfo = signals[signal]!;
  const { memoryS = 0, evidence = false } = info;
  const [target, steps] = evidence
    ? ([targetEvidence, [0, 0.02, 0.05, 0.1]] as const)
    : ([targetShift, [0.5, 1, 1.5, 2.5]] as const);
  // Evidence has the scale of one nat by its nature: a likelihood ratio of e comes once in e times.
  const leastScale = surpassed(evidence ? 1 : leastScaleOf(memoryS), minutes);
  // Minutes that are few can't say of anything that it is rarer than they are.
  const leastRate = 1 / (series[0]!.length * minutes);
  let best: ChannelControl | undefined;
  let soonest = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    const allowance = Math.min(least + step, (7 / 8) * target);
    const fitted = fitPeaks(series, order, direction, allowance, leastScale);
    const perTick = Math.max(fitted.perTick, leastRate);
    const tail = { ...fitted, perTick, ...(info.exact ? { scale: 1 } : {}) };
    const delay = Math.max(1, thresholdFor(tail, targetTicks)) / (target - allowance);
    if (delay >= soonest) continue;
    soonest = delay;
    best = { signal, direction, allowance, ...tail };
  }
  return best!;
}

/** Mean that one block in fifty goes beyond; of fewer blocks, the highest. */
function highBlock(series: readonly Float32Array[], direction: 1 | -1, independentMinutes: number): number {
  const means = sortedMeans(series, direction);
  const high = means[Math.min(means.length - 1, Math.floor(0.98 * means.length))] ?? 0;
  return surpassed(high, Math.min(means.length, independentMinutes));
}

/**
 * Mean of the block that comes once in `forgivenMinutes`. A distance adds up squares, so the tail of its minutes falls
 * exponentially, with the mean excess of the upper half over the median as its scale s. That is known from n minutes only, so
 * what is to come has the heavier tail of Lomax (1954): n s ((1 / p)^(1 / n) - 1) where all would be s ln(1 / p). The margin
 * goes as minutes are learned, and the highest of few minutes, which is chance, says less.
 */
function rareBlock(series: readonly Float32Array[], direction: 1 | -1, independentMinutes: number): number {
  const means = sortedMeans(series, direction);
  const upper = means.slice(means.length >> 1);
  const [median = 0] = upper;
  const scale = upper.reduce((sum, mean) => sum + (mean - median) / upper.length, 0);
  const n = Math.max(2, Math.min(means.length, independentMinutes) / 2);
  return median + n * scale * ((forgivenMinutes / 2) ** (1 / n) - 1);
}

/** Mean of every block that has one, rising. */
function sortedMeans(series: readonly Float32Array[], direction: 1 | -1): number[] {
  return series
    .map((block) => {
      let sum = 0;
      let count = 0;
      for (const x of block) {
        if (Number.isNaN(x)) continue;
        sum += x;
        count++;
      }
      return count === 0 ? Number.NaN : (direction * sum) / count;
    })
    .filter((mean) => !Number.isNaN(mean))
    .sort((a, b) => a - b);
}

/** The highest of few minutes will be surpassed. */
export function surpassed(high: number, minutes: number): number {
  return high * (1 + 2 / Math.sqrt(Math.max(2, minutes)));
}

/** Standardised mean of a minute that few go beyond; minus infinity where nothing more is known than the blocks. */
type HighMinute = (signal: number, direction: 1 | -1) => number;

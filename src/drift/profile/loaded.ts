import { fromBase64 } from '../../base/index.ts';
import { clipAt } from '../control/calibrate.ts';
import { gradients } from '../picture/structure.ts';
import type { TickReference } from '../signals/assembler.ts';
import { signalCount, signals } from '../signals/catalogue.ts';
import type { MixShares } from './mix.ts';
import type { ProfileBucket, ReferenceProfile } from './schema.ts';
import { bucketFor, hourOfDay } from './time-of-day.ts';

/** One time of day, ready for use. */
export interface LoadedBucket {
  readonly reference: TickReference;
  /** NaN: the reference has nothing to say about this signal. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Mean score of the reference's boxes; NaN where there were none. */
  readonly usualScore: number;
  /** Shares of the mix of classes, by level of busyness. */
  readonly classMix: MixShares | undefined;
  /** What an object's score usually is above or below that of its class. */
  readonly objectScore: number | undefined;
}

/**
 * A profile whose numbers are unpacked when they are needed: a time of day when it begins. All of 24 at once would hold the
 * thread that frames wait for.
 */
export class LoadedProfile {
  readonly profile: ReferenceProfile;
  readonly #buckets: (LoadedBucket | undefined)[];

  constructor(profile: ReferenceProfile) {
    this.profile = profile;
    this.#buckets = Array.from({ length: profile.buckets.length });
  }

  at(stampNs: bigint): LoadedBucket {
    const { buckets, utcOffsetHours } = this.profile;
    const index = bucketFor(buckets, hourOfDay(stampNs, utcOffsetHours));
    this.#buckets[index] ??= unpack(buckets[index]!);
    return this.#buckets[index];
  }
}

function unpack(bucket: ProfileBucket): LoadedBucket {
  const {
    grey,
    spread,
    detail,
    scores,
    boxes,
    classes,
    classScores,
    mean,
    deviation,
    classMix,
    objectScore,
  } = bucket;
  const view = { grey: fromBase64(grey), spread: fromBase64(spread), detail: fromBase64(detail) };
  return {
    reference: {
      view,
      gradients: gradients(view.grey),
      output: { scores, boxes, classes, classScores },
    },
    mean: Float64Array.from(signals, (_, i) => mean[i] ?? Number.NaN),
    deviation: Float64Array.from(signals, ({ floor }, i) => Math.max(deviation[i] ?? 1, floor)),
    usualScore: meanScore(scores),
    classMix,
    objectScore,
  };
}

function meanScore(bins: readonly number[]): number {
  const total = bins.reduce((sum, count) => sum + count, 0);
  return bins.reduce((sum, count, i) => sum + (count * (i + 0.5)) / bins.length, 0) / total;
}

/** In deviations of the reference, clipped; from place `from` to before `to`. */
export function standardise(
  vector: Float64Array,
  { mean, deviation }: LoadedBucket,
  out: Float64Array,
  from = 0,
  to = signalCount,
): void {
  for (let i = from; i < to; i++) {
    out[i] = Math.min(clipAt, Math.max(-clipAt, (vector[i]! - mean[i]!) / deviation[i]!));
  }
}

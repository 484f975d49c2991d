import { fromBase64 } from '../../base/index.ts';
import { clip } from '../control/calibrate.ts';
import { total } from '../detectors/total.ts';
import { gradients } from '../picture/structure.ts';
import type { TickReference } from '../signals/assembler.ts';
import { signalCount, signals } from '../signals/catalogue.ts';
import { believedScore } from '../signals/output-counts.ts';
import type { MixShares } from './mix.ts';
import type { ProfileBucket, ReferenceProfile } from './schema.ts';
import { bucketFor, hourOfDay } from './time-of-day.ts';

/** A box of such a score stays where a picture gets a little worse. */
const sureScore = 0.62;

/** One time of day, ready for use. */
export interface LoadedBucket {
  readonly reference: TickReference;
  /** NaN: the reference has nothing to say about this signal. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Mean score of the reference's boxes; NaN where there were none. */
  readonly usualScore: number;
  /** Share of the boxes that are believed whose score is hardly enough: they are lost first. NaN where there were none. */
  readonly fragile: number;
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
  const [grey, spread, detail] = [
    fromBase64(bucket.grey),
    fromBase64(bucket.spread),
    fromBase64(bucket.detail),
  ];
  return {
    reference: { view: { grey, spread, detail }, gradients: gradients(grey), output: bucket },
    mean: Float64Array.from(signals, (_, i) => bucket.mean[i] ?? Number.NaN),
    deviation: Float64Array.from(signals, ({ floor }, i) => Math.max(bucket.deviation[i] ?? 1, floor)),
    usualScore: meanScore(bucket.scores),
    fragile: fragileShare(bucket.scores),
    classMix: bucket.classMix,
    objectScore: bucket.objectScore,
  };
}

function fragileShare(bins: readonly number[]): number {
  const between = (from: number, to: number) => total(bins.slice(from * bins.length, to * bins.length));
  return between(believedScore, sureScore) / between(believedScore, 1);
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
  for (let i = from; i < to; i++) out[i] = clip((vector[i]! - mean[i]!) / deviation[i]!);
}

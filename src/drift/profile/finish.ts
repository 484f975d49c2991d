import { defined, toBase64 } from '../../base/index.ts';
import { calibrate, clip, surpassed } from '../control/calibrate.ts';
import { rounded } from '../rounded.ts';
import { at, baseCount, pointCount, signalCount, signals } from '../signals/catalogue.ts';
import { judgedInTraffic, restWhereSparse } from '../signals/sparse.ts';
import type { WatchedAreas } from '../signals/watched.ts';
import type { RuleName } from '../verdict/rules.ts';
import { type Block, blockTicks } from './block.ts';
import type { BucketLearner } from './bucket-learner.ts';
import { ClassMixTest, type LearnedMix, learnMix } from './mix.ts';
import { Multivariate, type MultivariateProfile, pointOf, trainMultivariate } from './multivariate.ts';
import { type LearnedScore, learnScore, ObjectScoreTest } from './object-score.ts';
import type { ReferenceProfile } from './schema.ts';
import type { UsualMinutes } from './usual-minutes.ts';

interface LearnedBucket {
  readonly learner: BucketLearner;
  readonly fromHour: number;
  readonly toHour: number;
}

interface ProfileFacts {
  readonly modelDigest: string;
  readonly camera: string;
  readonly utcOffsetHours: number;
  readonly areas: WatchedAreas | undefined;
  readonly framesPerSecond: number;
  readonly longestRepeatMs: number;
  readonly repeatedShare: number;
  readonly mutedRules: RuleName[];
  /** The source of the embeddings; undefined: none, or several. */
  readonly embeddingSource: string | undefined;
  readonly answerNames: readonly string[];
}

interface Scale {
  readonly mean: (number | null)[];
  readonly deviation: (number | null)[];
}

interface Piece {
  readonly block: Block;
  /** Standardised base signals, one array each. */
  readonly standard: readonly Float32Array[];
  readonly fold: number;
}

/** Parts of the reference that are left out in turn. */
export const folds = 5;

/**
 * The part of every minute of one time of day, the minutes in the order of time. A part is a stretch of time: a minute that is
 * judged by its own neighbour looks too usual.
 */
export function foldsOf(minutes: number): number[] {
  return Array.from({ length: minutes }, (_, index) => Math.floor((index * folds) / minutes));
}

/** Standardises the learned blocks, trains the multivariate signals on all of them and calibrates every channel. */
export function finishProfile(buckets: readonly LearnedBucket[], facts: ProfileFacts): ReferenceProfile {
  const usual = buckets.map((_, b) => minutesWithNeighbours(buckets, b));
  const scales = usual.map(scaleOf);
  const pieces: Piece[] = buckets.flatMap(({ learner: { blocks } }, b) => {
    const fold = foldsOf(blocks.length);
    return blocks.map((block, index) => ({
      block,
      standard: standardise(block, scales[b]!),
      fold: fold[index]!,
    }));
  });
  const train = (from: readonly Piece[]): MultivariateProfile =>
    trainMultivariate(
      from.flatMap(({ standard }) => rowsOf(standard)),
      from.flatMap(({ block }) => block.embeddings.filter((embedding) => embedding !== undefined)),
      facts.embeddingSource,
    );
  const multivariate = train(pieces);
  const judged = judgedByOthers(pieces, train);
  const scale = multivariateScale(judged);
  for (const s of scales) {
    for (const [place, { mean, deviation }] of scale) {
      s.mean[place] = mean;
      s.deviation[place] = deviation;
    }
  }
  const mix = learnMix(
    buckets.map(({ learner }) =>
      learner.blocks.map((block) => ({
        objects: block.objects.map(({ classes }) => classes),
        detections: detectionsOf(block),
      })),
    ),
  );
  const score = learnScore(usual.map(({ scores }) => scores));
  const evidence = evidenceSignals(buckets, mix, score);
  const blocks = pieces.map(({ standard }, index) => {
    const all = [...standard];
    for (let place = baseCount; place < signalCount; place++) {
      const known = scale.get(place);
      all[place] = Float32Array.from(judged[index]![place - baseCount]!, (value) =>
        known === undefined ? Number.NaN : clip((value - known.mean) / known.deviation),
      );
    }
    for (const [place, seconds] of evidence) all[place] = seconds[index]!;
    return all;
  });
  for (const s of scales) {
    // Nats are what they are.
    for (const place of evidence.keys()) {
      s.mean[place] = 0;
      s.deviation[place] = 1;
    }
  }
  const fresh = 1 - facts.repeatedShare;
  const times = buckets.map((bucket) => ({
    blocks: bucket.learner.blockCount,
    // A minute that comes again tells nothing new.
    independentMinutes: fresh * independentMinutes(bucket),
  }));
  const { embeddingSource: _, answerNames, areas, ...rest } = facts;
  return {
    schema: 4,
    ...rest,
    ...defined({ areas }),
    ...(answerNames.length === 0 ? {} : { answer: [...answerNames] }),
    buckets: buckets.map(({ learner, fromHour, toHour }, b) => {
      const { view } = learner.reference!;
      return {
        fromHour,
        toHour,
        ticks: learner.ticks,
        grey: toBase64(view.grey),
        spread: toBase64(view.spread),
        detail: toBase64(view.detail),
        ...learner.reference!.output,
        ...(mix === undefined ? {} : { classMix: mix.shares[b]!.map((shares) => [...shares]) }),
        ...(score === undefined ? {} : { objectScore: score.means[b]! }),
        mean: scales[b]!.mean.map(roundedOrNull),
        deviation: scales[b]!.deviation.map(roundedOrNull),
      };
    }),
    controls: calibrate(blocks, times, highMinutes(buckets, scales, fresh)).map((control) => ({
      ...control,
      start: rounded(control.start),
      scale: rounded(control.scale),
    })),
    ...multivariate,
    ...(mix === undefined
      ? {}
      : { classMix: { labels: [...mix.labels], busy: [...mix.busy], dispersion: mix.dispersion } }),
    ...(score === undefined ? {} : { objectScoreDeviation: score.deviation }),
  };
}

/** By place in the vector; what can't be learned is left out. */
function evidenceSignals(
  buckets: readonly LearnedBucket[],
  mix: LearnedMix | undefined,
  score: LearnedScore | undefined,
): ReadonlyMap<number, Float32Array[]> {
  const evidence = new Map<number, Float32Array[]>();
  if (mix !== undefined) {
    const judge = new ClassMixTest(mix);
    const said = (block: Block, b: number): number[] => {
      const detections = detectionsOf(block);
      judge.begin(detections);
      return block.objects.map(({ classes }, i) => judge.add(classes, detections[i]!, mix.shares[b]!));
    };
    evidence.set(at.class_evidence, evidenceOf(buckets, said));
  }
  if (score !== undefined) {
    const judge = new ObjectScoreTest(score.deviation);
    const said = ({ objects }: Block, b: number): number[] =>
      objects.map(({ scores }) => judge.add(scores, score.means[b]!));
    evidence.set(at.score_evidence, evidenceOf(buckets, said));
  }
  return evidence;
}

/** Evidence of every second of every block, the blocks one after the other as the stream brought them. */
function evidenceOf(
  buckets: readonly LearnedBucket[],
  judge: (block: Block, bucket: number) => number[],
): Float32Array[] {
  return buckets.flatMap(({ learner }, b) =>
    learner.blocks.map((block) => Float32Array.from(judge(block, b), clip)),
  );
}

function detectionsOf({ base }: Block): Float32Array {
  return Float32Array.from({ length: blockTicks }, (_, tick) => base[tick * baseCount + at.detections]!);
}

/** Hours of each neighbour that count as a time of day's own: dusk does not keep to the hour. */
const leansOnHours = 1;

/** The minutes of a time of day, leaning on those before and after it around the clock. */
function minutesWithNeighbours(buckets: readonly LearnedBucket[], b: number): UsualMinutes {
  const { learner, fromHour, toHour } = buckets[b]!;
  const neighbours = buckets.filter(
    (other, i) => i !== b && (other.toHour % 24 === fromHour % 24 || other.fromHour % 24 === toHour % 24),
  );
  const weight = Math.min(1, leansOnHours / (toHour - fromHour));
  return learner.minutes.leaning(
    neighbours.map((other) => other.learner.minutes),
    weight,
  );
}

function scaleOf(minutes: UsualMinutes): Scale {
  const mean: (number | null)[] = new Array(signalCount).fill(null);
  const deviation: (number | null)[] = new Array(signalCount).fill(null);
  for (let place = 0; place < baseCount; place++) {
    const usual = minutes.momentsOf(place);
    if (usual === undefined) continue;
    mean[place] = usual.mean;
    deviation[place] = Math.max(usual.deviation, signals[place]!.floor);
  }
  return { mean, deviation };
}

/** Of the middle one of the signals: what the minutes of a time of day are worth for all signals together. */
function independentMinutes({ learner: { minutes } }: LearnedBucket): number {
  const ofSignals = Array.from({ length: pointCount }, (_, signal) => minutes.independentMinutes(signal));
  return ofSignals.sort((a, b) => a - b)[pointCount >> 1]!;
}

/** The mean of one of the highest minutes of any time of day, in deviations. What the sample says is enough for the mix. */
function highMinutes(
  buckets: readonly LearnedBucket[],
  scales: readonly Scale[],
  fresh: number,
): (signal: number, direction: 1 | -1) => number {
  return (signal, direction) => {
    if (signal >= baseCount || judgedInTraffic.has(signal)) return Number.NEGATIVE_INFINITY;
    return buckets.reduce((most, { learner: { minutes, minuteCount } }, b) => {
      const [mean, deviation] = [scales[b]!.mean[signal] ?? null, scales[b]!.deviation[signal]!];
      if (mean === null) return most;
      const high = (direction * (minutes.extreme(signal, direction, minuteCount) - mean)) / deviation;
      return Number.isNaN(high)
        ? most
        : Math.max(most, surpassed(high, fresh * minutes.independentMinutes(signal)));
    }, Number.NEGATIVE_INFINITY);
  };
}

function standardise(block: Block, { mean, deviation }: Scale): Float32Array[] {
  const columns = Array.from({ length: baseCount }, () => new Float32Array(blockTicks));
  const row = new Float64Array(baseCount);
  for (let tick = 0; tick < blockTicks; tick++) {
    for (let place = 0; place < baseCount; place++) {
      const middle = mean[place] ?? null;
      const value = block.base[tick * baseCount + place]!;
      row[place] = middle === null ? Number.NaN : clip((value - middle) / deviation[place]!);
    }
    restWhereSparse(row);
    for (const [place, column] of columns.entries()) column[tick] = row[place]!;
  }
  return columns;
}

function rowsOf(standard: readonly Float32Array[]): Float64Array[] {
  return Array.from({ length: blockTicks }, (_, tick) => pointOf(standard.map((column) => column[tick]!)));
}

/**
 * Every block's multivariate signals as judged by what was learned without its part of the reference (cross-fitting): what
 * was trained on looks too good, most of all where hardly more was seen than there are signals.
 */
function judgedByOthers(
  pieces: readonly Piece[],
  train: (from: readonly Piece[]) => MultivariateProfile,
): Float32Array[][] {
  const judged: Float32Array[][] = new Array(pieces.length);
  for (let left = 0; left < folds; left++) {
    const others = pieces.filter(({ fold }) => fold !== left);
    if (others.length === pieces.length || others.length === 0) continue;
    const judge = new Multivariate(train(others));
    for (const [index, { block, standard, fold }] of pieces.entries())
      if (fold === left) judged[index] = judgeBlock(judge, standard, block);
  }
  return judged;
}

/** The multivariate signals of every second of a block, one array per signal. */
function judgeBlock(judge: Multivariate, standard: readonly Float32Array[], block: Block): Float32Array[] {
  const out = Array.from({ length: signalCount - baseCount }, () => new Float32Array(blockTicks));
  const vector = new Float64Array(signalCount);
  for (const [tick, row] of rowsOf(standard).entries()) {
    vector.fill(Number.NaN);
    judge.add(row, block.embeddings[tick], vector);
    for (const [i, column] of out.entries()) column[tick] = vector[baseCount + i]!;
  }
  return out;
}

function multivariateScale(
  judged: readonly (readonly Float32Array[])[],
): Map<number, { mean: number; deviation: number }> {
  const scale = new Map<number, { mean: number; deviation: number }>();
  for (let place = at.isolation; place < signalCount; place++) {
    const values = judged.flatMap((block) => [...block[place - baseCount]!].filter((v) => !Number.isNaN(v)));
    if (values.length < blockTicks / 2) continue;
    const { mean, deviation } = moments(values);
    scale.set(place, { mean, deviation: Math.max(deviation, signals[place]!.floor) });
  }
  return scale;
}

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value);
}

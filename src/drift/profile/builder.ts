import { counted, InputError } from '../../base/index.ts';
import type { Thumbnail } from '../../perception/index.ts';
import { seededRandom } from '../random.ts';
import { type Tick, TickAssembler } from '../signals/assembler.ts';
import { OutputCounts, type OutputCountsState } from '../signals/output-counts.ts';
import type { WatchedAreas, WatchedResult } from '../signals/watched.ts';
import { brokenRules, type RuleName } from '../verdict/rules.ts';
import { BucketLearner, type BucketState } from './bucket-learner.ts';
import { finishProfile } from './finish.ts';
import { Repetition, type RepetitionState } from './repetition.ts';
import type { ReferenceProfile } from './schema.ts';
import { hourOfDay } from './time-of-day.ts';

export interface ProfileOptions {
  readonly modelDigest: string;
  readonly camera: string;
  /** Times of day that are told apart, equal parts of 24 hours; default 1. More need a day of learning. */
  readonly buckets?: number;
  readonly utcOffsetHours?: number;
  /** Seconds of each time of day that teach how the place looks; the others teach the signals. Default 600. */
  readonly viewSeconds?: number;
  /** Which objects are watched; absent: all. */
  readonly areas?: WatchedAreas;
}

export interface ProfileProgress {
  /** Seconds learned. */
  readonly ticks: number;
  /** Times of day that were seen, and those of them that have enough for a profile. */
  readonly started: number;
  readonly ready: number;
}

/** All that a builder knows but the minute at hand. */
export interface BuilderState {
  readonly ticks: number;
  readonly frames: number;
  readonly seconds: number;
  readonly longestRepeatMs: number;
  /** Width and height; undefined where it is not known. */
  readonly picture: readonly [width: number, height: number] | undefined;
  readonly repetition: RepetitionState;
  /** What made embeddings so far. */
  readonly embeddingSources: readonly string[];
  readonly answerNames: readonly string[];
  readonly muted: readonly (readonly [rule: RuleName, ticks: number])[];
  /** By time of day. */
  readonly counts: readonly OutputCountsState[];
  readonly learners: readonly (BucketState | undefined)[];
}

/** Blocks of a minute that a profile needs in all, and of one time of day. */
const leastBlocks = 8;
const leastBucketBlocks = 2;
const maxBlocks = 136;

/**
 * Learns a reference profile from a stream of frames in fixed memory (some 1.5 MB while it learns).
 *
 * What could go wrong, and what happens
 * - the camera pauses: the minute at hand is dropped, learning goes on after the view has settled
 * - the model is swapped: an InputError, since a profile is of one model
 * - the camera is faulty while it learns (black, frozen): the rule that says so is muted in the profile and listed there
 */
export class ProfileBuilder {
  readonly #options: ProfileOptions;
  readonly #assembler = new TickAssembler();
  readonly #learners: (BucketLearner | undefined)[];
  readonly #counts: OutputCounts[];
  readonly #muted = new Map<RuleName, number>();
  #bucket = 0;
  #ticks = 0;
  #frames = 0;
  #seconds = 0;
  #longestRepeatMs = 0;
  #picture: BuilderState['picture'];
  readonly #embeddingSources = new Set<string>();
  #answerNames: readonly string[] = [];
  readonly #repetition = new Repetition();

  constructor(options: ProfileOptions) {
    const buckets = options.buckets ?? 1;
    if (!Number.isInteger(buckets) || buckets < 1 || buckets > 24) {
      throw new InputError('profile-buckets', `${buckets} times of day.`, 'Use a whole number from 1 to 24.');
    }
    this.#options = options;
    this.#learners = Array.from({ length: buckets });
    this.#counts = Array.from({ length: buckets }, () => new OutputCounts());
  }

  get options(): ProfileOptions {
    return this.#options;
  }

  /** As it would be after a pause: the minute at hand is not in it. Shares arrays with the builder. */
  state(): BuilderState {
    return {
      ticks: this.#ticks,
      frames: this.#frames,
      seconds: this.#seconds,
      longestRepeatMs: this.#longestRepeatMs,
      picture: this.#picture,
      repetition: this.#repetition.state(),
      embeddingSources: [...this.#embeddingSources],
      answerNames: this.#answerNames,
      muted: [...this.#muted],
      counts: this.#counts.map((counts) => counts.state()),
      learners: this.#learners.map((learner) => learner?.state()),
    };
  }

  /** A builder that goes on where another one was. The state is of the same options, and its own from now on. */
  static resume(options: ProfileOptions, state: BuilderState): ProfileBuilder {
    const builder = new ProfileBuilder(options);
    builder.#ticks = state.ticks;
    builder.#frames = state.frames;
    builder.#seconds = state.seconds;
    builder.#longestRepeatMs = state.longestRepeatMs;
    builder.#picture = state.picture;
    builder.#repetition.resume(state.repetition);
    builder.#answerNames = state.answerNames;
    for (const source of state.embeddingSources) builder.#embeddingSources.add(source);
    for (const [rule, ticks] of state.muted) builder.#muted.set(rule, ticks);
    for (const [bucket, counts] of state.counts.entries())
      builder.#counts[bucket] = OutputCounts.resume(counts);
    for (const [bucket, learned] of state.learners.entries())
      if (learned !== undefined) builder.#learner(bucket).resume(learned);
    return builder;
  }

  get progress(): ProfileProgress {
    const started = this.#learners.filter((learner) => learner !== undefined);
    const ready = started.filter(({ blockCount }) => blockCount >= leastBucketBlocks);
    return { ticks: this.#ticks, started: started.length, ready: ready.length };
  }

  /** One frame. `atMs`: monotonic. */
  observe(thumbnail: Thumbnail, result: WatchedResult, atMs: number): void {
    const { modelDigest, utcOffsetHours = 0 } = this.#options;
    if (result.identity.digest !== modelDigest) {
      throw new InputError(
        'profile-model',
        `The profile is learned for ${modelDigest}, but a result of ${result.identity.digest} came.`,
        'Learn it again with the current model.',
      );
    }
    const { width, height } = result;
    if (this.#picture?.[0] !== width || this.#picture[1] !== height) this.#picture = [width, height];
    const hour = hourOfDay(result.stampNs, utcOffsetHours);
    const bucket = Math.floor((hour / 24) * this.#learners.length);
    const counts = this.#counts[bucket]!;
    this.#repetition.see(thumbnail.hash, atMs);
    const tick = this.#assembler.add(thumbnail, result, atMs, this.#learners[bucket]?.reference, counts);
    if (bucket !== this.#bucket) this.#learners[this.#bucket]?.endOfTime();
    this.#bucket = bucket;
    if (tick !== undefined) this.#learn(tick, bucket, counts);
  }

  /** Throws an InputError if there is too little to learn from. Takes some seconds of CPU: call it off the hot path. */
  finish(): ReferenceProfile {
    const { modelDigest, camera, utcOffsetHours = 0, areas } = this.#options;
    const width = 24 / this.#learners.length;
    const learned = this.#learners.flatMap((learner, index) =>
      learner?.reference === undefined || learner.blockCount < leastBucketBlocks
        ? []
        : [{ learner, fromHour: index * width, toHour: (index + 1) * width }],
    );
    const blocks = learned.reduce((sum, { learner }) => sum + learner.blockCount, 0);
    if (blocks < leastBlocks) {
      const { viewSeconds = defaultViewSeconds } = this.#options;
      throw new InputError(
        'profile-short',
        `The profile saw ${this.#ticks} s and learned ${counted(blocks, 'minute')} of them; it needs ${leastBlocks}.`,
        `Learn from at least ${viewSeconds + leastBlocks * 60} s without a pause, better from hours. The first ${viewSeconds} s, of each part of a merge too, only show the place.`,
      );
    }
    return finishProfile(learned, {
      modelDigest,
      camera,
      utcOffsetHours,
      areas,
      framesPerSecond: this.#frames / this.#seconds,
      longestRepeatMs: this.#longestRepeatMs,
      repeatedShare: Number(this.#repetition.share.toFixed(3)),
      // Once may be chance; a minute is how the camera is.
      mutedRules: [...this.#muted].filter(([, ticks]) => ticks >= 60).map(([name]) => name),
      embeddingSource: this.#embeddingSources.size === 1 ? [...this.#embeddingSources][0] : undefined,
      answerNames: this.#answerNames,
    });
  }

  #learn(tick: Tick, bucket: number, counts: OutputCounts): void {
    const learner = this.#learner(bucket);
    if (tick.settling) {
      learner.interrupt();
      return;
    }
    this.#ticks++;
    if (tick.answerNames.length > 0) this.#answerNames = tick.answerNames;
    // A second one is enough to know that there are several.
    if (tick.embedding !== undefined && this.#embeddingSources.size < 2)
      this.#embeddingSources.add(tick.embedding.source);
    this.#frames += tick.frames;
    this.#seconds += tick.seconds;
    for (const name of brokenRules(tick, undefined)) this.#muted.set(name, (this.#muted.get(name) ?? 0) + 1);
    this.#longestRepeatMs = Math.max(this.#longestRepeatMs, tick.repeatMs);
    learner.learn(tick, this.#assembler.view, counts);
  }

  #learner(bucket: number): BucketLearner {
    this.#learners[bucket] ??= new BucketLearner(
      this.#options.viewSeconds ?? defaultViewSeconds,
      blocksPerBucket(this.#learners.length),
      seededRandom(bucket + 1),
    );
    return this.#learners[bucket];
  }
}

export const defaultViewSeconds = 600;

/** Blocks that one of so many times of day keeps at most. */
export function blocksPerBucket(buckets: number): number {
  return Math.max(6, Math.floor(maxBlocks / buckets));
}

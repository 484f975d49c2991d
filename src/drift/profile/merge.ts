import { gradients } from '../picture/structure.ts';
import { LiveView } from '../picture/view.ts';
import { seededRandom } from '../random.ts';
import { at, baseCount } from '../signals/catalogue.ts';
import { OutputCounts, type OutputReference } from '../signals/output-counts.ts';
import type { Block } from './block.ts';
import { type BucketState, referenceOf } from './bucket-learner.ts';
import {
  type BuilderState,
  blocksPerBucket,
  defaultViewSeconds,
  ProfileBuilder,
  type ProfileOptions,
} from './builder.ts';
import { foreign, type LearningState, learnedOptions, resumeLearning } from './learning-state.ts';
import { mergedRepetition } from './repetition.ts';
import { UsualMinutes } from './usual-minutes.ts';

/** What was learned somewhere; `where` names it in messages. */
export interface LearningPart {
  readonly state: LearningState;
  readonly where: string;
}

/** Of the usual edges, below which two states are of two views: what matches less by chance is no view at all. */
const leastMatch = 0.35;

/**
 * Puts together what was learned apart, as if it had been learned in this order: the first state says how the place looks, as
 * it does where learning goes on. A later state was compared with its own look, so its minutes are shifted by how its look
 * differs from the first one. What is lost are the minutes that a later state spent on looking. Times of day that only one
 * state knows are as they were.
 *
 * Throws as `resumeLearning` does, and a RefusedError for one of another view.
 */
export function mergeLearning(
  parts: readonly LearningPart[],
  about: Pick<ProfileOptions, 'modelDigest' | 'camera'>,
): ProfileBuilder {
  const [first] = parts as readonly [LearningPart];
  const options = { ...learnedOptions(first.state, first.where), ...about };
  const states = parts.map(({ state, where }) => ({
    where,
    state: resumeLearning(state, options, where).state(),
  }));
  const merged = states.reduce((before, later) => ({
    where: later.where,
    state: mergedStates(before.state, later.state, options, later.where),
  }));
  return ProfileBuilder.resume(options, merged.state);
}

function mergedStates(
  a: BuilderState,
  b: BuilderState,
  options: ProfileOptions,
  where: string,
): BuilderState {
  const pictures = [a.picture, b.picture].map((size) => size?.join(' x '));
  if (a.picture !== undefined && b.picture !== undefined && pictures[0] !== pictures[1])
    throw foreign(where, `its pictures have ${pictures[1]} pixels, the others ${pictures[0]}`);
  const counts = a.counts.map((counted, time) => OutputCounts.resume(counted).plus(b.counts[time]!));
  const muted = new Map(a.muted);
  for (const [rule, ticks] of b.muted) muted.set(rule, (muted.get(rule) ?? 0) + ticks);
  return {
    ticks: a.ticks + b.ticks,
    frames: a.frames + b.frames,
    seconds: a.seconds + b.seconds,
    longestRepeatMs: Math.max(a.longestRepeatMs, b.longestRepeatMs),
    picture: a.picture ?? b.picture,
    repetition: mergedRepetition(a.repetition, b.repetition),
    embeddingSources: [...new Set([...a.embeddingSources, ...b.embeddingSources])].slice(0, 2),
    muted: [...muted],
    answerNames: b.answerNames.length > 0 ? b.answerNames : a.answerNames,
    counts: counts.map((counted) => counted.state()),
    learners: a.learners.map((own, time) =>
      mergedTimes(own, b.learners[time], counts[time]!, options, where),
    ),
  };
}

/** One time of day. */
function mergedTimes(
  a: BucketState | undefined,
  b: BucketState | undefined,
  counts: OutputCounts,
  { buckets = 1, viewSeconds = defaultViewSeconds }: ProfileOptions,
  where: string,
): BucketState | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [ticks, viewed] = [a.ticks + b.ticks, a.viewed + b.viewed];
  if (a.view !== undefined && b.view !== undefined) {
    const [sums, squares, details] = a.view.map((own, i) => own.map((sum, cell) => sum + b.view![i]![cell]!));
    const view = [sums!, squares!, details!] as const;
    const reference =
      viewed < viewSeconds ? undefined : { view: referenceOf(view, viewed), output: counts.reference() };
    return { ...a, ticks, viewed, reference, view: reference === undefined ? view : undefined };
  }
  // Who has seen enough says how the place looks; what the other has seen of it alone is no minute.
  if (a.reference === undefined || b.reference === undefined)
    return { ...(a.reference === undefined ? b : a), ticks };
  const apart = apartOf(b.reference, a.reference, where);
  return {
    ...a,
    ticks,
    reference: { view: a.reference.view, output: knowingAlso(a.reference.output, b.reference.output) },
    blocksSeen: a.blocksSeen + b.blocksSeen,
    blocks: sampled(a, b, apart, blocksPerBucket(buckets)),
    minutes: UsualMinutes.resume(a.minutes)
      .followedBy(UsualMinutes.resume(b.minutes), apart.signals, apart.score)
      .state(),
  };
}

/** By how much signals and scores of objects are off that were compared with another look. */
interface Apart {
  /** One per base signal. */
  readonly signals: Float64Array;
  readonly score: number;
}

type Look = NonNullable<BucketState['reference']>;

/** The look of `later`, as if a camera saw it, against that of `first`. */
function apartOf(later: Look, first: Look, where: string): Apart {
  const live = new LiveView();
  live.add({ ...later.view, red: 0, green: 0, blue: 0, chroma: 0, hash: 0 }, undefined);
  live.tick();
  const seen = live.compare(first.view, gradients(first.view.grey), 0);
  if (seen.match < leastMatch) {
    const share = Math.round(100 * Math.max(0, seen.match));
    throw foreign(where, `it shows another view (${share} % of the edges match)`);
  }
  const score = scoreApart(later.output, first.output);
  const signals = new Float64Array(baseCount);
  signals[at.log_gain] = seen.gain;
  signals[at.offset] = seen.offset;
  signals[at.match] = seen.match - 1;
  signals[at.foreign_share] = seen.foreign;
  signals[at.lost_detail] = seen.lostDetail;
  signals[at.score] = score;
  return { signals, score };
}

/** Scores count from the mean of their class: by how much the later means are above the first ones. */
function scoreApart(later: OutputReference, first: OutputReference): number {
  let [sum, objects] = [0, 0];
  for (const [label, count] of Object.entries(later.classes)) {
    const above = later.classScores[label]! - first.classScores[label]!;
    if (!Number.isFinite(above)) continue;
    sum += count * above;
    objects += count;
  }
  return objects === 0 ? 0 : sum / objects;
}

/** A class that only the later one has seen is known from then on. */
function knowingAlso(first: OutputReference, later: OutputReference): OutputReference {
  return {
    scores: first.scores,
    classes: { ...later.classes, ...first.classes },
    classScores: { ...later.classScores, ...first.classScores },
    classShapes: { ...later.classShapes, ...first.classShapes },
  };
}

/** A uniform sample of both: all where there is room. Otherwise the first and the last minute stay in front. */
function sampled(a: BucketState, b: BucketState, apart: Apart, most: number): Block[] {
  const later = b.blocks.map((block) => shifted(block, a.blocksSeen, apart));
  if (a.blocks.length + later.length <= most) return [...a.blocks, ...later];
  const random = seededRandom(a.blocksSeen + b.blocksSeen);
  const last = later.splice(Math.min(1, later.length - 1), 1);
  const sample = [a.blocks[0]!, ...last];
  const pools = [a.blocks.slice(1), later] as const;
  const left: [number, number] = [a.blocksSeen - 1, b.blocksSeen - 1];
  while (sample.length < most) {
    const from = random.below(left[0] + left[1]) < left[0] ? 0 : 1;
    sample.push(...pools[from].splice(random.below(pools[from].length), 1));
    left[from]--;
  }
  return sample;
}

function shifted(block: Block, minutes: number, { signals, score }: Apart): Block {
  return {
    minute: minutes + block.minute,
    base: block.base.map((value, i) => value + signals[i % baseCount]!),
    embeddings: block.embeddings,
    objects: block.objects.map(({ classes, scores: { count, sum, squares } }) => ({
      classes,
      scores: {
        count,
        sum: sum + score * count,
        squares: squares + 2 * score * sum + score * score * count,
      },
    })),
  };
}

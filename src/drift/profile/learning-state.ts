import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { canonicalJson, fromBase64, InputError, RefusedError, toBase64 } from '../../base/index.ts';
import { thumbnailCells as cells } from '../../perception/index.ts';
import { answerSignals, baseCount, signals } from '../signals/catalogue.ts';
import { shapeNumbers } from '../signals/class-shapes.ts';
import { projectedLength } from '../signals/embedding.ts';
import { scoreBins } from '../signals/output-counts.ts';
import { WatchedAreas } from '../signals/watched.ts';
import { ruleNames } from '../verdict/rules.ts';
import { type Block, blockTicks } from './block.ts';
import type { BucketState } from './bucket-learner.ts';
import { blocksPerBucket, defaultViewSeconds, ProfileBuilder, type ProfileOptions } from './builder.ts';
import { mostRemembered } from './repetition.ts';
import { usualNumbers } from './usual-minutes.ts';

/*
 * What a builder has learned, as it lies on the disk while it learns: a head in JSON and the long rows of numbers behind
 * it, so that a restart after hours costs minutes. At most some 4 MB: 136 blocks of a minute. Everything that comes from
 * a file is bounded and checked against the rest.
 */

export interface LearningState {
  readonly head: string;
  /** In the order of the head; little-endian. */
  readonly numbers: Uint8Array;
}

/** A state that is larger is none of ours. */
export const maxLearningBytes = 16_000_000;

const base64Cells = Type.String({
  minLength: (cells / 3) * 4,
  maxLength: (cells / 3) * 4,
  pattern: '^[A-Za-z0-9+/]*$',
});
const Count = Type.Number({ minimum: 0, maximum: 1e15 });
const Finite = Type.Number({ minimum: -1e15, maximum: 1e15 });
/** What the model calls a class. */
const Label = Type.String({ maxLength: 1000 });
const Scores = Type.Array(Count, { minItems: scoreBins, maxItems: scoreBins });
const mostClasses = 129;
const Shape = Type.Array(Finite, { minItems: shapeNumbers, maxItems: shapeNumbers });

const Learned = Type.Object({
  ticks: Count,
  viewed: Count,
  /** Absent while the place is looked at: then its sums are among the numbers. */
  reference: Type.Optional(
    Type.Object({
      grey: base64Cells,
      spread: base64Cells,
      detail: base64Cells,
      scores: Scores,
      classes: Type.Array(Type.Tuple([Label, Count]), { maxItems: mostClasses }),
      classScores: Type.Array(Type.Tuple([Label, Finite]), { maxItems: mostClasses }),
      classShapes: Type.Array(Type.Tuple([Label, Shape]), { maxItems: mostClasses }),
    }),
  ),
  blocksSeen: Type.Integer({ minimum: 0 }),
  blocks: Type.Array(
    Type.Object({
      minute: Type.Integer({ minimum: 0 }),
      /** Seconds of the block that have an embedding among the numbers. */
      embedded: Type.Array(Type.Integer({ minimum: 0, maximum: blockTicks - 1 }), { maxItems: blockTicks }),
      classes: Type.Array(Type.Tuple([Type.Integer({ minimum: 0, maximum: blockTicks - 1 }), Label, Count]), {
        maxItems: blockTicks * 1024,
      }),
      /** Seconds in which objects said their score: how many, their sum, the sum of their squares. */
      scores: Type.Array(
        Type.Tuple([Type.Integer({ minimum: 0, maximum: blockTicks - 1 }), Count, Finite, Count]),
        { maxItems: blockTicks },
      ),
    }),
    { maxItems: 200 },
  ),
});

const Head = Type.Object({
  /** Another version has another form, and other signals another meaning. */
  version: Type.Literal(3),
  signals: Type.Array(Type.String(), { maxItems: 200 }),
  modelDigest: Type.String(),
  camera: Type.String(),
  times: Type.Integer({ minimum: 1, maximum: 24 }),
  utcOffsetHours: Type.Number(),
  viewSeconds: Type.Number(),
  /** Which objects are watched, as canonical JSON. */
  areas: Type.String({ maxLength: 200_000 }),
  ticks: Count,
  frames: Count,
  seconds: Count,
  longestRepeatMs: Count,
  /** Absent in files of earlier versions. */
  picture: Type.Optional(Type.Tuple([Count, Count])),
  repetition: Type.Object({
    looked: Count,
    again: Count,
    /** Absent in files of earlier versions. */
    seen: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 0xffffffff }), { maxItems: mostRemembered }),
    ),
  }),
  embeddingSources: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 2 })),
  answerNames: Type.Array(Type.String({ maxLength: 40 }), { maxItems: answerSignals.length }),
  muted: Type.Array(Type.Tuple([Type.Union(ruleNames.map((name) => Type.Literal(name))), Count]), {
    maxItems: ruleNames.length,
  }),
  counts: Type.Array(
    Type.Object({
      scores: Scores,
      classes: Type.Array(Type.Tuple([Label, Count]), { maxItems: mostClasses }),
      boxes: Type.Array(Type.Tuple([Label, Finite, Shape]), { maxItems: mostClasses }),
    }),
    { minItems: 1, maxItems: 24 },
  ),
  learners: Type.Array(Type.Union([Learned, Type.Null()]), { minItems: 1, maxItems: 24 }),
});
type Head = Static<typeof Head>;
type Learned = Static<typeof Learned>;

const baseSignals = signals.slice(0, baseCount).map(({ name }) => name);

/** What the state is bound to. */
function boundTo(options: ProfileOptions) {
  const { modelDigest, camera, buckets = 1, utcOffsetHours = 0, viewSeconds = defaultViewSeconds } = options;
  const areas = canonicalJson(options.areas ?? null);
  return { modelDigest, camera, times: buckets, utcOffsetHours, viewSeconds, areas };
}

/** What the state was learned with, for one that is not known to be of an order. Throws as `resumeLearning` does. */
export function learnedOptions({ head: text }: LearningState, where: string): ProfileOptions {
  const { modelDigest, camera, times, utcOffsetHours, viewSeconds, areas } = readHead(text, where);
  const wanted = parsed(areas, where);
  if (wanted !== null && !Value.Check(WatchedAreas, wanted)) throw damaged(where, 'its zones are none');
  return {
    ...{ modelDigest, camera, buckets: times, utcOffsetHours, viewSeconds },
    ...(wanted === null ? {} : { areas: wanted }),
  };
}

/** The builder's state at this moment, without the minute at hand. Some 20 ms: not on a thread that frames wait for. */
export function saveLearning(builder: ProfileBuilder): LearningState {
  const { counts, learners, ...rest } = builder.state();
  const head = {
    ...{ version: 3, signals: baseSignals, ...boundTo(builder.options), ...rest, counts },
    learners: learners.map((learned) => (learned === undefined ? null : headOf(learned))),
  };
  return { head: JSON.stringify(head), numbers: numbersOf(learners) };
}

/**
 * A builder that goes on from a state. Throws an InputError for one that is damaged, a RefusedError for one of another
 * model, camera or order; `where` names it.
 */
export function resumeLearning(
  { head: text, numbers }: LearningState,
  options: ProfileOptions,
  where: string,
): ProfileBuilder {
  const head = readHead(text, where);
  for (const [name, wanted] of Object.entries(boundTo(options))) {
    const found = head[name as keyof ReturnType<typeof boundTo>];
    if (found !== wanted) throw foreign(where, `its ${name} is ${found}, wanted is ${wanted}`);
  }
  if (head.signals.join() !== baseSignals.join()) throw foreign(where, 'it was written by another version');
  const { counts, learners } = head;
  if (counts.length !== head.times || learners.length !== head.times)
    throw damaged(where, 'it has other times of day');
  const reader = new NumberReader(numbers, where);
  const states = learners.map((learned) =>
    learned === null ? undefined : stateOf(learned, blocksPerBucket(head.times), reader, where),
  );
  if (!reader.atEnd) throw damaged(where, 'it has more numbers than its head says');
  const { embeddingSources = [] } = head;
  const repetition = { seen: [], ...head.repetition };
  const rest = { picture: undefined, ...head, repetition, embeddingSources };
  return ProfileBuilder.resume(options, { ...rest, counts, learners: states });
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(where, 'its head is not JSON', cause);
  }
}

function readHead(text: string, where: string): Head {
  const value = parsed(text, where);
  if (Value.Check(Head, value)) return value;
  const first = Value.Errors(Head, value).First();
  throw damaged(where, `${first?.path || 'its head'}: ${first?.message ?? 'is not one'}`);
}

function headOf({ ticks, viewed, reference, blocksSeen, blocks }: BucketState): Learned {
  return {
    ...{ ticks, viewed, blocksSeen },
    ...(reference === undefined
      ? {}
      : {
          reference: {
            grey: toBase64(reference.view.grey),
            spread: toBase64(reference.view.spread),
            detail: toBase64(reference.view.detail),
            scores: [...reference.output.scores],
            classes: Object.entries(reference.output.classes),
            classScores: Object.entries(reference.output.classScores),
            classShapes: Object.entries(reference.output.classShapes).map(([label, shape]) => [
              label,
              [...shape],
            ]),
          },
        }),
    blocks: blocks.map(({ minute, embeddings, objects }) => ({
      minute,
      embedded: embeddings.flatMap((embedding, second) => (embedding === undefined ? [] : [second])),
      classes: objects.flatMap(({ classes }, second) =>
        [...classes].map(([label, count]): [number, string, number] => [second, label, count]),
      ),
      scores: objects.flatMap(({ scores: { count, sum, squares } }, second) =>
        count === 0 ? [] : [[second, count, sum, squares] satisfies [number, number, number, number]],
      ),
    })),
  };
}

/** Per time of day: the sums of its view, what all minutes were like, then its blocks, each with its embeddings. */
function numbersOf(learners: readonly (BucketState | undefined)[]): Uint8Array {
  const rows = learners.flatMap((learned) => [
    ...(learned?.view ?? []),
    ...(learned === undefined ? [] : [Float64Array.from(learned.minutes)]),
    ...(learned?.blocks ?? []).flatMap(({ base, embeddings }) => [
      base,
      ...embeddings.filter((embedding) => embedding !== undefined),
    ]),
  ]);
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const row of rows) {
    const wide = row instanceof Float64Array;
    for (const value of row) {
      if (wide) view.setFloat64(offset, value, true);
      else view.setFloat32(offset, value, true);
      offset += wide ? 8 : 4;
    }
  }
  return bytes;
}

class NumberReader {
  readonly #view: DataView;
  readonly #where: string;
  #offset = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  get atEnd(): boolean {
    return this.#offset === this.#view.byteLength;
  }

  doubles(length: number): Float64Array {
    const from = this.#take(8 * length);
    return Float64Array.from({ length }, (_, i) => this.#view.getFloat64(from + 8 * i, true));
  }

  floats(length: number): Float32Array {
    const from = this.#take(4 * length);
    return Float32Array.from({ length }, (_, i) => this.#view.getFloat32(from + 4 * i, true));
  }

  #take(bytes: number): number {
    const from = this.#offset;
    this.#offset += bytes;
    if (this.#offset > this.#view.byteLength) throw damaged(this.#where, 'it ends before its last number');
    return from;
  }
}

function stateOf(learned: Learned, most: number, numbers: NumberReader, where: string): BucketState {
  const { ticks, viewed, reference, blocksSeen } = learned;
  if (learned.blocks.length !== Math.min(blocksSeen, most) || (reference === undefined && blocksSeen > 0))
    throw damaged(where, 'its minutes do not fit');
  const view =
    reference === undefined
      ? ([numbers.doubles(cells), numbers.doubles(cells), numbers.doubles(cells)] as const)
      : undefined;
  const minutes = numbers.doubles(usualNumbers);
  const blocks = learned.blocks.map(({ minute, embedded, classes, scores }): Block => {
    const base = numbers.floats(blockTicks * baseCount);
    const embeddings = new Array<Float64Array | undefined>(blockTicks).fill(undefined);
    for (const second of embedded) embeddings[second] = numbers.doubles(projectedLength);
    const seconds = Array.from({ length: blockTicks }, () => ({
      classes: new Map<string, number>(),
      scores: { count: 0, sum: 0, squares: 0 },
    }));
    for (const [second, label, count] of classes) seconds[second]!.classes.set(label, count);
    for (const [second, count, sum, squares] of scores) seconds[second]!.scores = { count, sum, squares };
    return { minute, base, embeddings, objects: seconds };
  });
  return { ticks, viewed, view, reference: reference && referenceOf(reference), blocksSeen, blocks, minutes };
}

function referenceOf(reference: NonNullable<Learned['reference']>): NonNullable<BucketState['reference']> {
  const { grey, spread, detail, scores, classes, classScores, classShapes } = reference;
  return {
    view: { grey: fromBase64(grey), spread: fromBase64(spread), detail: fromBase64(detail) },
    output: {
      scores,
      classes: Object.fromEntries(classes),
      classScores: Object.fromEntries(classScores),
      classShapes: Object.fromEntries(classShapes),
    },
  };
}

const anew = 'Learning starts again automatically.';

function damaged(where: string, what: string, cause?: unknown): InputError {
  return new InputError('learning-damaged', `${where} is damaged: ${what}.`, anew, { cause });
}

export function foreign(where: string, why: string): RefusedError {
  return new RefusedError('learning-foreign', `${where} does not fit: ${why}.`, anew);
}

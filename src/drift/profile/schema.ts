import { type Static, Type } from '@sinclair/typebox';
import { Digest } from '../../model/index.ts';
import { thumbnailCells } from '../../perception/index.ts';
import { answerSignals, signalCount } from '../signals/catalogue.ts';
import { shapeNumbers } from '../signals/class-shapes.ts';
import { scoreBins } from '../signals/output-counts.ts';
import { WatchedAreas } from '../signals/watched.ts';
import { ruleNames } from '../verdict/rules.ts';

/*
 * The reference profile: how one camera and one model usually look. Made once, kept beside the bundle or on the device,
 * bound to the digest of the bundle. Everything that comes from a file is bounded.
 */

const base64Length = (thumbnailCells / 3) * 4;
const Cells = Type.String({
  minLength: base64Length,
  maxLength: base64Length,
  pattern: '^[A-Za-z0-9+/]*$',
  description: 'One byte per cell of the thumbnail, base64',
});
const Count = Type.Number({ minimum: 0 });
const Finite = Type.Number({ minimum: -1e12, maximum: 1e12 });
/** null: the reference has nothing to say about this signal. */
const PerSignal = Type.Array(Type.Union([Finite, Type.Null()]), {
  minItems: signalCount,
  maxItems: signalCount,
});

export const ProfileBucket = Type.Object({
  /** Hours of the day of the camera's place, from (inclusive) to (exclusive). */
  fromHour: Type.Number({ minimum: 0, maximum: 24 }),
  toHour: Type.Number({ minimum: 0, maximum: 24 }),
  /** Seconds that it was learned from. */
  ticks: Count,
  grey: Cells,
  spread: Cells,
  detail: Cells,
  scores: Type.Array(Count, { minItems: scoreBins, maxItems: scoreBins }),
  classes: Type.Record(Type.String({ maxLength: 100 }), Count),
  classScores: Type.Record(Type.String({ maxLength: 100 }), Type.Number({ minimum: 0, maximum: 1 })),
  /** See `ClassShapes`. */
  classShapes: Type.Record(
    Type.String({ maxLength: 100 }),
    Type.Array(Finite, { minItems: shapeNumbers, maxItems: shapeNumbers }),
  ),
  /** Shares of the slots of the mix, by level of busyness. */
  classMix: Type.Optional(
    Type.Array(Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), { minItems: 2, maxItems: 8 }), {
      minItems: 1,
      maxItems: 8,
    }),
  ),
  /** Mean of what an object's score is above or below that of its class. */
  objectScore: Type.Optional(Type.Number({ minimum: -1, maximum: 1 })),
  mean: PerSignal,
  deviation: PerSignal,
});
export type ProfileBucket = Static<typeof ProfileBucket>;

const Tree = Type.Object({
  feature: Type.Array(Type.Integer({ minimum: -1, maximum: signalCount - 1 }), {
    minItems: 1,
    maxItems: 1024,
  }),
  split: Type.Array(Finite, { minItems: 1, maxItems: 1024 }),
  left: Type.Array(Type.Integer({ minimum: 0, maximum: 1023 }), { minItems: 1, maxItems: 1024 }),
});

const Gaussian = Type.Object({
  mean: Type.Array(Finite, { maxItems: 64 }),
  /** Cholesky factor, row by row. */
  factor: Type.Array(Finite, { maxItems: 4096 }),
});

export const Profile = Type.Object(
  {
    schema: Type.Literal(4),
    /** Of the bundle whose detections it describes. */
    modelDigest: Digest,
    camera: Type.String({ maxLength: 128 }),
    /** Of the camera's place, for the time of day. */
    utcOffsetHours: Type.Number({ minimum: -14, maximum: 14 }),
    framesPerSecond: Type.Number({ minimum: 0, maximum: 1000 }),
    longestRepeatMs: Count,
    /** Which objects it describes; absent: all. */
    areas: Type.Optional(WatchedAreas),
    /** Share of the pictures that had been seen before, to the byte. */
    repeatedShare: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    mutedRules: Type.Array(Type.Union(ruleNames.map((name) => Type.Literal(name))), {
      maxItems: ruleNames.length,
    }),
    buckets: Type.Array(ProfileBucket, { minItems: 1, maxItems: 24 }),
    /** Thresholds: see control/calibrate.ts. */
    controls: Type.Array(
      Type.Object({
        signal: Type.Integer({ minimum: 0, maximum: signalCount - 1 }),
        direction: Type.Union([Type.Literal(1), Type.Literal(-1)]),
        allowance: Type.Number({ minimum: 0, maximum: 100 }),
        start: Count,
        scale: Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }),
        perTick: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
      }),
      { minItems: 1, maxItems: 2 * signalCount },
    ),
    forest: Type.Object({
      sampleSize: Type.Integer({ minimum: 1, maximum: 4096 }),
      trees: Type.Array(Tree, { minItems: 1, maxItems: 128 }),
    }),
    gaussian: Gaussian,
    embedding: Type.Optional(
      Type.Object({ source: Type.String({ minLength: 1, maxLength: 200 }), gaussian: Gaussian }),
    ),
    /** What the task calls the numbers of its answers; absent: it gives none. */
    answer: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: answerSignals.length })),
    /** How the classes of new objects are mixed: see profile/mix.ts. */
    classMix: Type.Optional(
      Type.Object({
        labels: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 7 }),
        busy: Type.Array(Count, { maxItems: 7 }),
        dispersion: Type.Number({ minimum: 1, maximum: 1e6 }),
      }),
    ),
    /** How far `objectScore` strays, per root of the number of objects. */
    objectScoreDeviation: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10 })),
  },
  { additionalProperties: false },
);
export type ReferenceProfile = Static<typeof Profile>;

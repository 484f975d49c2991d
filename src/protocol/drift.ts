import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { RuleName } from './rules.ts';
import { Count, Digest, Name, Text, TimeMs } from './scalars.ts';

/*
 * Drift and sensor health on the wire: settings in `desired`, the state of every camera in `reported`, alarms and known
 * answers as events, hard frames by calls. The signals over time are metrics.
 */

/** What is kept of pictures that are worth a label. A ring: when it is full the oldest frames go. */
export const HardFrameSettings = Type.Object({
  /** Default false: no picture is kept unless somebody says so. */
  keep: Type.Optional(Type.Boolean()),
  /** Room of this camera's ring on the disk. */
  maxBytes: Type.Optional(Type.Integer({ minimum: 1_000_000, maximum: 1e12 })),
  bytesPerDay: Type.Optional(Type.Integer({ minimum: 100_000, maximum: 1e12 })),
  /** Older frames go. */
  days: Type.Optional(Type.Number({ minimum: 0.01, maximum: 3650 })),
  /** A random sample of so many frames a day. */
  randomPerDay: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
  /** A frame with a score so near to the threshold is hard; 0 switches this off. */
  margin: Type.Optional(Type.Number({ minimum: 0, maximum: 0.5 })),
  /** Persons, faces and plates are blurred where the model knows such classes. Default true. */
  blur: Type.Optional(Type.Boolean()),
});
export type HardFrameSettings = Static<typeof HardFrameSettings>;

/** Order to learn what is usual. Every id is followed once per camera, also over restarts; a new one learns anew. */
export const LearnOrder = Type.Object({
  order: Type.String({ minLength: 1, maxLength: 64, description: 'Any id that was not used before' }),
  /** Hours of frames; a pause of the camera does not count. 0.3 is the least that teaches anything. */
  hours: Type.Number({ minimum: 0.3, maximum: 168 }),
  /** Times of day that are told apart; more than one needs a day. */
  timesOfDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 })),
});
export type LearnOrder = Static<typeof LearnOrder>;

export const DriftSettings = Type.Object({
  /** False: nothing is watched, not even the sensor. Default true. */
  watch: Type.Optional(Type.Boolean()),
  /** Mean days between false alarms of this camera. Default 30. */
  falseAlarmDays: Type.Optional(Type.Number({ minimum: 0.1, maximum: 3650 })),
  learn: Type.Optional(LearnOrder),
  within: Type.Optional(
    Type.Array(RuleName, {
      maxItems: 32,
      description:
        'Zones of the camera: only objects inside of one of them are watched. Default: all objects',
    }),
  ),
  outside: Type.Optional(
    Type.Array(RuleName, {
      maxItems: 32,
      description: 'Zones of the camera: objects inside of one of them are not watched',
    }),
  ),
  frames: Type.Optional(HardFrameSettings),
});
export type DriftSettings = Static<typeof DriftSettings>;

export const VerdictKind = Type.Union([
  Type.Literal('sensor-fault'),
  Type.Literal('scene-change'),
  Type.Literal('label-shift'),
  Type.Literal('model-regression'),
]);
export type VerdictKind = Static<typeof VerdictKind>;

/** `detail`: which fault (`frozen`, `blurred` ...) or change (`hazier` ...); the other kinds have none. */
export const DriftVerdict = Type.Object({
  kind: VerdictKind,
  detail: Type.Optional(Type.String({ maxLength: 64 })),
});
export type DriftVerdict = Static<typeof DriftVerdict>;

/** A notice says that something changed; an alarm, that harm is expected or nobody can tell. */
export const DriftGrade = Type.Union([Type.Literal('notice'), Type.Literal('alarm')]);
export type DriftGrade = Static<typeof DriftGrade>;

/** One signal, in its own unit, and how many deviations of the reference it lies from its mean (at most 12). */
export const DriftSignal = Type.Object({
  name: Type.String({ maxLength: 64 }),
  value: Type.Number(),
  /** Mean of the reference; absent where there is none. */
  usual: Type.Optional(Type.Number()),
  deviations: Type.Number(),
  /** ln of the mean seconds in which a healthy stream would get here once; only where it speaks for an alarm. */
  logRunLengthS: Type.Optional(Type.Number()),
});
export type DriftSignal = Static<typeof DriftSignal>;

/**
 * `watching`: there is a profile of the model that runs. `sensor-only`: there is none; frozen, black, overexposed, covered
 * and lost frames are found, and with the profile of the model before also what happens to the scene (`watched`).
 */
export const MonitoringState = Type.Union([
  Type.Literal('off'),
  Type.Literal('sensor-only'),
  Type.Literal('learning'),
  Type.Literal('watching'),
]);
export type MonitoringState = Static<typeof MonitoringState>;

/**
 * What is compared with what is usual: the sensor by rules that need no reference, the scene, what the model gives, its
 * embedding.
 */
export const WatchedPart = Type.Union([
  Type.Literal('sensor'),
  Type.Literal('scene'),
  Type.Literal('model'),
  Type.Literal('embedding'),
]);
export type WatchedPart = Static<typeof WatchedPart>;

/** State of the drift monitoring of one camera; part of `reported`. */
export const DriftStatus = Type.Object({
  state: MonitoringState,
  watched: Type.Array(WatchedPart, { maxItems: 8 }),
  /** Why it is not watching, or not judging at the moment, with the remedy. */
  reason: Type.Optional(Text),
  profile: Type.Optional(
    Type.Object({
      /** sha256 of the profile's file. */
      digest: Digest,
      /** The bundle that it was made with. */
      modelDigest: Digest,
      /** Seconds that it was learned from. */
      seconds: Count,
    }),
  ),
  learn: Type.Optional(
    Type.Object({
      order: Type.String({ maxLength: 64 }),
      state: Type.Union([Type.Literal('learning'), Type.Literal('done'), Type.Literal('failed')]),
      progress: Type.Number({ minimum: 0, maximum: 1 }),
      reason: Type.Optional(Text),
    }),
  ),
  /** The one that is open now. */
  incident: Type.Optional(
    Type.Object({
      number: Count,
      verdict: DriftVerdict,
      sinceMs: TimeMs,
      grade: DriftGrade,
    }),
  ),
  /** The last frame with a known answer that went through the live engine. */
  knownAnswer: Type.Optional(
    Type.Object({
      timeMs: TimeMs,
      right: Type.Boolean(),
      agreement: Type.Number({ minimum: 0, maximum: 1 }),
    }),
  ),
  hardFrames: Type.Optional(Type.Object({ count: Count, bytes: Count })),
  /** The last second that was judged: the signals that say most. */
  signals: Type.Array(DriftSignal, { maxItems: 64 }),
});
export type DriftStatus = Static<typeof DriftStatus>;

/** Kinds of the events whose `data` is a DriftEventData. */
export const driftEventKinds = ['drift.alarm', 'drift.changed', 'drift.cleared'] as const;
export type DriftEventKind = (typeof driftEventKinds)[number];

const Share = Type.Number({ minimum: 0, maximum: 1 });
export const LossRange = Type.Tuple([Share, Share]);

/** `data` of `drift.alarm`, `drift.changed` and `drift.cleared`; the event names the camera. */
export const DriftEventData = Type.Object({
  /** Counts up per camera and session; the same from the alarm to its end. */
  incident: Count,
  verdict: DriftVerdict,
  grade: DriftGrade,
  /** Share of the model's usual accuracy that is expected to be gone; absent where it can't be told. */
  expectedLoss: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  /** Eight of ten true losses lie between these two; absent where the loss was measured. */
  expectedLossRange: Type.Optional(LossRange),
  /** From the first sign to this event. */
  secondsSinceFirstSign: Type.Number({ minimum: 0 }),
  /** Surest first. Empty where a rule that needs no reference speaks. */
  signals: Type.Array(DriftSignal, { maxItems: 8 }),
  /** What the camera showed: luma of `width` x `height` cells, row by row, base64. */
  view: Type.Optional(
    Type.Object({
      width: Type.Integer({ minimum: 1, maximum: 256 }),
      height: Type.Integer({ minimum: 1, maximum: 256 }),
      grey: Type.String({ maxLength: 90_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
    }),
  ),
  modelDigest: Type.Optional(Digest),
  profileDigest: Type.Optional(Digest),
  /** Hard frame that shows it, where such frames are kept: fetch it with `call/frame`. */
  frame: Type.Optional(Type.String({ maxLength: 64 })),
});
export type DriftEventData = Static<typeof DriftEventData>;

/**
 * `data` of `model.wrong-answer` (a golden frame came out wrong on the live engine), `model.answers-again` (right after
 * it had been wrong) and `model.no-answer` (nothing came back in time).
 */
export const KnownAnswerData = Type.Object({
  modelDigest: Digest,
  engine: Name,
  /** The golden frame. */
  frame: Type.String({ maxLength: 255 }),
  /** Share of the expected detections that came; absent where nothing came back. */
  agreement: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  wanted: Type.Number({ minimum: 0, maximum: 1 }),
});
export type KnownAnswerData = Static<typeof KnownAnswerData>;
const knownAnswerKinds = ['model.wrong-answer', 'model.answers-again', 'model.no-answer'] as const;

export const FrameReason = Type.Union([
  Type.Literal('alarm'),
  Type.Literal('low-margin'),
  Type.Literal('random'),
]);
export type FrameReason = Static<typeof FrameReason>;

/** Grows with time within a device and is a file name too. */
const FrameId = Type.String({ pattern: '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$' });

const HardFrameDetections = Type.Array(
  Type.Object({
    label: Name,
    score: Type.Number(),
    box: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()], {
      description: 'x1, y1, x2, y2 in pixels',
    }),
  }),
  { maxItems: 100 },
);

/** A picture that the device kept, with what the model saw on it. */
export const HardFrame = Type.Object({
  id: FrameId,
  camera: Name,
  timeMs: TimeMs,
  reason: FrameReason,
  width: Type.Integer({ minimum: 1, maximum: 65_535 }),
  height: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** Of the JPEG. */
  bytes: Count,
  /** Labels of what was blurred; empty where nothing was. */
  blurred: Type.Array(Name, { maxItems: 100 }),
  modelDigest: Digest,
  detections: HardFrameDetections,
  /** What a shadow saw that differs: the frame was kept for that, under the reason low-margin. */
  shadow: Type.Optional(Type.Object({ modelDigest: Digest, detections: HardFrameDetections })),
});
export type HardFrame = Static<typeof HardFrame>;

/** Bytes of a picture in one answer of `call/frame`. */
export const frameChunkBytes = 128 * 1024;

export const driftCalls = {
  /** Hard frames on the device, oldest first. Ask again with the last id until `more` is false. */
  frames: {
    request: Type.Object({
      camera: Type.Optional(Name),
      after: Type.Optional(FrameId),
      limit: Type.Integer({ minimum: 1, maximum: 20 }),
    }),
    response: Type.Object({
      frames: Type.Array(HardFrame, { maxItems: 20 }),
      more: Type.Boolean(),
      /** All that the device keeps, of every camera. */
      total: Type.Object({ count: Count, bytes: Count }),
    }),
  },
  /** A piece of a frame's JPEG. Ask again from `offset` + its length until `size` is reached. */
  frame: {
    request: Type.Object({ id: FrameId, offset: Count }),
    response: Type.Object({
      size: Count,
      /** base64, of at most `frameChunkBytes` bytes. */
      jpeg: Type.String({ maxLength: 176_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
    }),
  },
} as const;

/** What a drift event says, or undefined where its data is not what the protocol promises. */
export function readDriftEvent(event: {
  readonly kind: string;
  readonly data?: unknown;
}): DriftEventData | undefined {
  if (!(driftEventKinds as readonly string[]).includes(event.kind)) return undefined;
  return Value.Check(DriftEventData, event.data) ? event.data : undefined;
}

/** The same for an event about a known answer. */
export function readKnownAnswer(event: {
  readonly kind: string;
  readonly data?: unknown;
}): KnownAnswerData | undefined {
  if (!(knownAnswerKinds as readonly string[]).includes(event.kind)) return undefined;
  return Value.Check(KnownAnswerData, event.data) ? event.data : undefined;
}

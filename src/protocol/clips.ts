import { type Static, Type } from '@sinclair/typebox';
import { Count, Name, TimeMs } from './scalars.ts';

/** An event of the device by its kind, of a zone or a line also with its name. */
const clipTrigger = '^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*(:[a-z][a-z0-9-]{0,31})?$';

/** What of a camera's stream is kept as clips. */
export const ClipSettings = Type.Object(
  {
    on: Type.Array(Type.String({ pattern: clipTrigger }), {
      default: [],
      maxItems: 64,
      description:
        'Events that begin a clip, by kind: `zone.dwell`, `camera.lost`, `drift.alarm`; of one zone or line with its name: `line.crossed:door`. Without any, the camera records clips on request only',
    }),
    before: Type.Number({
      minimum: 0,
      maximum: 300,
      default: 5,
      description: 'Seconds before the event (pre-roll)',
    }),
    after: Type.Number({
      minimum: 0,
      maximum: 300,
      default: 10,
      description: 'Seconds after the event (post-roll)',
    }),
    seconds: Type.Number({
      minimum: 2,
      maximum: 600,
      default: 60,
      description: 'Seconds of the stream that wait in the ring; no clip is longer',
    }),
    ring: Type.Union([Type.Literal('memory'), Type.Literal('disk')], {
      default: 'memory',
      description:
        'Place of the ring. `disk` takes little memory, and writes the whole stream to the data folder, encrypted with a key that only this process has',
    }),
    ringBytes: Type.Integer({
      minimum: 1_000_000,
      maximum: 1e11,
      default: 64_000_000,
      description: 'Size of the ring; when it is full it holds fewer seconds. At most 2e9 in memory',
    }),
    maxBytes: Type.Integer({
      minimum: 1_000_000,
      maximum: 1e13,
      default: 1_000_000_000,
      description: 'Room on disk for the clips of this camera; the oldest are removed',
    }),
    bytesPerDay: Type.Integer({
      minimum: 1_000_000,
      maximum: 1e13,
      default: 4_000_000_000,
      description: 'Most bytes written in 24 hours, so that the disk does not wear out',
    }),
    days: Type.Number({
      minimum: 0.01,
      maximum: 3650,
      default: 14,
      description: 'Days after which clips are removed',
    }),
  },
  { additionalProperties: false, description: 'Store clips of this camera; docs/clips.md' },
);
export type ClipSettings = Static<typeof ClipSettings>;

const ClipId = Type.String({ pattern: '^[0-9a-z]{1,16}-[0-9a-z]{1,16}$' });

/** A piece of a camera's stream that the device kept, as MP4. */
export const Clip = Type.Object({
  id: ClipId,
  camera: Name,
  /** Of its first picture. */
  timeMs: TimeMs,
  durationMs: Count,
  /** Kinds of the events that it was made for, or `call`. */
  reasons: Type.Array(Name, { minItems: 1, maxItems: 16 }),
  codec: Type.Union([Type.Literal('h264'), Type.Literal('h265')]),
  width: Type.Integer({ minimum: 1, maximum: 65_535 }),
  height: Type.Integer({ minimum: 1, maximum: 65_535 }),
  bytes: Count,
  /** False: as the camera sent it. */
  encoded: Type.Boolean(),
  /** Persons, faces and plates are hidden. */
  blurred: Type.Boolean(),
  /** Times within it at which the camera gave nothing. */
  gaps: Count,
});
export type Clip = Static<typeof Clip>;

/** Bytes of a clip in one answer of `call/clip`. */
export const clipChunkBytes = 128 * 1024;

export const clipCalls = {
  /** Clips on the device, oldest first. Ask again with the last id until `more` is false. */
  clips: {
    request: Type.Object({
      camera: Type.Optional(Name),
      after: Type.Optional(ClipId),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    response: Type.Object({
      clips: Type.Array(Clip, { maxItems: 100 }),
      more: Type.Boolean(),
      /** All that the device keeps, of every camera. */
      total: Type.Object({ count: Count, bytes: Count }),
    }),
  },
  /** A piece of a clip's MP4, from `offset` on. */
  clip: {
    request: Type.Object({ id: ClipId, offset: Count }),
    response: Type.Object({
      size: Count,
      /** base64, of at most `clipChunkBytes` bytes. */
      data: Type.String({ maxLength: 176_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
    }),
  },
  /** Make a clip around now. It is listed under this id when it is written. */
  'record-clip': {
    request: Type.Object({
      camera: Name,
      before: Type.Optional(Type.Number({ minimum: 0, maximum: 300 })),
      after: Type.Optional(Type.Number({ minimum: 0, maximum: 300 })),
    }),
    response: Type.Object({ id: ClipId, fromMs: TimeMs, untilMs: TimeMs }),
  },
} as const;

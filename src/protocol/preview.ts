import { type Static, Type } from '@sinclair/typebox';
import { RuleCounts } from './rules.ts';
import { Count, Name } from './scalars.ts';
import { PictureMode, WatcherRole } from './watching.ts';

/** CBOR on `preview/<camera>`, QoS 0. */
export const Preview = Type.Object({
  stampNs: Type.String({ pattern: '^[0-9]{1,20}$' }),
  width: Type.Integer({ minimum: 1, maximum: 65_535 }),
  height: Type.Integer({ minimum: 1, maximum: 65_535 }),
  jpeg: Type.Uint8Array({ maxByteLength: 1_000_000 }),
  /** Boxes are in pixels of the original frame (width x height), not of the JPEG. */
  detections: Type.Array(
    Type.Object({
      label: Name,
      score: Type.Number(),
      box: Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()], {
        description: 'x1, y1, x2, y2',
      }),
      trackId: Type.Optional(Count),
      /** Outlines of a model of segmentation: each x, y, x, y, ... as `box`. Of what is hidden in the picture there is none. */
      mask: Type.Optional(Type.Array(Type.Array(Type.Integer(), { maxItems: 4_000 }), { maxItems: 100 })),
      /** What classifiers said of it. */
      attributes: Type.Optional(
        Type.Array(Type.Object({ label: Name, score: Type.Number() }), { maxItems: 8 }),
      ),
    }),
    { maxItems: 1000 },
  ),
  /** What the zones and lines of its camera counted, by name; where they are is in the camera's settings. */
  rules: Type.Optional(RuleCounts),
  model: Name,
  version: Name,
  captureToPublishMs: Type.Number(),
  /** The hidden parts: none, the persons, faces and plates that the model knows, or all of the picture. */
  privacy: Type.Optional(PictureMode),
  /** Whom it is for alone. */
  roles: Type.Array(WatcherRole, { maxItems: 3 }),
});
export type Preview = Static<typeof Preview>;

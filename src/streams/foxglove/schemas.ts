import { Type } from '@sinclair/typebox';
import { SentResult } from '../../protocol/index.ts';

/*
 * Foxglove's own message types, as far as they are used, with their names and units:
 * https://docs.foxglove.dev/docs/sdk/schemas. test/unit/streams/foxglove.test.ts holds them to Foxglove's own schemas.
 */

const Time = Type.Object({ sec: Type.Integer({ minimum: 0 }), nsec: Type.Integer({ minimum: 0 }) });
const Point2 = Type.Object({ x: Type.Number(), y: Type.Number() }, { title: 'foxglove.Point2' });
const Color = Type.Object(
  { r: Type.Number(), g: Type.Number(), b: Type.Number(), a: Type.Number() },
  { title: 'foxglove.Color' },
);

const PointsAnnotation = Type.Object(
  {
    timestamp: Time,
    type: Type.Integer({ description: '1: points, 2: closed line' }),
    points: Type.Array(Point2),
    outline_color: Color,
    outline_colors: Type.Array(Color),
    fill_color: Color,
    thickness: Type.Number(),
  },
  { title: 'foxglove.PointsAnnotation' },
);

const TextAnnotation = Type.Object(
  {
    timestamp: Time,
    position: Point2,
    text: Type.String(),
    font_size: Type.Number(),
    text_color: Color,
    background_color: Color,
  },
  { title: 'foxglove.TextAnnotation' },
);

const ImageAnnotations = Type.Object(
  {
    circles: Type.Array(Type.Object({})),
    points: Type.Array(PointsAnnotation),
    texts: Type.Array(TextAnnotation),
  },
  { title: 'foxglove.ImageAnnotations' },
);

const CompressedImage = Type.Object(
  {
    timestamp: Time,
    frame_id: Type.String(),
    data: Type.String({ contentEncoding: 'base64' }),
    format: Type.String(),
  },
  { title: 'foxglove.CompressedImage' },
);

/** What of a camera Foxglove gets, by the last level of its topic. */
export const foxgloveChannels = {
  results: { schemaName: 'goshawk.Result', schema: SentResult },
  annotations: { schemaName: 'foxglove.ImageAnnotations', schema: ImageAnnotations },
  image: { schemaName: 'foxglove.CompressedImage', schema: CompressedImage },
} as const;
export type FoxgloveChannel = keyof typeof foxgloveChannels;

import * as foxglove from '@foxglove/schemas/jsonschema.js';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { foxglovePicture, foxgloveResult } from '../../../src/streams/index.ts';
import { found, outgoing, rich } from './results.ts';

const ajv = new Ajv({ strict: false });
const jpeg = '/9j/2Q==';

describe('What Foxglove gets', () => {
  it('fits Foxglove’s own schemas', () => {
    const [, annotations] = foxgloveResult(outgoing(3, [rich, found('car', 0.5)]), 640);
    const read = JSON.parse(annotations?.text ?? '') as { points: { points: unknown[] }[]; texts: unknown[] };
    expect(ajv.validate(foxglove.ImageAnnotations, read), ajv.errorsText()).toBe(true);
    const picture = foxglovePicture({ camera: 'front', stampNs: 1_500_000_002n, frameId: 'f', jpeg });
    const image: unknown = JSON.parse(picture.text);
    expect(ajv.validate(foxglove.CompressedImage, image), ajv.errorsText()).toBe(true);
    expect(image).toMatchObject({ timestamp: { sec: 1, nsec: 500_000_002 }, data: '/9j/2Q==' });
  });

  it('is drawn in pixels of the picture that it gets, with masks, points and what was found inside', () => {
    const [, annotations] = foxgloveResult(outgoing(3, [rich]), 640);
    const { points, texts } = JSON.parse(annotations?.text ?? '') as {
      points: { type: number; points: { x: number; y: number }[] }[];
      texts: { text: string; position: { x: number; y: number } }[];
    };
    // Half of 1280.
    expect(points[0]).toMatchObject({ type: 2, points: [{ x: 5.06, y: 10 }, { x: 55, y: 10 }, {}, {}] });
    expect(points.map(({ type }) => type)).toEqual([2, 2, 1, 2, 2]);
    expect(texts.map(({ text }) => text)).toEqual(['person 0.91 #7', 'face 0.60', 'eye 0.50']);
    const [, whole] = foxgloveResult(outgoing(3, [found('car', 0.5)]), 4_096);
    expect(JSON.parse(whole?.text ?? '')).toMatchObject({
      points: [{ points: [{ x: 10.12, y: 20 }, {}, {}, {}] }],
    });
  });
});

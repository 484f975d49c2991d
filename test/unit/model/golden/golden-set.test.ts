import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GoldenSet,
  leastAgreement,
  leastMap,
  parseGoldenSet,
  requireGoldenSet,
} from '../../../../src/model/index.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const set: GoldenSet = {
  ...{ schema: 1, strongScore: 0.4, weakScore: 0.2, iou: 0.5, nmsIou: 0.45 },
  minAgreement: { fp32: 0.95, 'qdq-u8': 0.9 },
  frames: [{ file: 'golden/000.jpg', detections: [{ label: 'car', score: 0.9, box: [1, 2, 3, 4] }] }],
};

describe('A golden set', () => {
  it('is read as it was written', () => {
    expect(parseGoldenSet(JSON.stringify(set))).toEqual(set);
  });

  it('of models/street-int8 is one', () => {
    const url = new URL('../../../../models/street-int8/golden/golden.json', import.meta.url);
    expect(parseGoldenSet(readFileSync(url, 'utf8')).frames.length).toBeGreaterThan(0);
  });

  it('may say what there is on its frames, and how right a variant must be', () => {
    const truth = [{ label: 'car', box: [1, 2, 3, 4] as [number, number, number, number] }];
    const labelled: GoldenSet = {
      ...{ ...set, minMap: { fp32: 0.4, 'qdq-u8': 0.35 } },
      frames: [{ file: 'golden/000.jpg', detections: [], truth }],
    };
    expect(parseGoldenSet(JSON.stringify(labelled))).toEqual(labelled);
    expect([leastMap(labelled, 'qdq-u8'), leastMap(labelled, 'fp16'), leastMap(set, 'fp32')]).toEqual([
      0.35,
      0.4,
      undefined,
    ]);
  });

  it.each([
    ['no JSON', '{'],
    ['a promise of accuracy that nothing can measure', JSON.stringify({ ...set, minMap: { fp32: 0.4 } })],
    ['nothing', 'null'],
    ['another schema', JSON.stringify({ ...set, schema: 2 })],
    ['no frames', JSON.stringify({ ...set, frames: undefined })],
    [
      'a frame that is not of the bundle',
      JSON.stringify({ ...set, frames: [{ file: '/etc/x', detections: [] }] }),
    ],
    ['a box of three numbers', JSON.stringify(set).replace('[1,2,3,4]', '[1,2,3]')],
    ['a score that is a word', JSON.stringify(set).replace('0.9,', '"high",')],
  ])('is refused where it is %s', (_, text) => {
    expect(() => parseGoldenSet(text)).toThrow(expect.objectContaining({ code: 'golden-broken' }));
  });

  it('is never read from other bytes, and no other error comes of them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parseGoldenSet(text)).toThrow(expect.objectContaining({ code: 'golden-broken' }));
      }),
    );
  });

  it('requires of a variant its measured agreement, otherwise that of fp32, otherwise all of it', () => {
    expect(leastAgreement(set, 'qdq-u8')).toBe(0.9);
    expect(leastAgreement(set, 'fp16')).toBe(0.95);
    expect(leastAgreement({ ...set, minAgreement: {} }, 'fp16')).toBe(1);
  });

  it('is asked for where the bundle has none, with what to do', () => {
    const file = { path: 'golden/golden.json', digest: `sha256:${'0'.repeat(64)}`, size: 1 };
    expect(() => requireGoldenSet(tinyManifest())).toThrow(
      expect.objectContaining({ code: 'golden-missing' }),
    );
    expect(() => requireGoldenSet(tinyManifest({ attachments: [file] }))).not.toThrow();
  });
});

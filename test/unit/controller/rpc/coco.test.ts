import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cocoDataset } from '../../../../src/controller/rpc/coco.ts';
import type { HardFrame } from '../../../../src/protocol/index.ts';

const t0 = 1_790_000_000_000;
const frame = (
  id: string,
  detections: HardFrame['detections'] = [],
  change: Partial<HardFrame> = {},
): HardFrame => ({
  ...{ id, camera: 'front', timeMs: t0, reason: 'alarm', width: 640, height: 360, bytes: 1 },
  ...{ blurred: ['face'], modelDigest: `sha256:${'a'.repeat(64)}`, detections },
  ...change,
});
const see = (label: string, ...box: [number, number, number, number]) => ({ label, score: 0.123456, box });

describe('A data set of hard frames', () => {
  it('has the pictures with where they come from, and the boxes of the model as x, y, width, height', () => {
    const set = cocoDataset('d1', [frame('1-0', [see('car', 10, 20, 30.111, 60.119)]), frame('2-0')], t0);
    expect(set.images[0]).toEqual({
      ...{ id: 1, file_name: '1-0.jpg', width: 640, height: 360, date_captured: '2026-09-21T14:13:20.000Z' },
      goshawk: {
        ...{ device: 'd1', camera: 'front', frame: '1-0', reason: 'alarm' },
        ...{ model: `sha256:${'a'.repeat(64)}`, blurred: ['face'] },
      },
    });
    expect(set.images).toHaveLength(2);
    expect(set.annotations).toEqual([
      {
        ...{ id: 1, image_id: 1, category_id: 1, bbox: [10, 20, 20.11, 40.12], area: 806.81 },
        ...{ iscrowd: 0, score: 0.1235 },
      },
    ]);
    expect(set.info.description).toMatch(/d1.*not the truth/);
  });

  it('numbers its classes by their names, the same whatever the order of the frames', () => {
    const [one, two] = [frame('1-0', [see('truck', 0, 0, 9, 9)]), frame('2-0', [see('car', 0, 0, 9, 9)])];
    for (const frames of [
      [one, two],
      [two, one],
    ])
      expect(cocoDataset('d1', frames, t0).categories.map(({ id, name }) => [id, name])).toEqual([
        [1, 'car'],
        [2, 'truck'],
      ]);
  });

  it('keeps every rule of the form, whatever boxes a model gives', () => {
    const side = fc.oneof(fc.double({ min: -1000, max: 2000 }), fc.constant(Number.NaN));
    const boxes = fc.array(fc.tuple(side, side, side, side), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(boxes, { maxLength: 4 }), (perFrame) => {
        const frames = perFrame.map((all, i) =>
          frame(
            `${i}-0`,
            all.map((box, k) => see(`c${k % 2}`, ...box)),
          ),
        );
        const { images, annotations, categories } = cocoDataset('d1', frames, t0);
        expect(images.map(({ id }) => id)).toEqual(frames.map((_, i) => i + 1));
        expect(annotations.map(({ id }) => id)).toEqual(annotations.map((_, i) => i + 1));
        for (const { image_id, category_id, bbox, area } of annotations) {
          const [x, y, width, height] = bbox;
          expect(images[image_id - 1]).toBeDefined();
          expect(categories[category_id - 1]).toBeDefined();
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(Math.min(width, height, area)).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(640.01);
          expect(y + height).toBeLessThanOrEqual(360.01);
        }
      }),
    );
  });
});

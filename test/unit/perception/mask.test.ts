import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitmapIou,
  bitmapOfMask,
  bitmapOfRings,
  letterboxGeometry,
  type Mask,
  outlinesOf,
  Postprocessor,
  parseYoloLabels,
} from '../../../src/perception/index.ts';

const whole = { x1: 0, y1: 0, x2: 1000, y2: 1000 };

/** Cells of 10 x 10 pixels; '#' belongs to the object. */
function maskOf(...lines: readonly string[]): Mask {
  return {
    ...{ x: 0, y: 0, cellWidth: 10, cellHeight: 10, columns: lines[0]!.length, rows: lines.length },
    values: Uint8Array.from([...lines.join('')], (cell) => (cell === '#' ? 255 : 0)),
  };
}

function enclosed(ring: readonly number[]): number {
  let twice = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    twice += ring[i]! * ring[j + 1]! - ring[j]! * ring[i + 1]!;
  }
  return Math.abs(twice) / 2;
}

describe('The outline of a mask', () => {
  it('goes around the object, half a cell out from the centres of its outermost cells', () => {
    const [ring, ...more] = outlinesOf(maskOf('....', '.##.', '.##.', '....'), whole);
    expect(more).toEqual([]);
    expect(Math.min(...ring!)).toBeCloseTo(10, 0);
    expect(Math.max(...ring!)).toBeCloseTo(30, 0);
    expect(enclosed(ring!)).toBeCloseTo(350, -1);
  });

  it('has a ring for each part and for each hole', () => {
    expect(outlinesOf(maskOf('##..##', '##..##'), whole)).toHaveLength(2);
    expect(outlinesOf(maskOf('#####', '#...#', '#...#', '#...#', '#####'), whole)).toHaveLength(2);
    expect(outlinesOf(maskOf('....', '....'), whole)).toEqual([]);
  });

  it('stays within the box', () => {
    const box = { x1: 3, y1: 4, x2: 17, y2: 15 };
    for (const ring of outlinesOf(maskOf('##', '##'), box))
      for (const [i, value] of ring.entries())
        expect(value).toBeGreaterThanOrEqual(i % 2 === 0 ? box.x1 : box.y1);
  });

  it('closes every ring, and surrounds what the pixels of the mask are', () => {
    const cells = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(cells, (values) => {
        const mask: Mask = {
          ...{ x: 5, y: 7, cellWidth: 8, cellHeight: 8, columns: 6, rows: 5 },
          values: Uint8Array.from(values),
        };
        const rings = outlinesOf(mask, whole);
        const frame = { width: 80, height: 80 };
        expect(rings.length > 0).toBe(values.some((value) => value > 127));
        if (rings.length === 0) return;
        const inner = { x1: 9, y1: 11, x2: 49, y2: 43 };
        // Between the centres of the cells both say nearly the same; along the rim one goes out and the other stays.
        const a = bitmapOfMask(mask, inner, frame);
        const b = bitmapOfRings(rings, frame);
        let differ = 0;
        for (let y = 0; y < a.height; y++)
          for (let x = 0; x < a.width; x++) {
            const [u, v] = [a.left + x - b.left, a.top + y - b.top];
            const other = u >= 0 && v >= 0 && u < b.width && v < b.height ? b.pixels[v * b.width + u] : 0;
            if (other !== a.pixels[y * a.width + x]) differ += 1;
          }
        // Random cells are the worst: 0.109 was seen.
        expect(differ).toBeLessThan(0.12 * a.width * a.height);
      }),
      { seed: 11, numRuns: 100 },
    );
  });
});

describe('The pixels of a mask', () => {
  it('are those of its cells, with straight lines between their centres', () => {
    const mask = maskOf('##..', '##..');
    const bitmap = bitmapOfMask(mask, { x1: 0, y1: 0, x2: 40, y2: 20 }, { width: 40, height: 20 });
    const row = [...bitmap.pixels.subarray(0, 40)];
    expect(row.lastIndexOf(1)).toBe(19);
  });

  it('overlap as sets do', () => {
    const square = (x: number, side = 10) =>
      bitmapOfRings([[x, 0, x + side, 0, x + side, side, x, side]], { width: 100, height: 100 });
    expect(bitmapIou(square(0), square(0))).toBe(1);
    expect(bitmapIou(square(0), square(5))).toBeCloseTo(1 / 3, 6);
    expect(bitmapIou(square(0), square(50))).toBe(0);
    expect(bitmapIou(square(0, 0), square(50, 0))).toBe(0);
  });

  it('come from outlines in YOLO form', () => {
    const [truth] = parseYoloLabels('1 0 0 0.5 0 0.5 0.5 0 0.5\n', 20, 40, 'a.txt', 9, 'outlines');
    expect(truth).toMatchObject({ classId: 1, box: { x1: 0, y1: 0, x2: 10, y2: 20 } });
    expect(truth!.bitmap!.pixels.reduce((sum, one) => sum + one, 0)).toBe(200);
    const refused = (line: string) => () => parseYoloLabels(line, 20, 40, 'a.txt', 3, 'outlines');
    expect(refused('1 0.5 0.5 0.1 0.1 0.2')).toThrow(/a\.txt, line 1.*class x y/);
    expect(refused('9 0 0 1 0 1 1')).toThrow(/class 9/);
    expect(refused('1 0 0 1 0 1 1.2')).toThrow(/from 0 to 1/);
  });
});

describe('A detection with a mask', () => {
  it('has that of its own row, in pixels of the frame', () => {
    const input = {
      ...({ tensor: 'images', width: 64, height: 64, layout: 'nchw', dtype: 'float32' } as const),
      ...({ colorOrder: 'rgb', scale: 1, fit: 'center', pad: 114 } as const),
      mean: [0, 0, 0] as [number, number, number],
      std: [1, 1, 1] as [number, number, number],
    };
    const output = {
      family: 'test',
      outputs: [
        { tensors: ['boxes'], axis: 'last' as const, values: 7 },
        { tensors: ['proto'], axis: 'first' as const, values: 2 },
      ],
      boxes: { output: 0, at: 0, format: 'xyxy' as const, unit: 'pixels' as const },
      scores: { output: 0, at: 4 },
      masks: { output: 0, at: 5, prototypes: 1 },
    };
    // 16 x 16 cells of 4 pixels: the first prototype is the upper half, the second the lower one.
    const prototypes = new Float32Array(2 * 256);
    for (let y = 0; y < 16; y++)
      prototypes.fill(10, (y < 8 ? 0 : 256) + 16 * y, (y < 8 ? 0 : 256) + 16 * y + 16);
    const rows = [8, 16, 40, 48, 0.9, 1, -1, 8, 16, 40, 48, 0.1, 1, 1, 0, 16, 32, 48, 0.8, -1, 1];
    const frame = { width: 128, height: 64 };
    const { detections } = new Postprocessor({ input, output }, ['thing']).run(
      [
        { name: 'boxes', dims: [1, 3, 7], data: Float32Array.from(rows) },
        { name: 'proto', dims: [1, 2, 16, 16], data: prototypes },
      ],
      letterboxGeometry(input, frame.width, frame.height),
      frame,
      { scoreThreshold: 0.3, iouThreshold: 1, maxDetections: 10, classes: [] },
    );
    // Half the size, 16 rows of pad above: a cell is 8 x 8 pixels of the frame.
    expect(detections[0]?.mask).toMatchObject({
      ...{ x: 16, y: 0, cellWidth: 8, cellHeight: 8, columns: 8, rows: 8 },
    });
    const halves = detections.map(({ mask }) => [mask!.values[0]! > 127, mask!.values.at(-1)! > 127]);
    expect(halves).toEqual([
      [true, false],
      [false, true],
    ]);
  });
});

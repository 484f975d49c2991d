import { describe, expect, it } from 'vitest';
import {
  classColour,
  decodePicture,
  drawDetections,
  drawDetectionsRaw,
  encodePreview,
  overlaySvg,
} from '../../../../src/adapters/sharp/index.ts';
import type { Image } from '../../../../src/perception/index.ts';

const black = (
  width: number,
  height: number,
  encoding: 'rgb8' | 'bgr8' | 'mono8' = 'rgb8',
  pad = 0,
): Image => {
  const step = width * (encoding === 'mono8' ? 1 : 3) + pad;
  return { data: new Uint8Array(step * height), width, height, step, encoding };
};
const detection = {
  classId: 0,
  label: 'person',
  score: 0.876,
  trackId: 7,
  box: { x1: 100, y1: 100, x2: 200, y2: 220 },
};

describe('A picture with its detections drawn', () => {
  it('is covered by a depth map, lighter where it is nearer, without a box', async () => {
    const depth = {
      ...{ x: 0, y: 0, cellWidth: 40, cellHeight: 40, columns: 2, rows: 1, gives: 'metres' as const },
      values: Float32Array.of(1, 30),
    };
    const whole = { ...detection, box: { x1: 0, y1: 0, x2: 80, y2: 40 }, depth };
    const { data } = await decodePicture(await drawDetections(black(80, 40), [whole]), 'drawn');
    const [near, far] = [data[(20 * 80 + 4) * 3]!, data[(20 * 80 + 76) * 3]!];
    expect(near).toBeGreaterThan(150);
    expect(far).toBeLessThan(40);
    expect(overlaySvg(80, 40, [whole])).not.toContain('<rect');
  });

  it('has the size of the frame, lines along the box and nothing inside it', async () => {
    const { data, width, height } = await decodePicture(
      await drawDetections(black(320, 240), [detection]),
      'drawn',
    );
    expect([width, height]).toEqual([320, 240]);
    const brightness = (x: number, y: number) =>
      Math.max(...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3));
    expect(brightness(100, 160)).toBeGreaterThan(80);
    expect(brightness(199, 160)).toBeGreaterThan(80);
    expect(brightness(150, 219)).toBeGreaterThan(80);
    expect(brightness(150, 160)).toBeLessThan(25);
    expect(brightness(20, 20)).toBeLessThan(25);
  });

  it.each([
    ['bgr8', 0],
    ['mono8', 0],
    ['rgb8', 10],
  ] as const)('can be made from %s with %d bytes of padding', async (encoding, pad) => {
    const drawn = await drawDetections(black(64, 48, encoding, pad), []);
    expect(await decodePicture(drawn, 'drawn')).toMatchObject({ width: 64, height: 48 });
  });

  it('keeps the colours of bgr8', async () => {
    const blue = black(16, 16, 'bgr8');
    for (let at = 0; at < blue.data.length; at += 3) blue.data[at] = 255;
    const { data } = await decodePicture(await drawDetections(blue, []), 'drawn');
    expect(data[2]).toBeGreaterThan(200);
    expect(data[0]).toBeLessThan(50);
  });

  it('comes as rgb8 pixels as well, for who does not want a JPEG', async () => {
    for (const encoding of ['rgb8', 'mono8'] as const) {
      const drawn = await drawDetectionsRaw(black(320, 240, encoding), [detection]);
      expect(drawn).toMatchObject({ width: 320, height: 240, step: 960, encoding: 'rgb8' });
      expect(drawn.data).toHaveLength(320 * 240 * 3);
      expect(
        Math.max(...drawn.data.subarray((160 * 320 + 100) * 3, (160 * 320 + 100) * 3 + 3)),
      ).toBeGreaterThan(80);
    }
  });

  it('names class, track and score', () => {
    expect(overlaySvg(320, 240, [detection])).toContain('>person #7 0.88<');
  });

  it('is not spoilt by a label with markup in it', () => {
    const svg = overlaySvg(320, 240, [{ ...detection, label: '<script>"a" & b' }]);
    expect(svg).toContain('&lt;script&gt;&quot;a&quot; &amp; b');
  });

  it('keeps the name within the picture wherever the box is', () => {
    for (const box of [
      { x1: 0, y1: 0, x2: 5, y2: 5 },
      { x1: 315, y1: 235, x2: 320, y2: 240 },
    ]) {
      const tag = /<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)" fill="hsl/.exec(
        overlaySvg(320, 240, [{ ...detection, box }]),
      );
      const [x = -1, y = -1, width = 0, height = 0] = tag!.slice(1).map(Number);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(320.1);
      expect(y + height).toBeLessThanOrEqual(240.1);
    }
  });

  it('has zones and lines below the boxes, with what they counted', () => {
    const corners = [
      [0, 0],
      [0.5, 0],
      [0.5, 0.5],
    ] as const;
    const rules = {
      zones: [{ name: 'gate', points: corners, inside: 2, entered: 9, left: 7 }],
      lines: [
        {
          name: 'door',
          points: [
            [0, 0.5],
            [1, 0.5],
          ] as const,
          in: 3,
          out: 1,
        },
      ],
    };
    const svg = overlaySvg(320, 240, [detection], rules);
    expect(svg).toContain('M0.0 0.0L160.0 0.0L160.0 120.0Z');
    expect(svg).toContain('>gate: 2 inside, 9 entered<');
    expect(svg).toContain('>door: 3 in, 1 out<');
    // The arrow of a line from left to right points down, where `in` is.
    expect(svg).toMatch(/M0\.0 120\.0L320\.0 120\.0M160\.0 120\.0L160\.0 1[3-9]\d\.\d/);
    expect(svg.indexOf('gate')).toBeLessThan(svg.indexOf('person'));
  });

  it('gives each of 80 classes a colour of its own', () => {
    expect(new Set(Array.from({ length: 80 }, (_, id) => classColour(id))).size).toBe(80);
  });

  it.each(['nv12', 'yuyv'] as const)(
    'is made of a camera’s %s too, in its colours, small and drawn',
    async (encoding) => {
      const [width, height] = [64, 32];
      // Red in both.
      const rows =
        encoding === 'nv12'
          ? [Uint8Array.of(81, 81), Uint8Array.of(90, 240)]
          : [Uint8Array.of(81, 90, 81, 240)];
      const data = Buffer.concat(
        rows.map((pair, plane) =>
          Buffer.alloc(pair.length * (width / 2) * (plane === 0 ? height : height / 2), pair),
        ),
      );
      const step = encoding === 'nv12' ? width : width * 2;
      const image: Image = { data: new Uint8Array(data), width, height, step, encoding };
      for (const jpeg of [await drawDetections(image, []), await encodePreview(image, { maxWidth: 32 })]) {
        const { data: shown } = await decodePicture(jpeg, 'p');
        expect([...shown.subarray(0, 3)].map((value) => Math.round(value / 64))).toEqual([4, 0, 0]);
      }
      expect((await drawDetectionsRaw(image, [])).data).toHaveLength(width * height * 3);
      await expect(drawDetections({ ...image, data: image.data.subarray(9) }, [])).rejects.toThrow(/needs/);
    },
  );
});

describe('A preview', () => {
  it('is made smaller, never larger', async () => {
    const small = await decodePicture(await encodePreview(black(640, 360), { maxWidth: 320 }), 'p');
    expect([small.width, small.height]).toEqual([320, 180]);
    const same = await decodePicture(await encodePreview(black(100, 50), { maxWidth: 320 }), 'p');
    expect([same.width, same.height]).toEqual([100, 50]);
  });
});

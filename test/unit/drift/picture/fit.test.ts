import { describe, expect, it } from 'vitest';
import { fitPicture, type PictureFit, partMatches } from '../../../../src/drift/picture/fit.ts';
import { matchWarped, warpCount } from '../../../../src/drift/picture/registration.ts';
import { gradientMatch, gradients } from '../../../../src/drift/picture/structure.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { thumbnailCells as cells, thumbnailWidth as width } from '../../../../src/perception/index.ts';

const random = seededRandom(5);
const field = Float32Array.from({ length: 40 * 24 }, () => 40 + 170 * random.next());
/** Smooth between points a few cells apart. */
const place = (x: number, y: number): number => {
  const [u, v] = [Math.max(0, x / 2 + 2), Math.max(0, y / 2 + 2)];
  const [x0, y0] = [Math.floor(u), Math.floor(v)];
  const [fx, fy] = [u - x0, v - y0];
  const at = (a: number, b: number) => field[Math.min(23, b) * 40 + Math.min(39, a)]!;
  return (
    (at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx) * (1 - fy) +
    (at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx) * fy
  );
};
const grey = Uint8Array.from({ length: cells }, (_, i) => place(i % width, Math.floor(i / width)));
const detail = Uint8Array.from({ length: cells }, (_, i) => (i % 5 === 0 ? 60 : 8));
const reference = { grey, spread: new Uint8Array(cells).fill(2), detail };
const usualEdges = gradients(grey);

interface Change {
  readonly light?: (level: number) => number;
  readonly fine?: (detail: number, cell: number) => number;
  readonly at?: (level: number, x: number, y: number) => number;
}

function fitOf({ light = (v) => v, fine = (v) => v, at = (v) => v }: Change): PictureFit {
  const live = Float32Array.from(grey, (level, i) => at(light(level), i % width, Math.floor(i / width)));
  const visible = new Uint8Array(cells).fill(1);
  const matches = partMatches(gradients(live), usualEdges, visible);
  return fitPicture({ grey: live, detail: Float32Array.from(detail, fine), visible }, reference, matches);
}

describe('What explains a picture', () => {
  it('is nothing, where it is as usual', () => {
    const { lightGain, blurGain, noiseGain, hidden } = fitOf({});
    expect([lightGain, blurGain, noiseGain, hidden].every((value) => Math.abs(value) < 0.3)).toBe(true);
  });

  it.each([
    ['a gain', (v: number) => 0.5 * v],
    ['dusk', (v: number) => 255 * (v / 255) ** 2],
    ['haze', (v: number) => 0.5 * v + 100],
    ['too much light', (v: number) => Math.min(255, 2 * v)],
  ])('is light, for %s', (_, light) => {
    const found = fitOf({ light });
    expect(found.lightGain).toBeGreaterThan(3);
    expect(found.lightGain).toBeGreaterThan(3 * found.hiddenGain);
    expect(found.hidden).toBeLessThan(0.1);
    // The curve is found: at its dark end.
    const dark = grey.toSorted()[Math.floor(0.05 * cells)]!;
    expect(255 * found.dark + dark).toBeCloseTo(light(dark), -1.3);
  });

  it('is blur where edges are gone, noise where all has more of it, and each leaves the other alone', () => {
    const blurred = fitOf({ fine: (v) => Math.hypot(0.2 * Math.sqrt(Math.max(0, v * v - 64)), 8) });
    expect(blurred.sharpness).toBeLessThan(0.4);
    expect(blurred.blurGain).toBeGreaterThan(2);
    expect(blurred.noiseGain).toBeLessThan(0.3);
    const noisy = fitOf({ fine: (v) => Math.hypot(v, 40) });
    expect(noisy.noise).toBeGreaterThan(10);
    expect(noisy.noiseGain).toBeGreaterThan(2);
    expect(noisy.blurGain).toBeLessThan(0.5);
  });

  it.each([0.25, 0.5, 0.8])('is something before the camera, however much of it is hidden: %d', (share) => {
    const found = fitOf({
      at: (v, x) => (x < share * width ? 30 : v),
      fine: (v, i) => (i % width < share * width ? 4 : v),
    });
    expect(found.hidden).toBeGreaterThan(0.8 * share);
    expect(found.largest).toBeGreaterThan(0.75);
    expect(found.kept).toBeGreaterThan(0.9);
    expect(found.hiddenGain).toBeGreaterThan(found.lightGain);
  });

  it('is in pieces where dirt lies here and there', () => {
    const dirty = (x: number, y: number) => (x % 24 < 7 && y % 18 < 6 ? 1 : 0);
    const found = fitOf({ at: (v, x, y) => (dirty(x, y) === 1 ? 90 : v) });
    expect(found.hidden).toBeGreaterThan(0.04);
    expect(found.largest).toBeLessThan(0.75);
  });
});

describe('The usual view, looked for elsewhere', () => {
  const best = (live: Float32Array): number =>
    Math.max(...Array.from({ length: warpCount }, (_, turn) => matchWarped(live, grey, turn)));
  const seenAs = (from: (x: number, y: number) => readonly [number, number]): Float32Array =>
    gradients(Float32Array.from(grey, (_, i) => place(...from(i % width, Math.floor(i / width)))));

  it.each([
    ['zoomed', (x: number, y: number) => [31.5 + (x - 31.5) / 1.2, 17.5 + (y - 17.5) / 1.2] as const],
    ['mirrored', (x: number, y: number) => [63 - x, y] as const],
    ['upside down', (x: number, y: number) => [63 - x, 35 - y] as const],
  ])('is found where it is %s', (_, from) => {
    const live = seenAs(from);
    expect(best(live)).toBeGreaterThan(gradientMatch(usualEdges, live, 0, 0) + 0.3);
  });

  it('is not found in another place', () => {
    const other = gradients(Float32Array.from(grey, () => 255 * random.next()));
    expect(best(other)).toBeLessThan(0.3);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clearConditions,
  conditionNames,
  createStreet,
  type StreetConditions,
  withConditions,
} from '../../../src/simulation/index.ts';
import { deviation, difference, mean, sharpness } from './pictures.ts';

const size = { width: 320, height: 180 };
const seeds = [2, 31];

function picture(seed: number, conditions: Partial<StreetConditions> = {}): Uint8Array {
  return createStreet({ seed, ...size, conditions }).render(2).pixels;
}
const sharp = (pixels: Uint8Array): number => sharpness(pixels, size.width, size.height);

describe.each(seeds)('weather and faults of street %i', (seed) => {
  const clear = picture(seed);

  it('grows darker with night, step by step', () => {
    const levels = [0, 1, 2, 3, 4, 5].map((night) => mean(picture(seed, { night })));
    for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeLessThan(levels[i - 1]!);
    expect(levels[5]).toBeLessThan(mean(clear) * 0.5);
  });

  it('loses contrast in fog, step by step', () => {
    const levels = [0, 1, 3, 5].map((fog) => deviation(picture(seed, { fog })));
    for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeLessThan(levels[i - 1]!);
    expect(levels[3]).toBeLessThan(deviation(clear) * 0.7);
  });

  it('loses sharpness out of focus, step by step', () => {
    const levels = [0, 1, 2, 3, 5].map((blur) => {
      const pixels = createStreet({ seed, ...size, conditions: { blur } }).render(2).pixels;
      return sharp(pixels);
    });
    // The sensor's own noise comes after the lens and stays.
    for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeLessThan(levels[i - 1]! * 1.05);
    expect(levels[4]).toBeLessThan(levels[0]! * 0.5);
  });

  it('is grainier with noise, and as bright as before', () => {
    const noisy = picture(seed, { noise: 4 });
    expect(sharp(noisy)).toBeGreaterThan(sharp(clear) * 2);
    expect(Math.abs(mean(noisy) - mean(clear))).toBeLessThan(6);
  });

  it('burns out when overexposed', () => {
    const burnt = picture(seed, { overexposed: 5 });
    const white = (pixels: Uint8Array): number => pixels.filter((v) => v >= 250).length / pixels.length;
    expect(mean(burnt)).toBeGreaterThan(mean(clear) + 50);
    expect(white(burnt)).toBeGreaterThan(0.3);
  });

  it('is black when black, and half as bright half way', () => {
    expect(mean(picture(seed, { black: 5 }))).toBeLessThan(2);
    const half = mean(picture(seed, { black: 2.5 }));
    expect(half).toBeGreaterThan(mean(clear) * 0.4);
    expect(half).toBeLessThan(mean(clear) * 0.6);
  });

  it('has dirt that stays in its place while the street moves', () => {
    const dirty = createStreet({ seed, ...size, conditions: { dirt: 4 } });
    const clean = createStreet({ seed, ...size });
    const covered = (timeS: number): Set<number> => {
      const a = dirty.render(timeS).pixels;
      const b = clean.render(timeS).pixels;
      const set = new Set<number>();
      for (let i = 0; i < a.length; i++) if (Math.abs(a[i]! - b[i]!) > 20) set.add(i);
      return set;
    };
    const early = covered(1);
    const late = covered(9);
    expect(early.size).toBeGreaterThan(size.width * size.height * 0.05);
    const both = [...early].filter((i) => late.has(i)).length;
    expect(both / early.size).toBeGreaterThan(0.6);
  });

  it('has streaks in the rain that change from frame to frame', () => {
    const rain = createStreet({ seed, ...size, conditions: { rain: 5, traffic: 0 } });
    const dry = createStreet({ seed, ...size, conditions: { traffic: 0 } });
    const change = (street: typeof rain): number =>
      difference(street.render(1).pixels.slice(), street.render(1.07).pixels);
    expect(change(rain)).toBeGreaterThan(change(dry) * 1.1);
    expect(mean(rain.render(2).pixels)).not.toBeCloseTo(mean(dry.render(2).pixels), 0);
  });

  it('repeats the last picture when frozen while the truth goes on, and wakes up again', () => {
    const street = createStreet({ seed, ...size });
    const last = street.render(2);
    const pixels = last.pixels.slice();
    street.setConditions({ frozen: 1 });
    const frozen = street.render(6);
    expect(Buffer.compare(frozen.pixels, pixels)).toBe(0);
    expect(frozen.truth).not.toEqual(last.truth);
    street.setConditions({ frozen: 0 });
    expect(difference(street.render(6.1).pixels, pixels)).toBeGreaterThan(1);
  });

  it('looks elsewhere when the camera was moved, and back when it is put right', () => {
    const street = createStreet({ seed, ...size });
    const before = street.render(2).pixels.slice();
    street.setConditions({ moved: 4 });
    const moved = street.render(2).pixels.slice();
    expect(difference(before, moved)).toBeGreaterThan(12);
    expect(street.render(2).truth).not.toEqual([]);
    street.setConditions({ moved: 0 });
    expect(difference(before, street.render(2).pixels)).toBe(0);
  });
});

describe('conditions', () => {
  it('keep every severity within 0..5 whatever is asked for', () => {
    const anything = fc.record(
      Object.fromEntries(
        [...conditionNames, 'traffic'].map((name) => [
          name,
          fc.oneof(fc.double(), fc.string(), fc.constant(null)),
        ]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anything, (change) => {
        const next = withConditions(clearConditions, change as Partial<StreetConditions>);
        expect(Object.keys(next).sort()).toEqual(Object.keys(clearConditions).sort());
        for (const value of Object.values(next)) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it('change only what is named', () => {
    const night = withConditions(clearConditions, { night: 3 });
    expect(withConditions(night, { fog: 2 })).toEqual({ ...clearConditions, night: 3, fog: 2 });
  });
});

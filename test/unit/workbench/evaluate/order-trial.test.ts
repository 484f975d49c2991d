import { describe, expect, it, vi } from 'vitest';
import type { Picture } from '../../../../src/adapters/sharp/index.ts';
import type { Detection } from '../../../../src/perception/index.ts';
import type { AccuracyMeasure } from '../../../../src/workbench/evaluate/accuracy.ts';
import { isTried, OrderTrial } from '../../../../src/workbench/evaluate/order-trial.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const picture = { width: 2, height: 2, step: 6, encoding: 'rgb8', data: new Uint8Array(12) } as Picture;
const [right, wrong, more] = [{ score: 0.5 }, { score: 0.5 }, { score: 0.9 }] as unknown as Detection[];

/** Judges a picture by its first detection; some pictures have nothing to find. */
const measure = {
  alone: async (path: string, _picture: Picture, [found]: readonly Detection[]) =>
    path.startsWith('empty') ? undefined : found === right ? 1 : 0,
} as unknown as AccuracyMeasure;

async function tried(
  color: 'rgb' | 'bgr' | 'grey',
  own: (i: number) => boolean,
  other: (i: number) => boolean,
  { surer } = { surer: false },
) {
  const { input } = tinyManifest();
  const trial = new OrderTrial({ input: { ...input, colorOrder: color } }, measure);
  const ask = vi.fn();
  for (let i = 0; i < 40; i += 1) {
    const answer = (is: boolean) => [is ? right! : wrong!];
    await trial.add(i % 4 === 0 ? `empty${i}` : `${i}`, picture, answer(own(i)), async () => {
      ask();
      return [...answer(other(i)), ...(surer ? [more!] : [])];
    });
  }
  return { verdict: trial.verdict, asked: ask.mock.calls.length };
}

describe('The order of colours, judged by labels', () => {
  it('is doubted if the other one is right more often, on pictures with something to find', async () => {
    const { verdict, asked } = await tried(
      'rgb',
      (i) => i % 3 === 0,
      (i) => i % 3 !== 2,
    );
    expect(verdict).toEqual({ order: 'bgr', pictures: 30, own: 10 / 30, other: 20 / 30 });
    expect(asked).toBe(30);
  });

  it('is not doubted if the other one is right as often, or less', async () => {
    expect(
      (
        await tried(
          'bgr',
          (i) => i % 2 === 0,
          (i) => i % 2 === 1,
        )
      ).verdict,
    ).toBeUndefined();
    expect(
      (
        await tried(
          'bgr',
          () => true,
          (i) => i % 2 === 1,
        )
      ).verdict,
    ).toBeUndefined();
  });

  it('is doubted if the other one is a little more often right, and clearly surer', async () => {
    const sure = { surer: true };
    const [own, other] = [(i: number) => i % 2 === 0, (i: number) => i % 2 === 0 || i === 1];
    expect((await tried('rgb', own, other)).verdict).toBeUndefined();
    expect((await tried('rgb', own, other, sure)).verdict).toMatchObject({ order: 'bgr', pictures: 30 });
    expect((await tried('rgb', other, own, sure)).verdict).toBeUndefined();
  });

  it('is not tried with an input of one channel', async () => {
    expect(
      await tried(
        'grey',
        () => false,
        () => true,
      ),
    ).toEqual({ verdict: undefined, asked: 0 });
  });

  it.each([1, 64, 65, 100, 5_000])('is tried on up to 64 of %d pictures, evenly spread', (count) => {
    const tried = Array.from({ length: count }, (_, i) => i).filter((i) => isTried(i, count));
    expect(tried).toHaveLength(Math.min(count, 64));
    const steps = tried.slice(1).map((at, i) => at - tried[i]!);
    const even = count / Math.min(count, 64);
    for (const step of steps) expect(Math.abs(step - even)).toBeLessThan(1);
  });
});

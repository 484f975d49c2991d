import { describe, expect, it } from 'vitest';
import { Repetition } from '../../../../src/drift/profile/repetition.ts';
import { shortcomings } from '../../../../src/drift/profile/shortcomings.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { learnToy } from '../toy-camera.ts';

/** Pictures at 10 frames/s; of a loop, the same ones in every round. */
function shareOf(pictures: (frame: number) => number, frames = 20_000): number {
  const repetition = new Repetition();
  for (let frame = 0; frame < frames; frame++) repetition.see(pictures(frame), frame * 100);
  return repetition.share;
}

const random = seededRandom(1);
const hashes = Array.from({ length: 20_000 }, () => Math.floor(2 ** 32 * random.next()));

describe('Pictures that come again', () => {
  it('are hardly any in a life that goes on, and nearly all in a loop', () => {
    expect(shareOf((frame) => hashes[frame]!)).toBe(0);
    expect(shareOf((frame) => hashes[frame % 800]!)).toBeGreaterThan(0.9);
    expect(shareOf((frame) => hashes[frame % 10_000]!)).toBeCloseTo(0.5, 1);
  });

  it('are counted on after a restart of the learning', () => {
    const before = new Repetition();
    for (let frame = 0; frame < 20_000; frame++) before.see(hashes[frame % 800]!, frame * 100);
    const after = new Repetition();
    after.resume(before.state());
    expect(after.share).toBe(before.share);
  });

  it('are told when a recording is added to itself', () => {
    const once = new Repetition();
    for (let frame = 0; frame < 10_000; frame++) once.see(hashes[frame]!, frame * 100);
    expect(once.share).toBe(0);
    const again = new Repetition();
    again.resume(once.state());
    for (let frame = 0; frame < 10_000; frame++) again.see(hashes[frame]!, frame * 100);
    expect(again.share).toBeCloseTo(0.5, 1);
  });

  it('are no loop where a camera repeats a picture for a while', () => {
    expect(shareOf((frame) => hashes[Math.floor(frame / 50)]!)).toBe(0);
  });
});

describe('What a profile lacks', () => {
  it('is said in sentences: repetitions, hours, times of day', () => {
    const profile = learnToy();
    expect(shortcomings(profile).join(' ')).toMatch(/^About 2\d min were learned\. .* Other times of day/);
    const looped = { ...profile, repeatedShare: 0.95 };
    expect(shortcomings(looped)[0]).toMatch(/^95 % of the pictures are repetitions: .* about 1 min of life/);
    const day = { ...profile, buckets: profile.buckets.map((bucket) => ({ ...bucket, ticks: 86_400 })) };
    expect(
      shortcomings({ ...day, repeatedShare: 0, classMix: { labels: ['car'], busy: [], dispersion: 1 } }),
    ).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { FrameThinner } from '../../../../src/perception/pipeline/thinning.ts';

/** Frames per second that pass over 60 s of a camera that gives `fps`, each frame up to `jitterMs` late. */
function rateOf(thinner: FrameThinner, fps: number, jitterMs = 0): number {
  let passed = 0;
  for (let i = 0; i < 60 * fps; i++)
    if (thinner.passes((i * 1000) / fps + ((i * 7919) % 11) * (jitterMs / 10))) passed += 1;
  return passed / 60;
}

describe('A thinner of frames', () => {
  it.each([
    { thinning: {}, fps: 30, rate: 30 },
    { thinning: { every: 2 }, fps: 30, rate: 15 },
    { thinning: { every: 3 }, fps: 30, rate: 10 },
    { thinning: { maxFps: 15 }, fps: 30, rate: 15 },
    { thinning: { maxFps: 20 }, fps: 30, rate: 20 },
    { thinning: { maxFps: 12.5 }, fps: 30, rate: 12.5 },
    { thinning: { maxFps: 60 }, fps: 30, rate: 30 },
    { thinning: { every: 2, maxFps: 10 }, fps: 30, rate: 10 },
  ])('$thinning makes $rate of $fps frames per second, also of a camera that is never exact', (row) => {
    const { thinning, fps, rate } = row;
    expect(rateOf(new FrameThinner(thinning), fps)).toBeCloseTo(rate, 0);
    expect(rateOf(new FrameThinner(thinning), fps, 12)).toBeCloseTo(rate, 0);
  });

  it('makes up for one frame after a pause of the camera and lets no burst through', () => {
    const thinner = new FrameThinner({ maxFps: 10 });
    thinner.passes(0);
    const burst = Array.from({ length: 30 }, (_, i) => thinner.passes(60_000 + i)).filter(Boolean);
    expect(burst).toHaveLength(2);
  });
});

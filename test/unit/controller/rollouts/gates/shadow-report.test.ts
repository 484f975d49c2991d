import { describe, expect, it } from 'vitest';
import { reportShadow, type ShadowBlock } from '../../../../../src/controller/rollouts/gates/index.ts';
import { seededRandom } from '../../../../../src/drift/index.ts';

const block = (index: number, change: Partial<ShadowBlock> = {}): ShadowBlock => ({
  ...{ startMs: index * 300_000, frames: 100, disagreements: 10, serveBoxes: 400, shadowBoxes: 360 },
  ...{ agreedBoxes: 340, classFlips: 4 },
  ...change,
});

describe('The report of a shadow', () => {
  it('has shares over all frames, and an interval that is a point where nothing strays', () => {
    const { total, cameras } = reportShadow([
      { device: 'd', camera: 'a', blocks: Array.from({ length: 12 }, (_, index) => block(index)) },
      { device: 'd', camera: 'b', blocks: [] },
    ]);
    expect(cameras.map(({ camera }) => camera)).toEqual(['a']);
    expect(total).toMatchObject({
      frames: 1200,
      disagreement: { value: 0.1 },
      recall: { value: 0.85 },
      boxes: { value: 0.9 },
    });
    expect(total?.classFlips.value).toBeCloseTo(4 / 344);
    const [low, high] = total!.recall.interval!;
    expect(high - low).toBeLessThan(1e-6);
  });

  it('has no interval for a few minutes, and no value without frames', () => {
    const { total } = reportShadow([{ device: 'd', camera: 'a', blocks: [block(0), block(1)] }]);
    expect(total?.disagreement).toEqual({ value: 0.1 });
    expect(reportShadow([])).toEqual({ total: undefined, cameras: [] });
    expect(
      reportShadow([{ device: 'd', camera: 'a', blocks: [block(0, { frames: 0 })] }]).total,
    ).toBeUndefined();
  });

  it('has intervals that hold the truth about as often as they say', () => {
    const random = seededRandom(11);
    let held = 0;
    const tries = 300;
    for (let one = 0; one < tries; one++) {
      const blocks = Array.from({ length: 24 }, (_, index) => {
        const frames = 60 + random.below(80);
        let disagreements = 0;
        for (let frame = 0; frame < frames; frame++) if (random.next() < 0.2) disagreements++;
        return block(index, { frames, disagreements });
      });
      const [low, high] = reportShadow([{ device: 'd', camera: 'a', blocks }]).total!.disagreement.interval!;
      if (low <= 0.2 && 0.2 <= high) held++;
    }
    expect(held / tries).toBeGreaterThan(0.9);
    expect(held / tries).toBeLessThan(0.995);
  });
});

import { describe, expect, it } from 'vitest';
import { LiveView } from '../../../../src/drift/picture/view.ts';
import { blockTicks } from '../../../../src/drift/profile/block.ts';
import { BucketLearner } from '../../../../src/drift/profile/bucket-learner.ts';
import { folds, foldsOf } from '../../../../src/drift/profile/finish.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import type { Tick } from '../../../../src/drift/signals/assembler.ts';
import { signalCount } from '../../../../src/drift/signals/catalogue.ts';
import { OutputCounts } from '../../../../src/drift/signals/output-counts.ts';

/** A second all of whose signals have this value. */
function second(value: number): Tick {
  return {
    ...{ atMs: 0, seconds: 1, frames: 1, stampNs: 0n, repeatMs: 0, settling: false },
    ...{ picture: undefined, embedding: undefined, answerNames: [] },
    vector: new Float64Array(signalCount).fill(value),
    objects: { classes: new Map(), scores: { count: 0, sum: 0, squares: 0 } },
  };
}

function learnMinutes(learner: BucketLearner, from: number, to: number): void {
  const [view, counts] = [new LiveView(), new OutputCounts()];
  for (let minute = from; minute < to; minute++)
    for (let i = 0, tick = second(minute); i < blockTicks; i++) learner.learn(tick, view, counts);
}

describe('What is kept of one time of day', () => {
  it('is a sample of its minutes, with its first and its last one', () => {
    const learner = new BucketLearner(1, 6, seededRandom(1));
    learner.learn(second(-1), new LiveView(), new OutputCounts());
    learnMinutes(learner, 0, 40);
    learner.endOfTime();
    const kept = () => learner.blocks.map(({ base }) => base[0]);
    expect(kept()).toHaveLength(6);
    expect(kept().at(0)).toBe(0);
    expect(kept().at(-1)).toBe(39);
    learnMinutes(learner, 100, 140);
    expect(kept()).toContain(39);
    learner.endOfTime();
    expect(kept().at(0)).toBe(0);
    expect(kept().at(-1)).toBe(139);
    expect(kept()).not.toContain(39);
    expect(learner.minuteCount).toBe(80);
  });

  it('falls into stretches of time, each about as long', () => {
    expect(foldsOf(10)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    for (const minutes of [6, 7, 136]) expect(new Set(foldsOf(minutes)).size).toBe(folds);
  });

  it('is in the order of time, so that hardly a minute is judged by a neighbour', () => {
    for (const minutes of [230, 1430]) {
      const learner = new BucketLearner(1, 136, seededRandom(1));
      learner.learn(second(-1), new LiveView(), new OutputCounts());
      learnMinutes(learner, 0, minutes);
      const kept = learner.blocks.map(({ base }) => base[0]!);
      expect(kept).toEqual([...kept].sort((a, b) => a - b));
      const foldOf = new Map(foldsOf(kept.length).map((fold, index) => [kept[index]!, fold]));
      const strangers = kept.filter((minute) =>
        [minute - 1, minute + 1].some((near) => foldOf.has(near) && foldOf.get(near) !== foldOf.get(minute)),
      );
      expect(strangers.length / kept.length).toBeLessThan(0.05);
    }
  });

  it('is so after a restart too', () => {
    const learner = new BucketLearner(1, 6, seededRandom(1));
    learner.learn(second(-1), new LiveView(), new OutputCounts());
    learnMinutes(learner, 0, 40);
    const resumed = new BucketLearner(1, 6, seededRandom(1));
    resumed.resume(learner.state());
    learnMinutes(learner, 40, 80);
    learnMinutes(resumed, 40, 80);
    expect(resumed.blocks.map(({ minute }) => minute)).toEqual(learner.blocks.map(({ minute }) => minute));
  });

  it('drops the minute at hand at an interruption', () => {
    const learner = new BucketLearner(1, 6, seededRandom(1));
    learner.learn(second(-1), new LiveView(), new OutputCounts());
    for (let i = 0; i < blockTicks - 1; i++) learner.learn(second(1), new LiveView(), new OutputCounts());
    learner.interrupt();
    learnMinutes(learner, 2, 3);
    expect(learner.blocks.map(({ base }) => base[0])).toEqual([2]);
  });
});

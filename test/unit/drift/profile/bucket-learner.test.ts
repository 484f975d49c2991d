import { describe, expect, it } from 'vitest';
import { LiveView } from '../../../../src/drift/picture/view.ts';
import { blockTicks } from '../../../../src/drift/profile/block.ts';
import { BucketLearner } from '../../../../src/drift/profile/bucket-learner.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import type { Tick } from '../../../../src/drift/signals/assembler.ts';
import { signalCount } from '../../../../src/drift/signals/catalogue.ts';
import { OutputCounts } from '../../../../src/drift/signals/output-counts.ts';

/** A second all of whose signals have this value. */
function second(value: number): Tick {
  return {
    ...{ atMs: 0, seconds: 1, frames: 1, stampNs: 0n, repeatMs: 0, settling: false },
    ...{ picture: undefined, embedding: undefined },
    vector: new Float64Array(signalCount).fill(value),
    objects: { classes: new Map(), scores: { count: 0, sum: 0, squares: 0 } },
  };
}

function learnMinutes(learner: BucketLearner, from: number, to: number): void {
  for (let minute = from; minute < to; minute++)
    for (let i = 0; i < blockTicks; i++) learner.learn(second(minute), new LiveView(), new OutputCounts());
}

describe('What is kept of one time of day', () => {
  it('is a sample of its minutes, with its first and its last one', () => {
    const learner = new BucketLearner(1, 6, seededRandom(1));
    learner.learn(second(-1), new LiveView(), new OutputCounts());
    learnMinutes(learner, 0, 40);
    learner.endOfTime();
    const kept = () => learner.blocks.map(({ base }) => base[0]);
    expect(kept()).toHaveLength(6);
    expect(kept().slice(0, 2)).toEqual([0, 39]);
    learnMinutes(learner, 100, 140);
    expect(kept().slice(0, 2)).toEqual([0, 39]);
    learner.endOfTime();
    expect(kept().slice(0, 2)).toEqual([0, 139]);
    expect(learner.minuteCount).toBe(80);
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

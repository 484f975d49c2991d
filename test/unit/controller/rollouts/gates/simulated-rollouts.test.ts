import { describe, expect, it } from 'vitest';
import type { GateSpec } from '../../../../../src/controller/rollouts/gates/index.ts';
import { framesTTest } from '../../../../bench/rollouts/others.ts';
import { otherGate, ourGate, type RolloutPlan, simulateRollout } from '../../../../bench/rollouts/rollout.ts';
import { simulateShadow } from '../../../../bench/rollouts/shadow.ts';

/* A small part of `npm run bench -- rollouts`, whose table stands in docs/rollout-gates.md. */

const gate: GateSpec = { metrics: [{ metric: 'detections' }, { metric: 'latency' }], falseAbort: 0.01 };
const plan: RolloutPlan = { waves: [4], heldBack: 8, soakMinutes: 60, looks: 2, historyDays: 2, gate };

describe('Simulated rollouts', () => {
  it('of a model that is as good are stopped by no gate of ours, and by a t-test on frames more often than not', () => {
    const runs = Array.from({ length: 12 }, (_, seed) =>
      simulateRollout(seed, plan, {}, [ourGate(plan), otherGate(framesTTest)]),
    );
    expect(runs.filter(([ours]) => ours!.end === 'aborted')).toEqual([]);
    expect(runs.filter(([, theirs]) => theirs!.end === 'aborted').length).toBeGreaterThan(4);
  });

  it.each([
    ['finds a third less', { lostRecall: 0.3 }, 'detections'],
    ['takes a fifth longer', { slower: 0.2 }, 'latency'],
  ])('of a model that %s are stopped in the first wave', (_, change, why) => {
    for (let seed = 0; seed < 4; seed++) {
      const [ours] = simulateRollout(seed, plan, change, [ourGate(plan)]);
      expect(ours).toMatchObject({ end: 'aborted', devices: 4, why: [why] });
    }
  });
});

describe('Simulated shadows', () => {
  it('of a model that is as good pass, and a tenth less is found in an hour on four cameras', () => {
    const outcomes = (lost: number) =>
      Array.from({ length: 20 }, (_, seed) =>
        simulateShadow(seed, { cameras: 4, minutes: 60, harm: 0.1 }, lost),
      );
    expect(outcomes(0).filter((one) => one === 'fail').length).toBeLessThanOrEqual(3);
    expect(outcomes(0.2).filter((one) => one === 'fail').length).toBeGreaterThanOrEqual(18);
  });
});

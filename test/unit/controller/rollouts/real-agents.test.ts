import { expect, test } from 'vitest';
import { RolloutSimulation } from '../../../bench/rollout-agents/simulate.ts';

/** A small share of `npm run bench -- rollout-agents`, which has a thousand. */
test('twelve real agents over a bad network get a good version, and a bad one goes back everywhere', {
  timeout: 180_000,
}, async () => {
  const result = await new RolloutSimulation({ devices: 12, seed: 7, hours: 6 }).run();
  expect(result.unexplained).toEqual([]);
  expect(result.rollouts.map(({ name, state }) => [name, state])).toEqual([
    ['good', 'superseded'],
    ['bad', 'rolled-back'],
  ]);
  expect(result.rollouts[0]?.counts).toEqual({ committed: 12 });
  expect(result.looks).toBeGreaterThan(100);
});

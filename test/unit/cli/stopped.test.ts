import { describe, expect, it } from 'vitest';
import type { RolloutInfo, RolloutState } from '../../../src/api/index.ts';
import { stoppedLines } from '../../../src/cli/fleet/stopped.ts';

const rollout = (name: string, state: RolloutState) => ({ name, state }) as RolloutInfo;

describe('What is said when everything was stopped', () => {
  it('names the rollouts that take a version back: these go on', () => {
    const rollouts = [rollout('a', 'rolling-back'), rollout('b', 'paused'), rollout('c', 'aborting')];
    expect(stoppedLines({ rollouts }).at(-1)).toBe('Rolling back continues: a, c.');
  });

  it('is one line where none does', () => {
    expect(stoppedLines({ rollouts: [rollout('b', 'paused'), rollout('d', 'rolled-back')] })).toHaveLength(1);
  });
});

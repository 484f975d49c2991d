import { describe, expect, it } from 'vitest';
import {
  deploymentEvents,
  deploymentTable,
  isModelAtWork,
  isSettled,
  nextState,
} from '../../../../src/agent/deployment/table.ts';
import { DeploymentState } from '../../../../src/protocol/index.ts';

const states = DeploymentState.anyOf.map(({ const: name }) => name);
const settled = ['idle', 'committed', 'failed'];

describe('The table of a deployment', () => {
  it.each(deploymentTable)('%s, %s: %s', (state, event, next) => {
    expect(nextState(state, event)).toBe(next);
    expect(states).toContain(next);
  });

  it('has one answer for each pair', () => {
    const pairs = deploymentTable.map(([state, event]) => `${state} ${event}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('knows what a power cut in every state leads to', () => {
    for (const state of states) expect(nextState(state, 'restarted')).toBeDefined();
  });

  it('takes an order in every settled state and no other', () => {
    expect(states.filter(isSettled)).toEqual(settled);
  });

  it('can end every state that is not settled, by failure and by a newer order', () => {
    for (const state of states.filter((one) => !settled.includes(one) && one !== 'rolling-back')) {
      expect(['failed', 'rolling-back']).toContain(nextState(state, 'failed'));
      expect(['idle', 'rolling-back']).toContain(nextState(state, 'superseded'));
    }
    expect(nextState('rolling-back', 'rolled-back')).toBe('failed');
  });

  it('reaches committed only through every check, or with the model that serves already', () => {
    const path = [
      'ordered',
      'downloaded',
      'verified',
      'prepared',
      'passed',
      'go',
      'swapped',
      'survived',
    ] as const;
    let state: (typeof states)[number] = 'idle';
    for (const event of path) {
      expect(nextState(state, 'survived')).toBe(event === 'survived' ? 'committed' : undefined);
      state = nextState(state, event) ?? 'idle';
    }
    expect(state).toBe('committed');
    expect(deploymentTable.filter(([from, , to]) => to === 'committed' && from !== 'committed')).toEqual([
      ['idle', 'confirmed', 'committed'],
      ['failed', 'confirmed', 'committed'],
      ['probation', 'survived', 'committed'],
    ]);
  });

  it('blames a model for two restarts only where it was at work', () => {
    expect(states.filter(isModelAtWork)).toEqual(['preparing', 'checking', 'ready', 'swapping', 'probation']);
  });

  it('uses every event', () => {
    for (const event of deploymentEvents) expect(deploymentTable.some(([, one]) => one === event)).toBe(true);
  });
});

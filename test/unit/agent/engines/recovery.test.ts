import { describe, expect, it } from 'vitest';
import {
  type RecoveryState,
  recoveryEvents,
  recoveryStep,
  recoveryTable,
} from '../../../../src/agent/engines/recovery.ts';

const states: readonly RecoveryState[] = [
  'serving',
  'rebuilding',
  'rebuilt',
  'changing',
  'changed',
  'ending',
  'given-up',
];

describe('The table of recovery', () => {
  it.each(recoveryTable)('%s, %s: %s, %s', (state, event, next, action) => {
    expect(recoveryStep(state, event)).toEqual({ next, action });
  });

  it('changes nothing for every other pair', () => {
    const pairs = new Set(recoveryTable.map(([state, event]) => `${state} ${event}`));
    expect(pairs.size).toBe(recoveryTable.length);
    for (const state of states)
      for (const event of recoveryEvents)
        if (!pairs.has(`${state} ${event}`))
          expect(recoveryStep(state, event)).toEqual({ next: state, action: 'none' });
  });

  it('takes no step while one is under way, and none after the process began to end', () => {
    for (const state of ['rebuilding', 'changing', 'ending'] as const)
      for (const event of ['stuck', 'failing', 'wrong', 'wrong-from-start'] as const)
        expect(recoveryStep(state, event).action).toBe('none');
    for (const event of recoveryEvents) expect(recoveryStep('ending', event).next).toBe('ending');
  });

  it('reaches the end of the process only after both milder steps', () => {
    const ends = recoveryTable
      .filter(([, event, , action]) => action === 'end-process' && event !== 'process-lost')
      .map(([state]) => state);
    expect(new Set(ends)).toEqual(new Set(['changing', 'changed', 'given-up']));
  });

  it('ends the process at once, whatever is under way, where the engine cannot work in it any more', () => {
    for (const state of states)
      if (state !== 'ending')
        expect(recoveryStep(state, 'process-lost')).toEqual({ next: 'ending', action: 'end-process' });
    expect(recoveryStep('ending', 'process-lost').action).toBe('none');
  });

  it('never ends the process for a model that was wrong from the start', () => {
    let state: RecoveryState = 'serving';
    for (let i = 0; i < 10; i++) {
      const { next, action } = recoveryStep(state, 'wrong-from-start');
      expect(action).not.toBe('end-process');
      state = recoveryStep(next, 'done').next;
    }
    expect(state).toBe('given-up');
  });
});

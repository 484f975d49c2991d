import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshAgentState, readAgentState } from '../../../src/agent/agent-state.ts';

describe('The memory of the agent', () => {
  it('is read as it was written', () => {
    const memory = freshAgentState(1_790_000_000_000);
    expect(readAgentState(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  });

  it('begins above what a device with another disk can have counted', () => {
    expect(freshAgentState(1_790_000_000_000.5).session).toBe(1_790_000_000_000);
  });

  it('is refused with the place that does not fit, whatever the disk holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readAgentState(value)).toHaveProperty('damage');
      }),
    );
    expect(readAgentState({ ...freshAgentState(0), session: -1 })).toEqual({
      damage: expect.stringContaining('/session'),
    });
  });
});

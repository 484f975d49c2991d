import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshMemory, readMemory } from '../../../src/agent/agent-state.ts';

describe('The memory of the agent', () => {
  it('is read as it was written', () => {
    const memory = freshMemory(1_790_000_000_000);
    expect(readMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
  });

  it('begins above what a device with another disk can have counted', () => {
    expect(freshMemory(1_790_000_000_000).session).toBe(1_790_000_000);
  });

  it('is refused with the place that does not fit, whatever the disk holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readMemory(value)).toHaveProperty('damage');
      }),
    );
    expect(readMemory({ ...freshMemory(0), session: -1 })).toEqual({
      damage: expect.stringContaining('/session'),
    });
  });
});

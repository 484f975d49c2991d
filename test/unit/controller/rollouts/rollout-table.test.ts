import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../../../src/controller/rollouts/rollout.ts';
import { RolloutTable } from '../../../../src/controller/rollouts/rollout-table.ts';
import { mostGoneRollouts } from '../../../../src/controller/store/rollout-rows.ts';

const rollout = (number: number) =>
  ({ id: `r${number}`, name: `to-${number}`, state: 'finished', devices: new Map() }) as unknown as Rollout;

function add(table: RolloutTable, number: number): void {
  for (const old of table.surplus(() => true)) table.delete(old);
  table.set(rollout(number));
}

describe('Rollouts that are kept', () => {
  it('are the newest; one that left is told from one that never was', () => {
    const table = new RolloutTable();
    for (let number = 0; number < 201; number++) add(table, number);
    expect(table.expect('to-1').id).toBe('r1');
    expect(() => table.expect('to-0')).toThrow(expect.objectContaining({ code: 'rollout-gone' }));
    expect(() => table.expect('to-201')).toThrow(expect.objectContaining({ code: 'rollout-unknown' }));
    // Somebody wants it a second time.
    table.set({ ...rollout(300), name: 'to-0' });
    expect(table.expect('to-0').id).toBe('r300');
  });

  it('are remembered by name over a restart, in bounded number', () => {
    const table = new RolloutTable();
    table.load([], ['before', ...Array.from({ length: mostGoneRollouts - 1 }, (_, at) => `old-${at}`)]);
    expect(() => table.expect('before')).toThrow(expect.objectContaining({ code: 'rollout-gone' }));
    table.delete(rollout(1));
    expect(() => table.expect('before')).toThrow(expect.objectContaining({ code: 'rollout-unknown' }));
    expect(() => table.expect('old-0')).toThrow(expect.objectContaining({ code: 'rollout-gone' }));
  });
});

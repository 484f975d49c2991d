import { describe, expect, it } from 'vitest';
import { BoardConditions } from '../../../../src/agent/targets/conditions.ts';

const board = (count: number, powerMode = 'MAXN', slowedBy: readonly string[] = []) => ({
  temperatures: [
    { zone: 'cpu', celsius: 60 },
    { zone: 'tj', celsius: 72 },
  ],
  power: [],
  slowedBy,
  tegra: { powerMode, overcurrent: [{ kind: 'instantaneous' as const, count }] },
});

describe('The conditions of a board', () => {
  it('are its hottest zone, its mode, and no slow-down from old counters', () => {
    const { conditions, events } = new BoardConditions().next(board(27_390), 0.2, 0);
    expect(conditions).toEqual({ celsius: 72, othersShare: 0.2, powerMode: 'MAXN' });
    expect(events).toEqual([]);
  });

  it('are slow for power while over-current is counted, and that is told once until it is quiet for a minute', () => {
    const conditions = new BoardConditions();
    conditions.next(board(10), undefined, 0);
    const grown = conditions.next(board(12), undefined, 5_000);
    expect(grown.conditions.throttled).toBe('power');
    expect(grown.events).toMatchObject([
      { kind: 'board.slowed', data: { by: ['instantaneous over-current'] } },
    ]);
    expect(conditions.next(board(15), undefined, 10_000).events).toEqual([]);
    expect(conditions.next(board(15), undefined, 60_000).events).toEqual([]);
    expect(conditions.next(board(15), undefined, 71_000).events).toMatchObject([
      { kind: 'board.full-speed' },
    ]);
  });

  it('are slow for heat where a cooling device is at work, and a power mode that changes is told', () => {
    const conditions = new BoardConditions();
    conditions.next(board(0), undefined, 0);
    const next = conditions.next(board(0, '15W', ['cpu-throttle-alert']), undefined, 5_000);
    expect(next.conditions.throttled).toBe('heat');
    expect(next.events.map(({ kind }) => kind)).toEqual(['board.power-mode', 'board.slowed']);
    expect(next.events[0]?.message).toBe('The power mode changed from MAXN to 15W.');
  });
});

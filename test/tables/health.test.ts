import { Value } from '@sinclair/typebox/value';
import { describe, expect, it, vi } from 'vitest';
import {
  AlertRuleDraft,
  conditionWords,
  DeviceHealth,
  HealthCounts,
  problemKinds,
} from '../../src/api/index.ts';
import { DeviceRegistry } from '../../src/controller/fleet/device-registry.ts';
import { SeriesTable } from '../../src/controller/history/series.ts';
import type { DeviceSummary } from '../../src/dashboard/api/types.ts';
import { needsAttention, readFilter, selectDevices } from '../../src/dashboard/fleet/filter.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** One more state and one more problem, as somebody adds them: a row of each table. */
vi.mock('../../src/api/health-table.ts', async (original) => {
  const { healthStates, problemTable } = await original<typeof import('../../src/api/health-table.ts')>();
  const { ok, ...others } = healthStates;
  return {
    healthStates: { ok, throttled: { words: 'Throttled', tone: 'warning', about: 'too hot' }, ...others },
    problemTable: { ...problemTable, 'too-hot': { words: 'too hot', about: 'it throttles' } },
  };
});

const throttled = {
  id: 'd1',
  online: true,
  warnings: 0,
  slots: {},
  health: {
    state: 'throttled',
    reasons: ['95 °C'],
    problems: [{ kind: 'too-hot', what: '95 °C' }],
  },
} as unknown as DeviceSummary;
const well = { ...throttled, id: 'd2', health: { state: 'ok', reasons: [], problems: [] } } as DeviceSummary;

describe('A state and a problem that were added to the tables of health', () => {
  it('are taken by the API, and rules look at the problem and say it in words', () => {
    expect(Value.Check(DeviceHealth, throttled.health)).toBe(true);
    expect(Value.Check(HealthCounts, { ok: 1, throttled: 1, degraded: 0, blind: 0, offline: 0 })).toBe(true);
    const when = { kind: 'health', problems: ['too-hot'] } as unknown as AlertRuleDraft['when'];
    expect(Value.Check(AlertRuleDraft, { name: 'hot', when })).toBe(true);
    expect(conditionWords(when)).toBe('too hot');
    expect(problemKinds.at(-1)).toEqual(['too-hot', 'too hot']);
  });

  it('are counted by the controller', () => {
    const registry = new DeviceRegistry(new FakeClock(), new SeriesTable(10));
    expect(registry.overview().health).toEqual({ ok: 0, throttled: 0, degraded: 0, blind: 0, offline: 0 });
  });

  it('have their filter on the fleet page, and need attention', () => {
    const filter = readFilter(new Map([['status', 'throttled']]));
    expect(selectDevices([well, throttled], filter)).toEqual([throttled]);
    expect([well, throttled].map(needsAttention)).toEqual([false, true]);
  });
});

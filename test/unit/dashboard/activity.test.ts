import { describe, expect, it } from 'vitest';
import type { AuditEntry, FleetEvent } from '../../../src/api/index.ts';
import { readFilter, sourcesOf } from '../../../src/dashboard/activity/filter.ts';
import { mergeActivity } from '../../../src/dashboard/activity/stream.ts';

const events = (...times: number[]) => times.map((at) => ({ id: `e${at}`, receivedMs: at }) as FleetEvent);
const audit = (...times: number[]) => times.map((at) => ({ seq: at, timeMs: at }) as AuditEntry);
const keys = ({ rows }: ReturnType<typeof mergeActivity>) => rows.map(({ key }) => key);

describe('The stream of activity', () => {
  it('has both sources by time, newest first', () => {
    const merged = mergeActivity({ rows: events(9, 4) }, { rows: audit(7, 5) });
    expect(keys(merged)).toEqual(['e9', '7', '5', 'e4']);
    expect(merged.more).toBeUndefined();
  });

  it('ends where a source that has more pages ends, and asks that source next', () => {
    const merged = mergeActivity({ rows: events(9, 6), next: 6 }, { rows: audit(8, 3, 1), next: 1 });
    expect(keys(merged)).toEqual(['e9', '8', 'e6']);
    expect(merged.more).toBe('device');
    const later = mergeActivity({ rows: events(9, 6, 2) }, { rows: audit(8, 3, 1), next: 1 });
    expect(keys(later)).toEqual(['e9', '8', 'e6', '3', 'e2', '1']);
    expect(later.more).toBe('person');
  });
});

describe('A filter of activity', () => {
  it.each([
    [{}, true, { events: true, audit: true }],
    [{}, false, { events: true, audit: false }],
    [{ who: 'ann' }, true, { events: false, audit: true }],
    [{ severity: 'error' }, true, { events: true, audit: false }],
    [{ severity: 'loud' }, true, { events: true, audit: true }],
    [{ from: 'people' }, true, { events: false, audit: true }],
    [{ from: 'devices' }, true, { events: true, audit: false }],
  ] as const)('%j of an admin (%j) asks %j', (query, isAdmin, sources) => {
    expect(sourcesOf(readFilter(new Map(Object.entries(query))), isAdmin)).toEqual(sources);
  });
});

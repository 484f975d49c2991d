import type { Alert, DriftIncident } from '../../../src/api/index.ts';
import {
  type AlertRuleRow,
  addSample,
  type Change,
  type EventRow,
  emptyAggregate,
  type MetricsRow,
  type SeriesRow,
  type TokenRow,
} from '../../../src/controller/index.ts';
import { incidentOf, incidentRow } from '../../fakes/drift-events.ts';

export const minute = 60_000;
export const hour = 3_600_000;
export const day = 86_400_000;
export const t0 = Math.floor(1_790_000_000_000 / hour) * hour;

export const series: readonly SeriesRow[] = [
  { id: 1, name: 'fps', labels: { camera: 'front' }, unit: '1', kind: 'gauge' },
  { id: 2, name: 'latency', labels: {}, unit: 'seconds', kind: 'histogram' },
  { id: 3, name: 'frames', labels: {}, unit: '1', kind: 'counter' },
  { id: 4, name: 'fps', labels: { camera: 'rear' }, unit: '1', kind: 'gauge' },
];
export const token: TokenRow = {
  ...{ id: 'a', name: 'ann', role: 'admin', hash: 'ff', createdMs: t0, createdBy: 'system' },
  scope: { groups: ['hall-1'], labels: { site: 'berlin' } },
};
export const reported = {
  ...{ generation: 4, session: 1, timeMs: t0, slots: {}, pipelines: {} },
};
export const rule: AlertRuleRow = {
  ...{ id: 'r1', name: 'blind', enabled: true, when: { kind: 'offline' }, forSeconds: 60 },
  ...{ scope: { groups: [], devices: [] }, severity: 'error', renotifyMinutes: 0 },
  ...{ notify: { to: 'https://h.example/', signed: true }, notifySecret: 'key' },
  ...{ createdMs: 1, changedMs: 1 },
};

export type Sample = readonly [timeMs: number, series: number, value: number];

export function batch(device: string, sequence: number, samples: readonly Sample[], session = 1): MetricsRow {
  return {
    ...{ device, session, sequence, histograms: [] },
    timesMs: Float64Array.from(samples, ([timeMs]) => timeMs),
    series: Uint32Array.from(samples, ([, id]) => id),
    values: Float64Array.from(samples, ([, , value]) => value),
  };
}

export function event(id: string, change: Partial<EventRow> = {}): EventRow {
  return {
    ...{ id, device: 'd1', timeMs: t0, receivedMs: t0, kind: 'camera.lost', severity: 'error', message: 'm' },
    ...change,
  };
}

export function incident(device: string, startedMs: number, change: Partial<DriftIncident> = {}): Change {
  const row = incidentRow(incidentOf(device, startedMs, { id: `${device}.${startedMs}`, ...change }));
  return { kind: 'drift-incident', row };
}

export type Status = Extract<Change, { kind: 'drift-status' }>['change'];

export function status(state: Status['state'], timeMs: number, change: Partial<Status> = {}): Change {
  return { kind: 'drift-status', device: 'd1', change: { camera: 'front', timeMs, state, ...change } };
}

export function alert(id: string, firedMs: number, change: Partial<Alert> = {}): Change {
  return {
    kind: 'alert',
    alert: {
      ...{ id, rule: 'r1', ruleName: 'blind', severity: 'error', state: 'firing', subject: 'd1/front' },
      ...{ device: 'd1', summary: 'blind', sinceMs: firedMs, firedMs, notified: 1 },
      ...change,
    },
  };
}

/** What all these samples give per step, whoever sent them. */
export function rolledUp(samples: readonly (readonly [atMs: number, value: number])[], stepMs: number) {
  const steps = new Map<number, ReturnType<typeof emptyAggregate>>();
  for (const [atMs, value] of samples) {
    const start = t0 + Math.floor(atMs / stepMs) * stepMs;
    const into = steps.get(start) ?? emptyAggregate();
    steps.set(start, into);
    addSample(into, t0 + atMs, value);
  }
  return steps;
}

/** Every page, one after the other. */
export async function all<T>(
  pageOf: (query: { before?: number }) => Promise<readonly [readonly T[], number | undefined]>,
): Promise<T[]> {
  const rows: T[] = [];
  let [page, next] = await pageOf({});
  rows.push(...page);
  while (next !== undefined) {
    [page, next] = await pageOf({ before: next });
    rows.push(...page);
  }
  return rows;
}

import type { AuditEntry, FleetEvent } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { SeriesRow } from './rows.ts';

/* Rows of tables, whose columns have the same names in every database, as what they mean. */

type Row = Readonly<Record<string, unknown>>;

/** A severity is kept as its place in this list. */
export const severities = ['info', 'warning', 'error', 'critical'] as const;

export function parseJson<T>(value: unknown): T | undefined {
  return typeof value === 'string' ? (JSON.parse(value) as T) : undefined;
}

/** What an event is counted as; its index entries and fixed columns are taken as 150 bytes. */
export function eventBytes(messageLength: number, dataLength: number): number {
  return 150 + messageLength + dataLength;
}

/** Earliest and latest of at least one time. */
export function timeRange(timesMs: Float64Array): [startMs: number, endMs: number] {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const timeMs of timesMs) {
    if (timeMs < start) start = timeMs;
    if (timeMs > end) end = timeMs;
  }
  return [start, end];
}

export function seriesOf(row: Row): SeriesRow {
  return {
    id: Number(row.id),
    name: String(row.name),
    labels: parseJson<Record<string, string>>(row.labels) ?? {},
    unit: String(row.unit),
    kind: String(row.kind) as SeriesRow['kind'],
  };
}

export function eventOf(row: Row): FleetEvent {
  const data = parseJson<Record<string, unknown>>(row.data);
  return {
    seq: Number(row.seq),
    id: String(row.id),
    device: String(row.name),
    timeMs: Number(row.time_ms),
    receivedMs: Number(row.received_ms),
    kind: String(row.kind),
    severity: severities[Number(row.severity)] ?? 'info',
    message: String(row.message),
    ...(row.camera === null ? {} : { camera: String(row.camera) }),
    ...defined({ data }),
  };
}

export function auditOf(row: Row): AuditEntry {
  return {
    seq: Number(row.seq),
    timeMs: Number(row.time_ms),
    actor: String(row.actor),
    action: String(row.action),
    target: String(row.target),
    result: String(row.result),
    detail: String(row.detail),
    hash: String(row.hash),
  };
}

import type { DriftIncident, FleetEvent } from '../../src/api/index.ts';
import type { DriftIncidentRow } from '../../src/controller/index.ts';
import type { DriftEventData, DriftStatus, DriftVerdict } from '../../src/protocol/index.ts';

export const frozen: DriftVerdict = { kind: 'sensor-fault', detail: 'frozen' };
export const hazier: DriftVerdict = { kind: 'scene-change', detail: 'hazier' };
export const regression: DriftVerdict = { kind: 'model-regression' };

const words = ({ kind, detail }: DriftVerdict) =>
  detail === undefined ? kind.replace('-', ' ') : `${kind.replace('-', ' ')}: ${detail}`;

/** What a device says in the data of a drift event. Without `logRunLengthS` a rule speaks. */
export function driftData(
  verdict: DriftVerdict,
  logRunLengthS?: number,
  change: Partial<DriftEventData> = {},
): DriftEventData {
  return {
    incident: 1,
    verdict,
    grade: 'alarm',
    secondsSinceFirstSign: 5,
    signals:
      logRunLengthS === undefined
        ? []
        : [{ name: 'contrast', value: 0.1, usual: 0.2, deviations: -9, logRunLengthS }],
    ...change,
  };
}

export function driftEvent(
  seq: number,
  device: string,
  kind: 'drift.alarm' | 'drift.changed' | 'drift.cleared',
  data: DriftEventData,
  timeMs: number,
  camera = 'front',
): FleetEvent {
  return {
    seq,
    id: `event-${String(seq).padStart(4, '0')}`,
    device,
    timeMs,
    receivedMs: timeMs,
    kind,
    severity: kind === 'drift.cleared' ? 'info' : data.verdict.kind === 'sensor-fault' ? 'error' : 'warning',
    message: words(data.verdict),
    camera,
    data,
  };
}

export function driftStatus(change: Partial<DriftStatus> = {}): DriftStatus {
  return { state: 'watching', watched: ['sensor'], signals: [], ...change };
}

export function incidentOf(
  device: string,
  startedMs: number,
  change: Partial<DriftIncident> = {},
  camera = 'front',
): DriftIncident {
  const name = `${device}/${camera}`;
  return {
    id: `${device}.${camera}.event`,
    device,
    camera,
    verdict: hazier,
    grade: 'alarm',
    message: 'scene change: hazier',
    severity: 'warning',
    startedMs,
    changedMs: startedMs,
    signals: [],
    believed: true,
    cohort: { scope: 'camera', name, cameras: 1, alarmed: 1, pValue: 1, sameAs: [] },
    ...change,
  };
}

export function incidentRow(
  incident: DriftIncident,
  logRunLengthS?: number,
  heardMs = incident.startedMs,
): DriftIncidentRow {
  return { incident, number: 1, seq: 1, heardMs, ...(logRunLengthS === undefined ? {} : { logRunLengthS }) };
}

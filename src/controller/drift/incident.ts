import type { DriftCohort, DriftIncident, FleetEvent } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import type { DriftEventData, DriftSignal, DriftVerdict } from '../../protocol/index.ts';
import type { DriftIncidentRow } from '../store/rows.ts';

/** Alarms of one family can have a cause in common: a site that went dark, or a model that got worse. */
export type DriftFamily = 'sensor' | 'scene' | 'output';

export function familyOf({ kind }: DriftVerdict): DriftFamily {
  if (kind === 'sensor-fault') return 'sensor';
  return kind === 'scene-change' ? 'scene' : 'output';
}

/**
 * Alarms that can have one cause: the same fault or change by name. What a bad model does to its output has no such name: it
 * shows as another mix on one camera and as a regression on the next.
 */
export function causeOf(verdict: DriftVerdict): string {
  const family = familyOf(verdict);
  return family === 'output' ? family : `${verdict.kind} ${verdict.detail ?? ''}`.trimEnd();
}

export function cameraKey(device: string, camera: string): string {
  return `${device}/${camera}`;
}

export function sameVerdict(one: DriftVerdict, other: DriftVerdict): boolean {
  return one.kind === other.kind && one.detail === other.detail;
}

/** The surest of some signals. */
export function strongest(signals: readonly DriftSignal[]): number | undefined {
  const logs = signals.flatMap(({ logRunLengthS }) => (logRunLengthS === undefined ? [] : [logRunLengthS]));
  return logs.length === 0 ? undefined : Math.max(...logs);
}

export function aloneCohort(device: string, camera: string): DriftCohort {
  return {
    scope: 'camera',
    name: cameraKey(device, camera),
    cameras: 1,
    alarmed: 1,
    pValue: 1,
    sameAs: [],
  };
}

/** A device whose clock is ahead does not report from the future. */
export function timeOf(event: FleetEvent): number {
  return Math.min(event.timeMs, event.receivedMs);
}

export function newIncident(event: FleetEvent, camera: string, data: DriftEventData): DriftIncidentRow {
  const timeMs = timeOf(event);
  const startedMs = Math.max(0, timeMs - Math.round(data.secondsSinceFirstSign * 1000));
  const evidence = strongest(data.signals);
  const incident: DriftIncident = {
    // Ids of events are unique on their device.
    id: `${event.device}.${event.id}`,
    device: event.device,
    camera,
    verdict: data.verdict,
    grade: data.grade,
    ...defined({ expectedLoss: data.expectedLoss, expectedLossRange: data.expectedLossRange }),
    message: event.message,
    severity: event.severity,
    startedMs,
    changedMs: timeMs,
    signals: [...data.signals],
    // A rule or a wrong answer to a known frame is no statistic: there is nothing to disbelieve.
    believed: evidence === undefined,
    cohort: aloneCohort(event.device, camera),
    ...defined({ modelDigest: data.modelDigest, profileDigest: data.profileDigest, frame: data.frame }),
  };
  return {
    incident,
    number: data.incident,
    seq: event.seq,
    heardMs: event.receivedMs,
    ...defined({ logRunLengthS: evidence }),
  };
}

const mostEarlier = 8;

/** What it was before, where that is another name or grade: the first, since that is what was reported, and the latest. */
function earlierOf(
  { earlier = [], startedMs, changedMs, verdict, grade, message }: DriftIncident,
  fresh: DriftIncident,
): DriftIncident['earlier'] {
  const same = sameVerdict(verdict, fresh.verdict) && grade === fresh.grade;
  const timeMs = earlier.length === 0 ? startedMs : changedMs;
  const [first, ...rest] = same ? earlier : [...earlier, { timeMs, verdict, grade, message }];
  return first === undefined ? undefined : [first, ...rest.slice(1 - mostEarlier)];
}

/** The same incident turned out to be something else, or was raised again by an agent that had been restarted. */
export function changedIncident(
  row: DriftIncidentRow,
  event: FleetEvent,
  data: DriftEventData,
): DriftIncidentRow {
  const fresh = newIncident(event, row.incident.camera, data);
  // What it costs is what it costs now: of the last event alone.
  const { expectedLoss: _, expectedLossRange: __, ...before } = row.incident;
  const logs = [row.logRunLengthS, fresh.logRunLengthS].filter((log) => log !== undefined);
  return {
    incident: {
      ...before,
      ...fresh.incident,
      id: row.incident.id,
      startedMs: row.incident.startedMs,
      believed: row.incident.believed || fresh.incident.believed,
      cohort: row.incident.cohort,
      ...defined({ earlier: earlierOf(row.incident, fresh.incident) }),
    },
    number: data.incident,
    seq: event.seq,
    heardMs: row.heardMs,
    ...(logs.length === 0 ? {} : { logRunLengthS: Math.max(...logs) }),
  };
}

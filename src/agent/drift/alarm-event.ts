import { defined, toBase64 } from '../../base/index.ts';
import type { DriftAlarm, Grade, SignalEvidence, Verdict } from '../../drift/index.ts';
import { thumbnailHeight, thumbnailWidth } from '../../perception/index.ts';
import type { DriftEventData, DriftEventKind, DriftSignal, DriftVerdict } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';

const kinds: Readonly<Record<DriftAlarm['phase'], DriftEventKind>> = {
  raised: 'drift.alarm',
  changed: 'drift.changed',
  cleared: 'drift.cleared',
};

export interface AlarmContext {
  readonly camera: string;
  /** The incident's number over the life of the agent. */
  readonly incident: number;
  readonly modelDigest: string | undefined;
  readonly profileDigest: string | undefined;
  readonly frame: string | undefined;
}

/** An alarm as the fleet reads it. */
export function alarmEvent(alarm: DriftAlarm, context: AlarmContext): AgentEvent {
  const { phase, verdict, grade, expectedLoss, expectedLossRange, message, signals, view, atMs, sinceMs } =
    alarm;
  const { camera, incident, modelDigest, profileDigest, frame } = context;
  const data: DriftEventData = {
    incident,
    verdict: wireVerdict(verdict),
    grade,
    ...(expectedLoss === undefined ? {} : { expectedLoss: short(expectedLoss) }),
    ...(expectedLossRange === undefined
      ? {}
      : { expectedLossRange: [short(expectedLossRange[0]), short(expectedLossRange[1])] }),
    secondsSinceFirstSign: Math.max(0, Math.round((atMs - sinceMs) / 100) / 10),
    signals: signals.map(wireEvidence),
    ...(view === undefined
      ? {}
      : { view: { width: thumbnailWidth, height: thumbnailHeight, grey: toBase64(view) } }),
    ...defined({ modelDigest, profileDigest, frame }),
  };
  const cleared = phase === 'cleared';
  return {
    kind: kinds[phase],
    severity: cleared ? 'info' : severityOf(grade, verdict),
    message: cleared ? `Over: ${message}` : message,
    camera,
    data,
  };
}

/** A notice shows in the dashboard; an alarm also notifies people. */
function severityOf(grade: Grade, verdict: Verdict): AgentEvent['severity'] {
  if (grade === 'notice') return 'info';
  return verdict.kind === 'sensor-fault' ? 'error' : 'warning';
}

export function wireVerdict(verdict: Verdict): DriftVerdict {
  if (verdict.kind === 'sensor-fault') return { kind: verdict.kind, detail: verdict.fault };
  if (verdict.kind === 'scene-change') return { kind: verdict.kind, detail: verdict.change };
  return { kind: verdict.kind };
}

function wireEvidence({ name, value, usual, deviations, logRunLengthS }: SignalEvidence): DriftSignal {
  return {
    name,
    value: short(value),
    ...(usual === undefined || Number.isNaN(usual) ? {} : { usual: short(usual) }),
    deviations: short(deviations),
    logRunLengthS: short(logRunLengthS),
  };
}

/** Four digits are more than a signal is worth; NaN does not pass the wire. */
export function short(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : 0;
}

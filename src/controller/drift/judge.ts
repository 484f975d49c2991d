import {
  alarmPValue,
  type CohortMember,
  channels,
  defaultCohortOptions,
  falseDiscoveries,
  judgeCohort,
} from '../../drift/index.ts';
import type { DriftCohort, DriftIncident } from '../api.ts';
import { cameraKey, type DriftIncidentRow, familyOf } from './incident.ts';

/** One camera that devices watch for drift now. */
export interface WatchedCamera {
  readonly device: string;
  readonly camera: string;
  readonly groups: readonly string[];
  readonly model: string | undefined;
  /** It has a reference: its model and scene are judged, not only its sensor. */
  readonly judged: boolean;
  /** Mean days between its false alarms, as set. */
  readonly falseAlarmDays: number;
}

export interface JudgeOptions {
  /** Share of false ones among the alarms that are believed, over the whole fleet. */
  readonly falseDiscoveryRate: number;
}

export const defaultJudgeOptions: JudgeOptions = { falseDiscoveryRate: 0.1 };

const day = 86_400_000;
/** Alarms that begin within half an hour of each other may have one cause. */
export const togetherMs = 1_800_000;
/** A wave of alarms takes a few turns of a second, so that the event loop is not held: cameras looked at per turn. */
const camerasPerTurn = 40_000;

export interface Judged {
  readonly row: DriftIncidentRow;
  readonly incident: DriftIncident;
}

/**
 * What the open incidents mean for the fleet: which are to be believed, and whose they are. Gives those whose answer
 * changed. `recent`: incidents that began within the last week, open ones too.
 */
export function judgeFleet(
  open: readonly DriftIncidentRow[],
  recent: readonly DriftIncident[],
  cameras: readonly WatchedCamera[],
  nowMs: number,
  { falseDiscoveryRate }: JudgeOptions,
): Judged[] {
  const believed = believedOf(open, cameras, nowMs, falseDiscoveryRate);
  const turn = turnOf(open, cameras.length, nowMs);
  const changed: Judged[] = [];
  for (const row of open) {
    const { incident } = row;
    const cohort = turn.has(incident.id)
      ? (cohortOf(incident, recent, cameras, nowMs) ?? incident.cohort)
      : incident.cohort;
    const pValue = pValueOf(row, nowMs);
    const next: DriftIncident = {
      ...incident,
      cohort,
      believed: incident.believed || believed.has(incident.id),
      ...(pValue === undefined ? {} : { pValue }),
    };
    if (isNews(incident, next)) changed.push({ row, incident: next });
  }
  return changed;
}

/** Whose cohort is looked at now: others may still join a young incident, and all of them get their turn. */
function turnOf(open: readonly DriftIncidentRow[], cameras: number, nowMs: number): ReadonlySet<string> {
  const young = open.filter(({ heardMs }) => nowMs - heardMs <= 2 * togetherMs);
  const many = Math.max(2, Math.floor(camerasPerTurn / Math.max(1, cameras)));
  if (young.length <= many) return new Set(young.map(({ incident }) => incident.id));
  const first = Math.floor(nowMs / 1000) * many;
  return new Set(
    Array.from({ length: many }, (_, i) => young[(first + i) % young.length]?.incident.id ?? ''),
  );
}

/** The p-value moves a little with every minute that an incident lasts; that alone is not written down. */
function isNews(before: DriftIncident, after: DriftIncident): boolean {
  if (before.believed !== after.believed) return true;
  if ((before.pValue === undefined) !== (after.pValue === undefined)) return true;
  const moved = Math.abs(
    Math.log10((after.pValue ?? 1) + 1e-300) - Math.log10((before.pValue ?? 1) + 1e-300),
  );
  return moved > 0.5 || JSON.stringify(before.cohort) !== JSON.stringify(after.cohort);
}

/** A day at least: the family is every camera that could have raised an alarm since then. */
function pValueOf({ incident, logRunLengthS }: DriftIncidentRow, nowMs: number): number | undefined {
  if (logRunLengthS === undefined) return undefined;
  return alarmPValue(logRunLengthS, Math.max(day, nowMs - incident.startedMs), channels.length);
}

/** Rules are facts: they are neither tested nor do they make room for others. */
function believedOf(
  open: readonly DriftIncidentRow[],
  cameras: readonly WatchedCamera[],
  nowMs: number,
  rate: number,
): ReadonlySet<string> {
  const tested = open.flatMap((row) => {
    const pValue = pValueOf(row, nowMs);
    return pValue === undefined ? [] : [{ id: row.incident.id, pValue }];
  });
  const family = cameras.filter(({ judged }) => judged).length;
  const chosen = falseDiscoveries(
    tested.map(({ pValue }) => pValue),
    family,
    { rate },
  );
  return new Set(chosen.map((index) => tested[index]!.id));
}

function cohortOf(
  incident: DriftIncident,
  recent: readonly DriftIncident[],
  cameras: readonly WatchedCamera[],
  nowMs: number,
): DriftCohort | undefined {
  const family = familyOf(incident.verdict);
  const ofFamily = recent.filter((other) => familyOf(other.verdict) === family);
  const near = new Set(
    ofFamily
      .filter((other) => Math.abs(other.startedMs - incident.startedMs) <= togetherMs)
      .map(({ device, camera }) => cameraKey(device, camera)),
  );
  const members: CohortMember[] = cameras
    // A camera without a reference can't say what this is about.
    .filter(({ judged }) => judged || family === 'sensor')
    .map(({ device, camera, groups, model }) => {
      const key = cameraKey(device, camera);
      return { camera: key, device, groups, model, alarmed: near.has(key) };
    });
  const own = cameraKey(incident.device, incident.camera);
  if (!members.some(({ camera }) => camera === own)) return undefined;
  const earlier = ofFamily.filter((other) => Math.abs(other.startedMs - incident.startedMs) > togetherMs);
  const verdict = judgeCohort(
    own,
    members,
    { ...defaultCohortOptions, background: backgroundOf(cameras, earlier, nowMs) },
    family === 'output',
  );
  return { ...verdict, sameAs: [...verdict.sameAs] };
}

const weekMs = 7 * day;

/**
 * Chance that a healthy camera alarms in the time around an incident: what the cameras were set to, or what was seen in
 * the last week where that is more, since a reference may promise too much. What was seen has true alarms in it, so it
 * errs towards calling an alarm the camera's own.
 */
export function backgroundOf(
  cameras: readonly WatchedCamera[],
  earlier: readonly DriftIncident[],
  nowMs: number,
): number {
  if (cameras.length === 0) return 1;
  const perDay = cameras.reduce((sum, camera) => sum + 1 / camera.falseAlarmDays, 0) / cameras.length;
  const seen = earlier.filter((incident) => nowMs - incident.startedMs <= weekMs).length;
  const seenPerDay = seen / cameras.length / 7;
  return -Math.expm1(-Math.max(perDay, seenPerDay) * ((2 * togetherMs) / day));
}

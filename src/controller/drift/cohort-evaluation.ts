import type { DriftCohort, DriftIncident } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import {
  alarmPValue,
  type CohortVerdict,
  channels,
  defaultCohortOptions,
  falseDiscoveries,
  judgeCohort,
} from '../../drift/index.ts';
import type { DriftIncidentRow } from '../store/rows.ts';
import { aloneCohort, cameraKey, causeOf, familyOf } from './incident.ts';
import type { MonitoredFleet } from './monitored-fleet.ts';

export interface EvaluationOptions {
  /** Share of false ones among the alarms that are believed, over the whole fleet. */
  readonly falseDiscoveryRate: number;
}

export const defaultEvaluationOptions: EvaluationOptions = { falseDiscoveryRate: 0.1 };

const day = 86_400_000;
const weekMs = 7 * day;
/** Alarms that begin within half an hour of each other may have one cause. */
export const togetherMs = 1_800_000;
/** A wave of alarms takes a few rounds of a second, so that the event loop is not held: cameras per round. */
const camerasPerRound = 8_000;

export interface EvaluatedIncident {
  readonly row: DriftIncidentRow;
  readonly incident: DriftIncident;
}

/**
 * What the open incidents mean for the fleet: which are to be believed, and whose they are. Gives those whose verdict
 * changed. `recent`: incidents that began within the last week, open ones too.
 */
export function evaluateIncidents(
  open: readonly DriftIncidentRow[],
  recent: readonly DriftIncident[],
  fleet: MonitoredFleet,
  nowMs: number,
  { falseDiscoveryRate }: EvaluationOptions,
): EvaluatedIncident[] {
  const pValues = open.map((row) => pValueOf(row, nowMs));
  // A confirmed incident stays confirmed, so it is not tested again.
  const believed = open.every(({ incident }) => incident.believed)
    ? nobody
    : believedOf(open, pValues, fleet.judged, falseDiscoveryRate);
  const cohorts = new CohortEvaluation(open, recent, fleet, nowMs);
  const changed: EvaluatedIncident[] = [];
  for (const [index, row] of open.entries()) {
    const { incident } = row;
    const pValue = pValues[index];
    const belief = incident.believed || believed.has(incident.id);
    const cohort = cohorts.cohortOf(row);
    if (belief === incident.believed && !hasMoved(incident.pValue, pValue) && sameCohort(incident, cohort))
      continue;
    const next = {
      ...incident,
      cohort: cohort ?? incident.cohort,
      believed: belief,
      ...defined({ pValue }),
    };
    changed.push({ row, incident: next });
  }
  return changed;
}

const nobody: ReadonlySet<string> = new Set();

/** The p-value moves a little with every minute that an incident lasts; that alone is not written down. */
function hasMoved(before: number | undefined, after: number | undefined): boolean {
  if (before === after) return false;
  if (before === undefined || after === undefined) return true;
  return Math.abs(Math.log10(after + 1e-300) - Math.log10(before + 1e-300)) > 0.5;
}

function sameCohort({ cohort: before }: DriftIncident, after: DriftCohort | undefined): boolean {
  if (after === undefined) return true;
  return (
    before.scope === after.scope &&
    before.name === after.name &&
    before.cameras === after.cameras &&
    before.alarmed === after.alarmed &&
    before.pValue === after.pValue &&
    before.sameAs.length === after.sameAs.length &&
    before.sameAs.every(
      (one, i) => one.scope === after.sameAs[i]?.scope && one.name === after.sameAs[i]?.name,
    )
  );
}

/** A day at least: the family is every camera that could have raised an alarm since then. */
function pValueOf(row: DriftIncidentRow, nowMs: number): number | undefined {
  const { incident, logRunLengthS } = row;
  if (logRunLengthS === undefined) return undefined;
  const lastsMs = nowMs - incident.startedMs;
  if (lastsMs > day) return alarmPValue(logRunLengthS, lastsMs, channels.length);
  let known = ofFirstDay.get(row);
  if (known === undefined) {
    known = alarmPValue(logRunLengthS, day, channels.length);
    ofFirstDay.set(row, known);
  }
  return known;
}

/** For a day it is the same every second; a row is another object when anything of it changed. */
const ofFirstDay = new WeakMap<DriftIncidentRow, number>();

/** Rules are facts: they are neither tested nor do they make room for others. */
function believedOf(
  open: readonly DriftIncidentRow[],
  pValues: readonly (number | undefined)[],
  family: number,
  rate: number,
): ReadonlySet<string> {
  const tested = open.flatMap((row, index) => {
    const pValue = pValues[index];
    return pValue === undefined ? [] : [{ id: row.incident.id, pValue }];
  });
  const chosen = falseDiscoveries(
    tested.map(({ pValue }) => pValue),
    family,
    { rate },
  );
  return new Set(chosen.map((index) => tested[index]!.id));
}

/** Alarms of one cause. */
interface CauseAlarms {
  /** Those that are open, one of a camera; sorted by their begin. */
  readonly startedMs: Float64Array;
  readonly open: readonly DriftIncident[];
  /** Of the last week, those that are over too: how often such an alarm comes. */
  readonly ofWeek: number;
}

/** By cause; of causes that have an open incident. */
function alarmsByCause(
  rows: readonly DriftIncidentRow[],
  recent: readonly DriftIncident[],
  nowMs: number,
): ReadonlyMap<string, CauseAlarms> {
  const open = new Map<string, DriftIncident[]>();
  for (const { incident } of rows) {
    const cause = causeOf(incident.verdict);
    const known = open.get(cause);
    if (known === undefined) open.set(cause, [incident]);
    else known.push(incident);
  }
  const ofWeek = new Map<string, number>();
  for (const { verdict, startedMs } of recent) {
    if (startedMs < nowMs - weekMs) continue;
    const cause = causeOf(verdict);
    ofWeek.set(cause, (ofWeek.get(cause) ?? 0) + 1);
  }
  return new Map(
    [...open].map(([cause, own]) => {
      own.sort((a, b) => a.startedMs - b.startedMs);
      const startedMs = Float64Array.from(own, (incident) => incident.startedMs);
      return [cause, { startedMs, open: own, ofWeek: ofWeek.get(cause) ?? 0 }];
    }),
  );
}

/** Index of the first number that is not below `value`. */
function firstFrom(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The cohort of each incident that is due in this round. Others may still join a young incident, so it is due for an hour;
 * one that is shared stays due, since those that share it end one by one. What is over, or has another name, counts nowhere.
 * Incidents of cameras with the same device, groups and model that began together have the same verdict.
 */
class CohortEvaluation {
  readonly #fleet: MonitoredFleet;
  readonly #nowMs: number;
  /** Keys of the incidents that are evaluated in this round. */
  readonly #dueKeys: ReadonlySet<string>;
  readonly #verdicts = new Map<string, CohortVerdict>();
  readonly #causes: ReadonlyMap<string, CauseAlarms>;
  #lastNear:
    | {
        readonly alarms: CauseAlarms;
        readonly from: number;
        readonly to: number;
        readonly cameras: ReadonlySet<string>;
      }
    | undefined;

  constructor(
    open: readonly DriftIncidentRow[],
    recent: readonly DriftIncident[],
    fleet: MonitoredFleet,
    nowMs: number,
  ) {
    this.#causes = alarmsByCause(open, recent, nowMs);
    this.#fleet = fleet;
    this.#nowMs = nowMs;
    const due = new Set<string>();
    for (const row of open) {
      const key = this.#dueKey(row);
      if (key !== undefined) due.add(key);
    }
    const keys = [...due];
    const many = Math.max(1, Math.floor(camerasPerRound / Math.max(1, fleet.size)));
    const first = Math.floor(nowMs / 1000) * many;
    this.#dueKeys = new Set(
      keys.length <= many ? keys : Array.from({ length: many }, (_, i) => keys[(first + i) % keys.length]!),
    );
  }

  /** Undefined where it is not due in this round. */
  cohortOf(row: DriftIncidentRow): DriftCohort | undefined {
    const { incident } = row;
    const key = this.#dueKey(row);
    if (key === undefined || !this.#dueKeys.has(key)) return undefined;
    let verdict = this.#verdicts.get(key);
    if (verdict === undefined) {
      verdict = this.#evaluate(incident);
      this.#verdicts.set(key, verdict);
    }
    return verdict.scope === 'camera'
      ? aloneCohort(incident.device, incident.camera)
      : { ...verdict, sameAs: [...verdict.sameAs] };
  }

  #dueKey({ incident, heardMs }: DriftIncidentRow): string | undefined {
    const isDue = this.#nowMs - heardMs <= 2 * togetherMs || incident.cohort.scope !== 'camera';
    return isDue ? this.#fleet.keyOf(incident) : undefined;
  }

  #evaluate(incident: DriftIncident): CohortVerdict {
    const family = familyOf(incident.verdict);
    // It is open, so its cause has alarms.
    const alarms = this.#causes.get(causeOf(incident.verdict))!;
    const from = firstFrom(alarms.startedMs, incident.startedMs - togetherMs);
    const to = firstFrom(alarms.startedMs, incident.startedMs + togetherMs + 1);
    const weekFrom = Math.max(from, firstFrom(alarms.startedMs, this.#nowMs - weekMs));
    const earlier = alarms.ofWeek - Math.max(0, to - weekFrom);
    const near = this.#near(alarms, from, to);
    const background = backgroundOf(this.#fleet, earlier);
    const own = cameraKey(incident.device, incident.camera);
    const options = { ...defaultCohortOptions, background };
    return judgeCohort(own, this.#fleet.members(family), near, options, family === 'output');
  }

  /** In a wave nearly every alarm has the same neighbours. */
  #near(alarms: CauseAlarms, from: number, to: number): ReadonlySet<string> {
    const last = this.#lastNear;
    if (last?.alarms === alarms && last.from === from && last.to === to) return last.cameras;
    const cameras = new Set<string>();
    for (let i = from; i < to; i++) {
      const { device, camera } = alarms.open[i]!;
      cameras.add(cameraKey(device, camera));
    }
    this.#lastNear = { alarms, from, to, cameras };
    return cameras;
  }
}

/**
 * Chance that a healthy camera alarms in the time around an incident: what the cameras were set to, or what was seen in
 * the last week where that is more, since a reference may promise too much. What was seen has true alarms in it, so it
 * errs towards calling an alarm the camera's own.
 */
export function backgroundOf(fleet: MonitoredFleet, seenInWeek: number): number {
  const { size } = fleet;
  if (size === 0) return 1;
  const perDay = Math.max(fleet.falseAlarmsPerDay, seenInWeek / size / 7);
  return -Math.expm1(-perDay * ((2 * togetherMs) / day));
}

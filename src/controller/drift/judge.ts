import {
  alarmPValue,
  type CohortMember,
  type CohortVerdict,
  channels,
  defaultCohortOptions,
  falseDiscoveries,
  judgeCohort,
} from '../../drift/index.ts';
import type { DriftCohort, DriftIncident } from '../api.ts';
import { aloneCohort, cameraKey, type DriftFamily, type DriftIncidentRow, familyOf } from './incident.ts';

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

/** The cameras of the fleet as cohorts need them; worked out once for as long as the list stands. */
export class WatchedFleet {
  readonly cameras: readonly WatchedCamera[];
  /** Cameras whose model and scene are judged. */
  readonly judged: number;
  readonly #members = new Map<DriftFamily, ReadonlyMap<string, CohortMember>>();

  constructor(cameras: readonly WatchedCamera[]) {
    this.cameras = cameras;
    this.judged = cameras.filter(({ judged }) => judged).length;
  }

  /** A camera without a reference can't say what the scene or the model is about. */
  members(family: DriftFamily): ReadonlyMap<string, CohortMember> {
    let members = this.#members.get(family);
    if (members === undefined) {
      const several = this.#devicesWithSeveral();
      members = new Map(
        this.cameras
          .filter(({ judged }) => judged || family === 'sensor')
          .map(({ device, camera, groups, model }) => {
            const key = cameraKey(device, camera);
            return [key, { camera: key, device: several.has(device) ? device : '', groups, model }];
          }),
      );
      this.#members.set(family, members);
    }
    return members;
  }

  #devicesWithSeveral(): ReadonlySet<string> {
    const once = new Set<string>();
    const several = new Set<string>();
    for (const { device } of this.cameras) (once.has(device) ? several : once).add(device);
    return several;
  }
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
const camerasPerTurn = 8_000;

/** Alarms that began within the same minutes have the same neighbours. */
const beganMs = 300_000;

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
  fleet: WatchedFleet,
  nowMs: number,
  { falseDiscoveryRate }: JudgeOptions,
): Judged[] {
  const believed = believedOf(open, fleet.judged, nowMs, falseDiscoveryRate);
  const cohorts = new CohortTurn(open, recent, fleet, nowMs);
  const changed: Judged[] = [];
  for (const row of open) {
    const { incident } = row;
    const cohort = cohorts.of(row) ?? incident.cohort;
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

/** The p-value moves a little with every minute that an incident lasts; that alone is not written down. */
function isNews(before: DriftIncident, after: DriftIncident): boolean {
  if (before.believed !== after.believed) return true;
  if ((before.pValue === undefined) !== (after.pValue === undefined)) return true;
  const moved = Math.abs(
    Math.log10((after.pValue ?? 1) + 1e-300) - Math.log10((before.pValue ?? 1) + 1e-300),
  );
  if (moved > 0.5) return true;
  return before.cohort !== after.cohort && JSON.stringify(before.cohort) !== JSON.stringify(after.cohort);
}

/** A day at least: the family is every camera that could have raised an alarm since then. */
function pValueOf({ incident, logRunLengthS }: DriftIncidentRow, nowMs: number): number | undefined {
  if (logRunLengthS === undefined) return undefined;
  return alarmPValue(logRunLengthS, Math.max(day, nowMs - incident.startedMs), channels.length);
}

/** Rules are facts: they are neither tested nor do they make room for others. */
function believedOf(
  open: readonly DriftIncidentRow[],
  family: number,
  nowMs: number,
  rate: number,
): ReadonlySet<string> {
  const tested = open.flatMap((row) => {
    const pValue = pValueOf(row, nowMs);
    return pValue === undefined ? [] : [{ id: row.incident.id, pValue }];
  });
  const chosen = falseDiscoveries(
    tested.map(({ pValue }) => pValue),
    family,
    { rate },
  );
  return new Set(chosen.map((index) => tested[index]!.id));
}

/**
 * Whose cohort is looked at in this turn. Others may still join a young incident, so it is looked at again for an hour.
 * Incidents of cameras with the same device, groups and model that began together have the same answer.
 */
class CohortTurn {
  readonly #recent: readonly DriftIncident[];
  readonly #fleet: WatchedFleet;
  readonly #nowMs: number;
  /** Of incidents that are looked at now, by id. */
  readonly #keys = new Map<string, string>();
  readonly #answers = new Map<string, CohortVerdict>();

  constructor(
    open: readonly DriftIncidentRow[],
    recent: readonly DriftIncident[],
    fleet: WatchedFleet,
    nowMs: number,
  ) {
    this.#recent = recent;
    this.#fleet = fleet;
    this.#nowMs = nowMs;
    const found = new Map<string, string>();
    for (const { incident, heardMs } of open) {
      const key = nowMs - heardMs <= 2 * togetherMs ? this.#keyOf(incident) : undefined;
      if (key !== undefined) found.set(incident.id, key);
    }
    const keys = [...new Set(found.values())];
    const many = Math.max(1, Math.floor(camerasPerTurn / Math.max(1, fleet.cameras.length)));
    const first = Math.floor(nowMs / 1000) * many;
    const turn = new Set(
      keys.length <= many ? keys : Array.from({ length: many }, (_, i) => keys[(first + i) % keys.length]),
    );
    for (const [id, key] of found) if (turn.has(key)) this.#keys.set(id, key);
  }

  /** Undefined where it is not looked at now. */
  of({ incident }: DriftIncidentRow): DriftCohort | undefined {
    const key = this.#keys.get(incident.id);
    if (key === undefined) return undefined;
    let verdict = this.#answers.get(key);
    if (verdict === undefined) {
      verdict = this.#judge(incident);
      this.#answers.set(key, verdict);
    }
    return verdict.scope === 'camera'
      ? aloneCohort(incident.device, incident.camera)
      : { ...verdict, sameAs: [...verdict.sameAs] };
  }

  #keyOf({ device, camera, verdict, startedMs }: DriftIncident): string | undefined {
    const family = familyOf(verdict);
    const own = this.#fleet.members(family).get(cameraKey(device, camera));
    if (own === undefined) return undefined;
    const began = Math.floor(startedMs / beganMs);
    return JSON.stringify([family, began, own.groups, own.model, own.device]);
  }

  #judge(incident: DriftIncident): CohortVerdict {
    const family = familyOf(incident.verdict);
    const near = new Set<string>();
    const earlier: DriftIncident[] = [];
    for (const other of this.#recent) {
      if (familyOf(other.verdict) !== family) continue;
      if (Math.abs(other.startedMs - incident.startedMs) > togetherMs) earlier.push(other);
      else near.add(cameraKey(other.device, other.camera));
    }
    const background = backgroundOf(this.#fleet.cameras, earlier, this.#nowMs);
    const own = cameraKey(incident.device, incident.camera);
    const members = [...this.#fleet.members(family).values()];
    return judgeCohort(own, members, near, { ...defaultCohortOptions, background }, family === 'output');
  }
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

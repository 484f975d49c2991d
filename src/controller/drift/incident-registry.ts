import type { DriftEnd, DriftIncident, DriftStatusChange, DriftView, FleetEvent } from '../../api/index.ts';
import { type Clock, defined } from '../../base/index.ts';
import { type DriftStatus, type Reported, readDriftEvent } from '../../protocol/index.ts';
import type { DriftIncidentRow } from '../store/rows.ts';
import { cameraKey, changedIncident, newIncident, sameVerdict, strongest, timeOf } from './incident.ts';

/** Where the registry writes what is to be kept. */
export interface IncidentJournal {
  incident(row: DriftIncidentRow): void;
  view(incident: DriftIncident, view: DriftView): void;
  status(device: string, change: DriftStatusChange): void;
}

/** A device that no longer has an incident has this long to say when it ended: its events may wait in its outbox. */
const unheardMs = 60_000;
/** So long the past is kept in memory, to know how often healthy cameras raise an alarm. */
export const incidentMemoryMs = 7 * 86_400_000;
const maxEnded = 20_000;

/**
 * The drift incidents of all cameras, as devices report them.
 *
 * INVARIANTS. At most one incident of a camera is open. An event is applied once, in the order of the database. An
 * incident that is over is never opened again.
 */
export class IncidentRegistry {
  readonly #clock: Clock;
  readonly #journal: IncidentJournal;
  readonly #open = new Map<string, DriftIncidentRow>();
  #ended: DriftIncident[] = [];
  /** Since when (monotonic) the device says nothing of an open incident. */
  readonly #missing = new Map<string, number>();
  readonly #reported = new Map<string, string>();
  #seq = 0;

  constructor(clock: Clock, journal: IncidentJournal) {
    this.#clock = clock;
    this.#journal = journal;
  }

  /** `events`: what came after the newest event that is in `rows`; `newestSeq`: of any event that there is. */
  load(
    rows: readonly DriftIncidentRow[],
    events: readonly FleetEvent[],
    newestSeq: number,
    reports: Iterable<readonly [device: string, reported: Reported | undefined]>,
  ): void {
    for (const [device, reported] of reports)
      for (const [camera, status] of Object.entries(reported?.drift ?? {}))
        this.#reported.set(cameraKey(device, camera), outline(status));
    for (const row of rows) {
      this.#seq = Math.max(this.#seq, row.seq);
      const { incident } = row;
      if (incident.endedMs === undefined) this.#open.set(cameraKey(incident.device, incident.camera), row);
      else this.#ended.push(incident);
    }
    // Where the retention took every event their numbers began anew.
    this.#seq = Math.min(this.#seq, newestSeq);
    this.applyEvents(events);
  }

  get openRows(): readonly DriftIncidentRow[] {
    return [...this.#open.values()];
  }

  openIncident(device: string, camera: string): DriftIncident | undefined {
    return this.#open.get(cameraKey(device, camera))?.incident;
  }

  /** Incidents that began after the given time, over or not. */
  startedSince(timeMs: number): DriftIncident[] {
    const open = this.openRows.map((row) => row.incident);
    return [...this.#ended, ...open].filter((incident) => incident.startedMs >= timeMs);
  }

  /** Committed events of any kind, in their order. */
  applyEvents(events: readonly FleetEvent[]): void {
    for (const event of events) {
      if (event.seq <= this.#seq) continue;
      const data = readDriftEvent(event);
      if (data === undefined || event.camera === undefined) continue;
      this.#seq = event.seq;
      const key = cameraKey(event.device, event.camera);
      const open = this.#open.get(key);
      if (event.kind === 'drift.cleared') {
        if (open !== undefined) this.#end(key, open, timeOf(event), 'cleared', event.seq);
        continue;
      }
      this.#missing.delete(key);
      // An agent that was restarted raises the same alarm again, under a new number.
      const goesOn =
        open !== undefined &&
        (event.kind === 'drift.changed' || sameVerdict(open.incident.verdict, data.verdict));
      if (open !== undefined && !goesOn) this.#end(key, open, timeOf(event), 'replaced', event.seq);
      const row = goesOn ? changedIncident(open, event, data) : newIncident(event, event.camera, data);
      this.#open.set(key, row);
      this.#journal.incident(row);
      if (data.view !== undefined) this.#journal.view(row.incident, data.view);
    }
  }

  applyReport(device: string, reported: Reported): void {
    // A device that does not report drift at all says nothing about its incidents either.
    if (reported.drift === undefined) return;
    for (const [camera, status] of Object.entries(reported.drift)) {
      const key = cameraKey(device, camera);
      const reportedNow = outline(status);
      if (this.#reported.get(key) !== reportedNow) {
        this.#reported.set(key, reportedNow);
        this.#journal.status(device, statusChange(camera, status, reported.timeMs));
      }
    }
    for (const [key, row] of this.#open) {
      if (row.incident.device !== device) continue;
      const status = reported.drift[row.incident.camera];
      if (status?.incident !== undefined) {
        this.#missing.delete(key);
        this.#strengthen(key, row, status);
      } else if (!this.#missing.has(key)) this.#missing.set(key, this.#clock.monotonicMs());
    }
  }

  /** Ends what its device has forgotten. */
  endForgotten(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, sinceMs] of this.#missing) {
      const row = this.#open.get(key);
      if (row === undefined) this.#missing.delete(key);
      else if (nowMs - sinceMs >= unheardMs)
        this.#end(key, row, Math.round(this.#clock.wallMs() - (nowMs - sinceMs)), 'unheard', row.seq);
    }
    const oldestMs = this.#clock.wallMs() - incidentMemoryMs;
    if (this.#ended.some((incident) => incident.startedMs < oldestMs) || this.#ended.length > maxEnded)
      this.#ended = this.#ended.filter((incident) => incident.startedMs >= oldestMs).slice(-maxEnded);
  }

  /** What the evaluation over the fleet found. */
  applyEvaluation(row: DriftIncidentRow, incident: DriftIncident): void {
    const key = cameraKey(incident.device, incident.camera);
    if (this.#open.get(key)?.incident.id !== incident.id) return;
    const next = { ...row, incident };
    this.#open.set(key, next);
    this.#journal.incident(next);
  }

  forgetDevice(device: string): void {
    for (const [key, row] of this.#open) if (row.incident.device === device) this.#open.delete(key);
    for (const key of [...this.#reported.keys()])
      if (key.startsWith(`${device}/`)) this.#reported.delete(key);
    for (const key of [...this.#missing.keys()]) if (key.startsWith(`${device}/`)) this.#missing.delete(key);
    this.#ended = this.#ended.filter((incident) => incident.device !== device);
  }

  /** While an alarm lasts its evidence may grow. */
  #strengthen(key: string, row: DriftIncidentRow, status: DriftStatus): void {
    const now = strongest(status.signals);
    if (now === undefined || row.logRunLengthS === undefined || now <= row.logRunLengthS) return;
    const next = { ...row, logRunLengthS: now };
    this.#open.set(key, next);
    this.#journal.incident(next);
  }

  #end(key: string, row: DriftIncidentRow, endedMs: number, endReason: DriftEnd, seq: number): void {
    const incident = {
      ...row.incident,
      endedMs: Math.max(endedMs, row.incident.startedMs),
      endReason,
    };
    this.#open.delete(key);
    this.#missing.delete(key);
    this.#ended.push(incident);
    this.#journal.incident({ ...row, incident, seq });
  }
}

function outline({ state, profile, reason }: DriftStatus): string {
  return JSON.stringify([state, profile?.digest, reason]);
}

function statusChange(camera: string, status: DriftStatus, timeMs: number): DriftStatusChange {
  const { state, reason, profile } = status;
  return {
    camera,
    timeMs,
    state,
    ...defined({ reason }),
    ...(profile === undefined ? {} : { profileDigest: profile.digest }),
  };
}

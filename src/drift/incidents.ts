import type { DriftAlarm } from './alarm.ts';
import type { Grade } from './verdict/expected-loss.ts';
import { describeVerdict, type Verdict } from './verdict/verdict.ts';

export interface IncidentOptions {
  /** Ticks in a row with the same verdict until it is raised, and until another one or a higher grade takes its place. */
  readonly raiseTicks: number;
  readonly changeTicks: number;
  /** Ticks without any sign until it is over. */
  readonly clearTicks: number;
  /** After its end the same verdict is not raised again for so long. */
  readonly coolDownMs: number;
}

type Evidence = Pick<DriftAlarm, 'signals' | 'view' | 'expectedLoss' | 'expectedLossRange'>;

/**
 * From a verdict per tick to the life of an incident.
 *
 * INVARIANTS
 * - there is one incident at a time; `raised` and `cleared` alternate, `changed` comes only between them;
 * - a verdict that was just cleared is not raised again within the cool-down, unless it says something else;
 * - a notice may become an alarm, never the other way round.
 */
export class Incidents {
  readonly #options: IncidentOptions;
  #count = 0;
  #active: Verdict | undefined;
  #grade: Grade = 'notice';
  #alarmTicks = 0;
  #candidate: string | undefined;
  #candidateTicks = 0;
  #quietTicks = 0;
  #sinceMs: number | undefined;
  #coolUntil = new Map<string, number>();

  constructor(options: IncidentOptions) {
    this.#options = options;
  }

  get active(): Verdict | undefined {
    return this.#active;
  }

  /** Of the active one. */
  get grade(): Grade {
    return this.#grade;
  }

  /** `verdict` of this tick, undefined for none. `evidence` is asked for only when an alarm goes out. */
  tick(
    verdict: Verdict | undefined,
    atMs: number,
    evidence: () => Evidence,
    grade: Grade = 'alarm',
  ): DriftAlarm | undefined {
    if (verdict === undefined) return this.#quiet(atMs, evidence);
    this.#quietTicks = 0;
    this.#sinceMs ??= atMs;
    const name = describeVerdict(verdict);
    this.#candidateTicks = name === this.#candidate ? this.#candidateTicks + 1 : 1;
    this.#candidate = name;
    this.#alarmTicks = grade === 'alarm' ? this.#alarmTicks + 1 : 0;
    if (this.#active !== undefined) {
      const worse = this.#grade === 'notice' && this.#alarmTicks >= this.#options.changeTicks;
      const stays =
        name === describeVerdict(this.#active) || this.#candidateTicks < this.#options.changeTicks;
      if (stays && !worse) return undefined;
      if (!stays) this.#active = verdict;
      if (worse) this.#grade = 'alarm';
      return this.#alarm('changed', this.#active, atMs, evidence);
    }
    if (this.#candidateTicks < this.#options.raiseTicks) return undefined;
    if (atMs < (this.#coolUntil.get(name) ?? Number.NEGATIVE_INFINITY)) return undefined;
    this.#active = verdict;
    this.#grade = grade;
    this.#count++;
    return this.#alarm('raised', verdict, atMs, evidence);
  }

  /** Ends what is active: the stream was interrupted or the reference changed. */
  end(atMs: number, evidence: () => Evidence): DriftAlarm | undefined {
    this.#candidate = undefined;
    this.#candidateTicks = 0;
    this.#quietTicks = 0;
    const verdict = this.#active;
    const alarm = verdict === undefined ? undefined : this.#alarm('cleared', verdict, atMs, evidence);
    this.#active = undefined;
    this.#grade = 'notice';
    this.#alarmTicks = 0;
    this.#sinceMs = undefined;
    return alarm;
  }

  /** The same, and it was seen that its cause is gone: the cool-down begins. */
  over(atMs: number, evidence: () => Evidence): DriftAlarm | undefined {
    if (this.#active !== undefined)
      this.#coolUntil.set(describeVerdict(this.#active), atMs + this.#options.coolDownMs);
    return this.end(atMs, evidence);
  }

  #quiet(atMs: number, evidence: () => Evidence): DriftAlarm | undefined {
    this.#candidate = undefined;
    this.#candidateTicks = 0;
    this.#alarmTicks = 0;
    this.#quietTicks++;
    if (this.#active === undefined) {
      if (this.#quietTicks >= 3) this.#sinceMs = undefined;
      return undefined;
    }
    if (this.#quietTicks < this.#options.clearTicks) return undefined;
    return this.over(atMs, evidence);
  }

  #alarm(phase: DriftAlarm['phase'], verdict: Verdict, atMs: number, evidence: () => Evidence): DriftAlarm {
    return {
      incident: this.#count,
      phase,
      verdict,
      grade: this.#grade,
      message: describeVerdict(verdict),
      atMs,
      sinceMs: this.#sinceMs ?? atMs,
      ...evidence(),
    };
  }
}

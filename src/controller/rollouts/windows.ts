import { Cron } from 'croner';
import type { Window } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { mostRollouts } from './rollout-table.ts';

const minuteMs = 60_000;
/** So far ahead an opening is looked for. */
const mostDays = 400;

/** By expression and time zone. As many as all rollouts that are kept can have. */
const schedules = new Map<string, Schedule>();
const mostSchedules = mostRollouts * 20;
/** Times that move with the clock: now, and as long ago as a window is open, with and without its grace. */
const askedTimes = 4;

/**
 * When a window opens. A day that comes every few years is searched for until it is found, so what was found once is not
 * searched again before that: until it opens, the answer is the same.
 */
class Schedule {
  readonly #cron: Cron;
  /** From `fromMs` to before `opensMs` the next opening is `opensMs`. Newest first. */
  #known: readonly { readonly fromMs: number; readonly opensMs: number }[] = [];

  constructor({ cron, timeZone }: Pick<Window, 'cron' | 'timeZone'>) {
    this.#cron = new Cron(cron, { mode: '5-part', timezone: timeZone });
  }

  /** After a time; Infinity where there is none. */
  next(afterMs: number): number {
    const known = this.#known.find(({ fromMs, opensMs }) => fromMs <= afterMs && afterMs < opensMs);
    if (known !== undefined) return known.opensMs;
    const opensMs = this.#cron.nextRun(new Date(afterMs))?.getTime() ?? Number.POSITIVE_INFINITY;
    this.#known = [{ fromMs: afterMs, opensMs }, ...this.#known.slice(0, askedTimes - 1)];
    return opensMs;
  }
}

/** InputErrors `cron-form`, `time-zone-unknown`. */
export function checkWindow({ cron, timeZone }: Window): void {
  let everOpens: boolean;
  try {
    // Near the last year that is looked at (2999), since a day that no month has is looked for until then.
    everOpens = new Cron(cron, { mode: '5-part' }).nextRun(new Date('2990-01-01')) !== null;
  } catch (cause) {
    throw refused(cron, cause instanceof Error ? cause.message : 'it is not one of cron', cause);
  }
  if (!everOpens) throw refused(cron, 'no such month has such a day');
  try {
    scheduleOf({ cron, timeZone }).next(0);
  } catch (cause) {
    throw new InputError(
      'time-zone-unknown',
      `There is no time zone "${timeZone}".`,
      'Name one of the IANA data base, such as Europe/Vienna or UTC.',
      { cause },
    );
  }
}

export type WindowKind = 'download' | 'switch';

/**
 * Whether work of a kind may be begun now, and with `begun` whether it may go on: then the grace counts too. Without a
 * window for it, always.
 */
export function isOpen(
  windows: readonly Window[] | undefined,
  kind: WindowKind,
  nowMs: number,
  begun = false,
): boolean {
  const own = windowsOf(windows, kind);
  if (own.length === 0) return true;
  return own.some((window) => {
    const minutes = window.minutes + (begun ? (window.graceMinutes ?? 0) : 0);
    return scheduleOf(window).next(nowMs - minutes * minuteMs) <= nowMs;
  });
}

/** When the next window of a kind opens; undefined where none does within a year, or there is none. */
export function nextOpening(
  windows: readonly Window[] | undefined,
  kind: WindowKind,
  nowMs: number,
): number | undefined {
  const times = windowsOf(windows, kind).flatMap((window) => {
    const opens = scheduleOf(window).next(nowMs);
    return opens > nowMs + mostDays * 1440 * minuteMs ? [] : [opens];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function windowsOf(windows: readonly Window[] | undefined, kind: WindowKind): readonly Window[] {
  return (windows ?? []).filter(({ what = 'both' }) => what === 'both' || what === kind);
}

function scheduleOf({ cron, timeZone }: Pick<Window, 'cron' | 'timeZone'>): Schedule {
  const key = `${timeZone} ${cron}`;
  const known = schedules.get(key);
  if (known !== undefined) return known;
  const schedule = new Schedule({ cron, timeZone });
  if (schedules.size >= mostSchedules) schedules.clear();
  schedules.set(key, schedule);
  return schedule;
}

function refused(cron: string, why: string, cause?: unknown): InputError {
  return new InputError(
    'cron-form',
    `"${cron}" is not a time: ${why}.`,
    'Write minute hour day month weekday, such as `0 2 * * 1-5` for 02:00 from Monday to Friday.',
    { cause },
  );
}

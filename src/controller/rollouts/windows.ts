import type { Window } from '../../api/index.ts';
import { InputError } from '../../base/index.ts';
import { type CronSchedule, checkCron, fitsDay, type LocalTime, parseCron } from './cron.ts';

const minuteMs = 60_000;
/** So far ahead an opening is looked for. */
const mostDays = 400;

/** Names of time zones are few; making a format for each look is slow. */
const formats = new Map<string, Intl.DateTimeFormat>();
const mostFormats = 700;

/** InputErrors `cron-form`, `time-zone-unknown`. */
export function checkWindow({ cron, timeZone }: Window): void {
  checkCron(cron);
  formatOf(timeZone);
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
  return own.some(({ cron, timeZone, minutes, graceMinutes = 0 }) => {
    const openedMs = lastOpening(parseCron(cron), timeZone, nowMs, minutes + (begun ? graceMinutes : 0));
    return openedMs !== undefined;
  });
}

/** When the next window of a kind opens; undefined where none does within a year, or there is none. */
export function nextOpening(
  windows: readonly Window[] | undefined,
  kind: WindowKind,
  nowMs: number,
): number | undefined {
  const times = windowsOf(windows, kind).flatMap(({ cron, timeZone }) => {
    const schedule = parseCron(cron);
    for (let at = Math.floor(nowMs / minuteMs + 1) * minuteMs; at < nowMs + mostDays * 1440 * minuteMs; ) {
      const local = localTime(timeZone, at);
      if (!fitsDay(schedule, local) || !schedule.hours.has(local.hour)) {
        at += (60 - local.minute) * minuteMs;
        continue;
      }
      if (schedule.minutes.has(local.minute)) return [at];
      at += minuteMs;
    }
    return [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

function windowsOf(windows: readonly Window[] | undefined, kind: WindowKind): readonly Window[] {
  return (windows ?? []).filter(({ what = 'both' }) => what === 'both' || what === kind);
}

/** When it opened, looking back over `minutes`. */
function lastOpening(
  schedule: CronSchedule,
  timeZone: string,
  nowMs: number,
  minutes: number,
): number | undefined {
  const oldest = nowMs - minutes * minuteMs;
  for (let at = Math.floor(nowMs / minuteMs) * minuteMs; at > oldest; ) {
    const local = localTime(timeZone, at);
    if (!fitsDay(schedule, local) || !schedule.hours.has(local.hour)) {
      at -= (local.minute + 1) * minuteMs;
      continue;
    }
    if (schedule.minutes.has(local.minute)) return at;
    at -= minuteMs;
  }
  return undefined;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function localTime(timeZone: string, atMs: number): LocalTime {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs)) parts[type] = value;
  return {
    minute: Number(parts.minute),
    hour: Number(parts.hour) % 24,
    day: Number(parts.day),
    month: Number(parts.month),
    weekday: weekdays.indexOf(parts.weekday ?? ''),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, hourCycle: 'h23', minute: 'numeric', hour: 'numeric' },
      ...{ day: 'numeric', month: 'numeric', weekday: 'short' },
    });
    if (formats.size >= mostFormats) formats.clear();
    formats.set(timeZone, format);
    return format;
  } catch (cause) {
    throw new InputError(
      'time-zone-unknown',
      `There is no time zone "${timeZone}".`,
      'Name one of the IANA data base, such as Europe/Vienna or UTC.',
      { cause },
    );
  }
}

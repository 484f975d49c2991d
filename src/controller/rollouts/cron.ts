import { InputError } from '../../base/index.ts';

/** minute, hour, day of month, month, day of week: which values fit. */
export interface CronSchedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both days are restricted: either fits, as POSIX says. */
  readonly eitherDay: boolean;
}

const fields = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12 },
  { name: 'day of the week', from: 0, to: 7 },
] as const;
const names: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
];

/** A cron expression of five fields, as POSIX crontab has it, with steps and names. InputError `cron-form`. */
export function parseCron(text: string): CronSchedule {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) throw refused(text, `it has ${parts.length} fields and not 5`);
  const [minutes, hours, days, months, weekdays] = parts.map((part, at) => valuesOf(text, part, at)) as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  if (weekdays.has(7)) weekdays.add(0);
  const eitherDay = !parts[2]?.startsWith('*') && !parts[4]?.startsWith('*');
  return { minutes, hours, days, months, weekdays, eitherDay };
}

/** Like `parseCron`, and some day has to fit. InputError `cron-form`. */
export function checkCron(text: string): void {
  const { days, months, eitherDay } = parseCron(text);
  const longest = Math.max(...[...months].map((month) => monthDays[month - 1]!));
  if (!eitherDay && Math.min(...days) > longest) throw refused(text, 'no such month has such a day');
}

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function valuesOf(text: string, part: string, at: number): Set<number> {
  const { name, from, to } = fields[at]!;
  const values = new Set<number>();
  const number = (word: string): number => {
    const named = names[at]?.indexOf(word.toLowerCase()) ?? -1;
    const value = named >= 0 && word !== '' ? named : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
    if (!(value >= from && value <= to)) throw refused(text, `"${word}" is no ${name}`);
    return value;
  };
  for (const item of part.split(',')) {
    const [range = '', stepText, more] = item.split('/');
    const step = stepText === undefined ? 1 : /^\d{1,2}$/.test(stepText) ? Number(stepText) : 0;
    if (step < 1 || more !== undefined) throw refused(text, `"${item}" is no step`);
    const [low = '', high, extra] = range.split('-');
    if (extra !== undefined) throw refused(text, `"${item}" is no range`);
    const start = range === '*' ? from : number(low);
    const end = range === '*' ? to : high !== undefined ? number(high) : stepText === undefined ? start : to;
    if (end < start) throw refused(text, `"${item}" goes backwards`);
    for (let value = start; value <= end; value += step) values.add(value);
  }
  return values;
}

function refused(text: string, why: string): InputError {
  return new InputError(
    'cron-form',
    `"${text}" is no time: ${why}.`,
    'Write minute hour day month weekday, such as `0 2 * * 1-5` for 02:00 from Monday to Friday.',
  );
}

/** What the clock on the wall of a place shows. */
export interface LocalTime {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

export function fitsDay({ days, months, weekdays, eitherDay }: CronSchedule, at: LocalTime): boolean {
  if (!months.has(at.month)) return false;
  const [day, weekday] = [days.has(at.day), weekdays.has(at.weekday)];
  return eitherDay ? day || weekday : day && weekday;
}

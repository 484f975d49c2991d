import { InvalidArgumentError, Option } from 'commander';
import { InputError, parseDurationMs } from '../base/index.ts';

/** As `timeRange` gives it; milliseconds since 1970. */
export interface TimeRange {
  readonly since?: number;
  readonly until?: number;
}

const dayMs = 86_400_000;
// As tables print a time, as ISO 8601 writes it, or a day alone; without a zone it is UTC, as in tables.
const moment = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** `30m`, `12h` or `7d` ago, `2026-12-01` or `2026-12-01T14:00Z`: milliseconds since 1970. */
export function parsePast(text: string): number {
  const written = text.trim();
  const days = /^(\d+(?:\.\d+)?)d$/.exec(written)?.[1];
  const agoMs =
    days !== undefined ? Number(days) * dayMs : /\D$/.test(written) ? parseDurationMs(written) : undefined;
  if (agoMs !== undefined) return Math.max(0, Math.round(Date.now() - agoMs));
  const timeMs = readMoment(written);
  if (timeMs !== undefined) return timeMs;
  throw new InvalidArgumentError(
    'Write how long ago (30m, 12h, 7d) or a time in UTC (2026-12-01, 2026-12-01T14:00).',
  );
}

/** A moment in milliseconds since 1970, UTC without a zone; undefined for any other text. */
export function readMoment(text: string): number | undefined {
  const [, day = '', time = '00:00', zone = 'Z'] = moment.exec(text.trim()) ?? [];
  const timeMs = Date.parse(`${day}T${time}${zone}`);
  // `Date.parse` takes the 31st of February for the 3rd of March.
  const isDay = new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(8));
  return isDay && timeMs >= 0 ? timeMs : undefined;
}

/** `what`: `entries`. */
export const sinceOption = (what: string): Option =>
  new Option(
    '--since <time>',
    `only ${what} from then on: 30m, 12h or 7d ago, or 2026-12-01T14:00`,
  ).argParser(parsePast);

/** `what`: `entries`. */
export const untilOption = (what: string): Option =>
  new Option('--until <time>', `only ${what} before then, written as --since`).argParser(parsePast);

/** As the API takes it. InputError `empty-range`. */
export function rangeQuery({ since, until }: TimeRange): { readonly from?: number; readonly to?: number } {
  if (since !== undefined && until !== undefined && since >= until)
    throw new InputError(
      'empty-range',
      '--since is not before --until.',
      'Write the earlier time after --since.',
    );
  return { ...(since === undefined ? {} : { from: since }), ...(until === undefined ? {} : { to: until }) };
}

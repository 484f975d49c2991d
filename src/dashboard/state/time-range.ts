import { useMemo } from 'preact/hooks';
import { useValue } from '../observable/value.ts';
import { refine, route } from './route.ts';

/** Time spans of charts and lists that end now. */
export const spans = [
  ['15m', '15 min', 15 * 60_000],
  ['1h', '1 h', 3_600_000],
  ['6h', '6 h', 6 * 3_600_000],
  ['1d', '1 day', 86_400_000],
  ['7d', '7 days', 7 * 86_400_000],
] as const;
export type SpanKey = (typeof spans)[number][0];

/** A stretch of time that stays where it is. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a page shows: a span that ends now, or a window that was zoomed in to. */
export interface TimeRange {
  /** Equal for equal ranges, whatever the time is. */
  readonly key: string;
  readonly span: SpanKey;
  readonly window: TimeWindow | undefined;
  readonly lengthMs: number;
}

const usualSpan = '1h';
const leastWindowMs = 10_000;
const mostWindowMs = 400 * 86_400_000;

/** From the address: `span=6h`, `window=20261202T090000Z-20261202T093000Z`; undefined where it names neither. */
export function readRange(query: ReadonlyMap<string, string>): TimeRange | undefined {
  const named = spans.find(([key]) => key === query.get('span'));
  const window = parseWindow(query.get('window'));
  if (named === undefined && window === undefined) return undefined;
  return rangeOf(named?.[0] ?? usualSpan, window);
}

function rangeOf(span: SpanKey, window: TimeWindow | undefined): TimeRange {
  const lengthMs =
    window === undefined ? spans.find(([key]) => key === span)![2] : window.toMs - window.fromMs;
  return { key: window === undefined ? span : formatWindow(window), span, window, lengthMs };
}

/** The times that a range stands for. */
export function timesOf({ window, lengthMs }: TimeRange, nowMs: number): TimeWindow {
  return window ?? { fromMs: nowMs - lengthMs, toMs: nowMs };
}

/** The query of an address, to show the same time on another page. */
export function rangeQuery(
  query: ReadonlyMap<string, string>,
): Record<'span' | 'window', string | undefined> {
  return { span: query.get('span'), window: query.get('window') };
}

/** The range of this page, for its charts; an hour where the address names none. */
export function useTimeRange(): TimeRange {
  const { query } = useValue(route);
  const [span, window] = [query.get('span'), query.get('window')];
  return useMemo(() => readRange(query) ?? rangeOf(usualSpan, undefined), [span, window]);
}

export function showSpan(span: SpanKey | ''): void {
  refine({ span, window: '' });
}

/** Zooms every chart of the page; undefined goes back to the span. */
export function showWindow(window: TimeWindow | undefined): void {
  refine({ window: window === undefined ? '' : formatWindow(widened(window)) });
}

/** The address has whole seconds, and a chart of less than a few points shows nothing. */
function widened({ fromMs, toMs }: TimeWindow): TimeWindow {
  const missing = Math.max(0, leastWindowMs - (toMs - fromMs)) / 2;
  return { fromMs: fromMs - missing, toMs: toMs + missing };
}

export function formatWindow({ fromMs, toMs }: TimeWindow): string {
  const text = (timeMs: number) =>
    new Date(Math.round(timeMs / 1000) * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${text(fromMs)}-${text(toMs)}`;
}

function parseWindow(text = ''): TimeWindow | undefined {
  const [fromMs, toMs, ...others] = text.split('-').map(parseTime);
  if (fromMs === undefined || toMs === undefined || others.length > 0) return undefined;
  return toMs > fromMs && toMs - fromMs <= mostWindowMs ? { fromMs, toMs } : undefined;
}

function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

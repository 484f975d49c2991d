/** Numbers and times as a person reads them. Pure: the time of day and the locale are arguments. */

/** What stands where no value is known; never a zero. */
export const unknown = '–';

/** Three significant digits at most, without a trailing zero: 29.9, 8.25, 104. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return unknown;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return groupThousands(Math.round(value));
  const digits = size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** Fixed decimals, so that a number that changes every second does not jump about. */
export function formatFixed(value: number | undefined, decimals: number): string {
  return value === undefined || !Number.isFinite(value) ? unknown : value.toFixed(decimals);
}

function groupThousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** `value` in milliseconds. */
export function formatLatency(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return unknown;
  if (value >= 10_000) return `${formatNumber(value / 1000)} s`;
  return `${value >= 100 ? Math.round(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Decimal units, as in the project's reports. */
export function formatBytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return unknown;
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(scaled) : formatNumber(scaled)} ${byteUnits[unit]}`;
}

/** A duration in words of one or two units: `8 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** `just now`, `8 s ago`, `3 min ago`; a time in the future (clocks differ) counts as now. */
export function formatAgo(timeMs: number | undefined, nowMs: number): string {
  if (timeMs === undefined) return 'never';
  const age = nowMs - timeMs;
  return age < 2000 ? 'just now' : `${formatDuration(age)} ago`;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** Local date and time, in an order that sorts: `2026-03-05 14:07:09`. */
export function formatTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return unknown;
  const date = new Date(timeMs);
  return `${formatDate(timeMs)} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

function formatDate(timeMs: number): string {
  const date = new Date(timeMs);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** `sha256:0123456789ab…` becomes `0123456789ab`. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** A share 0..1 as a percentage. */
export function formatShare(value: number | undefined, decimals = 1): string {
  return value === undefined || !Number.isFinite(value) ? unknown : `${(value * 100).toFixed(decimals)} %`;
}

/** `1 device`, `2 devices`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${formatNumber(value)} ${value === 1 ? one : many}`;
}

/** `camera.lost` stays as it is for machines; a person reads `Camera lost`. */
export function wordsOf(dotted: string): string {
  const words = dotted.replaceAll(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What is in a picture, in the words of the model, which have no plural of ours: `car, pedestrian × 2`. */
export function objectsIn(detections: readonly { readonly label: string }[]): string {
  const counts = new Map<string, number>();
  for (const { label } of detections) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size === 0) return 'no detections';
  return [...counts].map(([label, n]) => (n === 1 ? label : `${label} × ${n}`)).join(', ');
}

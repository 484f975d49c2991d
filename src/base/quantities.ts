/** Sizes, durations, ages and shares as a person reads them: one way for the command line and the dashboard. */

/** Three significant digits at most, without a trailing zero: 29.9, 8.25, 104. */
export function numberWords(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** In decimal units: 512 B, 8.25 kB, 104 MB. */
export function byteWords(bytes: number): string {
  let scaled = bytes;
  let unit = 0;
  // A thousand of one unit, also after it was rounded, is one of the next.
  while (Math.round(Math.abs(scaled)) >= 1000 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(scaled) : numberWords(scaled)} ${byteUnits[unit]}`;
}

/** In one unit or two: `8 s`, `3 min`, `2 h 5 min`, `4 d`. Parts of a second do not show. */
export function durationWords(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** Of a frame, or of other work that is short: `8.25 ms`, `12.3 ms`, `104 ms`, `1.25 s`. Decimals of ms are fixed, so that a number that changes stays in its place. */
export function latencyWords(ms: number): string {
  if (ms === 0) return '0 s';
  if (ms >= 60_000) return durationWords(ms);
  if (ms >= 1000) return `${numberWords(ms / 1000)} s`;
  return `${ms >= 100 ? Math.round(ms) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

/** `just now`, `8 s ago`, `3 min ago`; a time in the future (clocks differ) counts as now. */
export function ageWords(timeMs: number, nowMs: number): string {
  const ageMs = nowMs - timeMs;
  return ageMs < 2000 ? 'just now' : `${durationWords(ageMs)} ago`;
}

/** Of a time that is planned: `in 3 min`, and `8 s ago` once it has passed. */
export function dueWords(timeMs: number, nowMs: number): string {
  const aheadMs = timeMs - nowMs;
  return aheadMs >= 2000 ? `in ${durationWords(aheadMs)}` : ageWords(timeMs, nowMs);
}

/** A share 0..1: `12.5 %`. */
export function shareWords(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

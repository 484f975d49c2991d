/** Numbers and times as a person reads them. Pure: the time of day and the locale are arguments. */

import { ageWords, byteWords, latencyWords, numberWords, shareWords } from '../../base/index.ts';

/** Shown in place of an unknown value; never a zero. */
export const unknown = '–';

export { durationWords as formatDuration } from '../../base/index.ts';

/** Three significant digits at most, thousands apart: 29.9, 8.25, 1 204. */
export function formatNumber(value: number | undefined): string {
  return known(value) ? groupThousands(numberWords(value)) : unknown;
}

/** Fixed decimals, so that a number that changes every second does not jump about. */
export function formatFixed(value: number | undefined, decimals: number): string {
  return known(value) ? value.toFixed(decimals) : unknown;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

function known(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

/** `value` in milliseconds. */
export function formatLatency(value: number | undefined): string {
  return known(value) ? latencyWords(value) : unknown;
}

export function formatBytes(value: number | undefined): string {
  return known(value) ? byteWords(value) : unknown;
}

export function formatAgo(timeMs: number | undefined, nowMs: number): string {
  return timeMs === undefined ? 'never' : ageWords(timeMs, nowMs);
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
  return known(value) ? shareWords(value, decimals) : unknown;
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

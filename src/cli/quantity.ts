import { ageWords, byteWords, dueWords, latencyWords, numberWords, shareWords } from '../base/index.ts';

/** A value with a unit, as commands give it to a table or a line. Undefined: not known, which shows as `absent`, or else as `-`. */
export type Quantity = { readonly absent?: string } & (
  | { readonly timeMs: number | undefined }
  | { readonly dueMs: number | undefined }
  | { readonly durationMs: number | undefined }
  | { readonly bytes: number | undefined }
  | { readonly number: number | undefined }
  /** `decimals`: of the percentage; default 1. An estimate has none. */
  | { readonly share: number | undefined; readonly decimals?: number }
);

export interface QuantityStyle {
  /** Whether times are those of the calendar, in UTC, instead of ages. */
  readonly absolute?: boolean;
  readonly nowMs?: number;
}

export function quantityWords(
  quantity: Quantity,
  { absolute = false, nowMs = Date.now() }: QuantityStyle = {},
): string {
  const written = (value: number | undefined, words: (known: number) => string): string =>
    value === undefined || !Number.isFinite(value) ? (quantity.absent ?? '-') : words(value);
  const time = (relative: (timeMs: number, nowMs: number) => string) => (timeMs: number) =>
    absolute ? `${new Date(timeMs).toISOString().slice(0, 19)}Z` : relative(timeMs, nowMs);
  if ('timeMs' in quantity) return written(quantity.timeMs, time(ageWords));
  if ('dueMs' in quantity) return written(quantity.dueMs, time(dueWords));
  if ('durationMs' in quantity) return written(quantity.durationMs, latencyWords);
  if ('bytes' in quantity) return written(quantity.bytes, byteWords);
  if ('number' in quantity) return written(quantity.number, numberWords);
  return written(quantity.share, (share) => shareWords(share, quantity.decimals));
}

/** Whether a column of them is aligned to the right, as numbers are. */
export function isAmount(quantity: Quantity): boolean {
  return !('timeMs' in quantity || 'dueMs' in quantity);
}

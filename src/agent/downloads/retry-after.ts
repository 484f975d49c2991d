/** A server may make a device wait so long and no longer. */
const longestMs = 3_600_000;

/**
 * What a Retry-After header (RFC 9110, 10.2.3) asks for, seconds or a date, in milliseconds from `wallMs`; undefined for
 * what is neither. Bounded.
 */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wallMs;
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms));
}

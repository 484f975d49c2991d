import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 with the rule's key over the time, a dot and the body. The time is
 * signed too, so that a receiver can refuse a message that somebody recorded and sends again.
 */
export function signatureOf(secret: string, body: string, timestampMs: number): string {
  const seconds = Math.floor(timestampMs / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** What a receiver does; docs/notifications.md shows the same in other words. */
export function verifySignature(
  secret: string,
  body: string,
  signature: string,
  nowMs: number,
  toleranceMs = 300_000,
): boolean {
  const seconds = Number(/(?:^|,)t=(\d+)(?:,|$)/.exec(signature)?.[1]);
  if (!(Math.abs(nowMs - seconds * 1000) <= toleranceMs)) return false;
  const given = Buffer.from(signature);
  const expected = Buffer.from(signatureOf(secret, body, seconds * 1000));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

import type { Identity } from './ports.ts';

export type Step =
  | { readonly do: 'enrol' }
  | { readonly do: 'ask-membership' }
  | { readonly do: 'renew'; readonly late: boolean }
  | { readonly do: 'wait'; readonly forMs: number; readonly clockBehind?: true };

const day = 86_400_000;
const hour = 3_600_000;

/** What is due now. A device that was switched off for months finds out here that it is late. */
export function nextStep(
  identity: Identity | undefined,
  nowMs: number,
  needsMembership: boolean,
  /** 0..1: a fleet that was let in together shall not renew together. */
  spread: number,
): Step {
  if (identity === undefined) return { do: 'enrol' };
  if (needsMembership && identity.membership === undefined) return { do: 'ask-membership' };
  const { notBeforeMs, notAfterMs } = identity;
  // A clock that has not been set yet knows of no end.
  if (nowMs < notBeforeMs - day) return { do: 'wait', forMs: 10 * 60_000, clockBehind: true };
  const third = (notAfterMs - notBeforeMs) / 3;
  const dueMs = notAfterMs - third * (1 - 0.2 * spread);
  if (nowMs >= dueMs) return { do: 'renew', late: nowMs >= notAfterMs };
  return { do: 'wait', forMs: Math.min(dueMs - nowMs + 1000, 6 * hour) };
}

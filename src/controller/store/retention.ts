export interface RetentionTier {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** What is kept for how long; whichever of age and bytes is reached first. Audit and settings are kept for ever. */
export interface Retention {
  readonly raw: RetentionTier;
  readonly minute: RetentionTier;
  readonly hour: RetentionTier;
  readonly events: RetentionTier;
  /** Incidents that are over, and changes of the state of drift. */
  readonly drift: RetentionTier;
  /** Alerts that are resolved. */
  readonly alerts: RetentionTier;
}

const day = 86_400_000;
const gib = 1024 ** 3;
export const defaultRetention: Retention = {
  raw: { maxAgeMs: 2 * day, maxBytes: 8 * gib },
  minute: { maxAgeMs: 30 * day, maxBytes: 8 * gib },
  hour: { maxAgeMs: 730 * day, maxBytes: 4 * gib },
  events: { maxAgeMs: 365 * day, maxBytes: 1 * gib },
  drift: { maxAgeMs: 365 * day, maxBytes: 1 * gib },
  alerts: { maxAgeMs: 365 * day, maxBytes: gib / 4 },
};

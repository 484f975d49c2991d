/** What one device, and the fleet, may take of the controller. */
export interface Quotas {
  /** Different metrics in the catalogue of a device, and as many new ones a day. */
  readonly seriesPerDevice: number;
  readonly seriesOfFleet: number;
  readonly messagesPerMinute: number;
  readonly bytesPerMinute: number;
  readonly eventsPerMinute: number;
  /** Births and deaths. A birth costs as much work as hundreds of events. */
  readonly birthsPerMinute: number;
}

/**
 * An honest device drains a backlog with 200 entries a second, and then sends its births and reports too. A series takes
 * 140 to 470 bytes of memory (docs/evidence/mqtt.md), so that a full table of the fleet takes 1 GB at most.
 */
export const defaultQuotas: Quotas = {
  seriesPerDevice: 1_000,
  seriesOfFleet: 2_000_000,
  messagesPerMinute: 18_000,
  bytesPerMinute: 150_000_000,
  eventsPerMinute: 15_000,
  birthsPerMinute: 60,
};

export const exceedable = [
  'series',
  'new-series',
  'fleet-series',
  'messages',
  'bytes',
  'events',
  'births',
  'retained-previews',
] as const;

/** A limit that a device went beyond; `count`: how much was left out because of it. */
export interface ExceededQuota {
  readonly what: (typeof exceedable)[number];
  readonly limit: number;
  readonly count: number;
}

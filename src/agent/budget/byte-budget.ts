import { DaySum, type KeptDay } from './day-sum.ts';

/**
 * What leaves the device, the most important first. `frame`: hard frames, and whatever else is large and was asked for.
 * `telemetry`: traces, metrics and logs to a receiver of OTLP. `result`: streams of results, to whomever they go.
 */
export const sentKinds = ['state', 'event', 'metrics', 'frame', 'telemetry', 'result', 'preview'] as const;
export type SentKind = (typeof sentKinds)[number];

/** Up to this share of the day's bytes each kind may go: what is left above it is for those before it. */
const shares: Readonly<Record<SentKind, number>> = {
  state: 1,
  event: 0.97,
  metrics: 0.9,
  frame: 0.7,
  telemetry: 0.65,
  result: 0.6,
  preview: 0.5,
};
/** Bytes of headers that a message costs beside its topic and payload: MQTT with its properties, TLS, TCP and IP. */
const overheadBytes = 120;
const mostStretch = 60;
/** What the sum covers at most. */
const coveredMs = 25 * 3_600_000;

export interface BudgetTotals {
  readonly kind: SentKind;
  readonly sentBytes: number;
  readonly refused: number;
}

/**
 * A hard cap over all that is sent to the fleet, and as results to others.
 *
 * INVARIANTS
 * - Over any 24 hours at most `bytesPerDay` are sent, whatever the kind.
 * - A kind is refused before one that is more important is.
 * - Metrics come more rarely before they are refused: they lose resolution and no count.
 * - After a crash, what may have been sent since the last save counts as sent.
 */
export class ByteBudget {
  readonly #bytesPerDay: number;
  readonly #day: DaySum;
  readonly #metricsDay: DaySum;
  readonly #sent = new Map<SentKind, number>();
  readonly #refused = new Map<SentKind, number>();
  #batchBytes: number | undefined;
  #metricsDueMs = Number.NEGATIVE_INFINITY;

  /** `bytesPerDay`: Infinity counts and refuses nothing. `before`: of an earlier life, with what it may not have saved. */
  constructor(bytesPerDay: number, nowMs: number, before?: KeptDay, wallMs = 0) {
    this.#bytesPerDay = bytesPerDay;
    this.#day = new DaySum(nowMs, before, wallMs);
    this.#metricsDay = new DaySum(nowMs);
  }

  /** True, and it is counted, where there is room. `bytes`: of topic and payload. */
  take(kind: SentKind, bytes: number, nowMs: number): boolean {
    const cost = bytes + overheadBytes;
    if (kind === 'metrics') this.#batchBytes = mix(this.#batchBytes, cost);
    if (!this.has(kind, bytes, nowMs)) {
      this.#refused.set(kind, (this.#refused.get(kind) ?? 0) + 1);
      return false;
    }
    this.#day.add(cost, nowMs);
    if (kind === 'metrics') this.#metricsDay.add(cost, nowMs);
    this.#sent.set(kind, (this.#sent.get(kind) ?? 0) + cost);
    return true;
  }

  has(kind: SentKind, bytes: number, nowMs: number): boolean {
    return this.usedBytes(nowMs) + bytes + overheadBytes <= this.#bytesPerDay * shares[kind];
  }

  /** For a batch as they were lately. */
  hasMetricsRoom(nowMs: number): boolean {
    return this.has('metrics', this.#batchBytes ?? 0, nowMs);
  }

  /**
   * Whether a batch of metrics is to be made now, where there would be one every `everyMs`: so that what is left for them
   * lasts for a day.
   */
  metricsDue(everyMs: number, nowMs: number): boolean {
    // A timer is never exact.
    if (nowMs < this.#metricsDueMs - everyMs / 2) return false;
    this.#metricsDueMs = nowMs + everyMs * this.stretch(everyMs, nowMs);
    return true;
  }

  /** One batch of metrics in so many times `everyMs`. */
  stretch(everyMs: number, nowMs: number): number {
    if (this.#batchBytes === undefined || this.#bytesPerDay === Number.POSITIVE_INFINITY) return 1;
    const others = this.usedBytes(nowMs) - this.#metricsDay.total(nowMs);
    const allowed = Math.max(1, shares.metrics * this.#bytesPerDay - others);
    const wanted = this.#batchBytes * (coveredMs / everyMs);
    return Math.min(mostStretch, Math.max(1, Math.ceil(wanted / allowed)));
  }

  usedBytes(nowMs: number): number {
    return this.#day.total(nowMs);
  }

  get bytesPerDay(): number {
    return this.#bytesPerDay;
  }

  totals(): readonly BudgetTotals[] {
    return sentKinds.map((kind) => ({
      kind,
      sentBytes: this.#sent.get(kind) ?? 0,
      refused: this.#refused.get(kind) ?? 0,
    }));
  }

  keep(wallMs: number, nowMs: number): KeptDay {
    return this.#day.keep(wallMs, nowMs);
  }
}

/** The mean of about the last ten. */
function mix(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + (value - mean) / 10;
}

import type { OutboxIndex } from './outbox-index.ts';
import type { EntryInfo } from './store.ts';

export interface DispatchPolicy {
  /** Most entries that are sent and not acknowledged; the receiver's pace becomes ours. */
  readonly window: number;
  /** Entries per second, so that a fleet that comes back together does not drown the controller. */
  readonly perSecond: number;
  /** An entry that is not acknowledged by then is sent again; doubled with every attempt. */
  readonly ackTimeoutMs: number;
  readonly maxAckTimeoutMs: number;
}

export const defaultDispatchPolicy: DispatchPolicy = {
  window: 32,
  perSecond: 50,
  ackTimeoutMs: 30_000,
  maxAckTimeoutMs: 600_000,
};

const firstRetryMs = 1_000;

interface Sent {
  readonly attempts: number;
  /** It left and was not acknowledged; false when it could not leave. */
  readonly left: boolean;
  /** Monotonic; when it is due again. */
  readonly dueMs: number;
}

/** When which entry is sent: events first, each kind in order, in a window, at a pace. Times are monotonic. */
export class Dispatch {
  readonly #policy: DispatchPolicy;
  readonly #sent = new Map<number, Sent>();
  #tokens: number;
  #tokensAtMs = 0;

  constructor(policy: DispatchPolicy) {
    this.#policy = policy;
    this.#tokens = policy.window;
  }

  /** Entries to send now; they count as under way from here on. `notYet`: entries that are not on the disk yet. */
  take(index: OutboxIndex, nowMs: number, notYet: ReadonlySet<number>): EntryInfo[] {
    this.#refill(nowMs);
    const taken: EntryInfo[] = [];
    const underWay = this.#underWay(nowMs);
    for (const kind of ['event', 'metrics'] as const)
      for (const info of index.of(kind)) {
        if (underWay + taken.length >= this.#policy.window || this.#tokens < 1) return taken;
        const sent = this.#sent.get(info.entry);
        if (notYet.has(info.entry) || (sent !== undefined && sent.dueMs > nowMs)) continue;
        const attempts = (sent?.attempts ?? 0) + 1;
        const waitMs = Math.min(
          this.#policy.maxAckTimeoutMs,
          this.#policy.ackTimeoutMs * 2 ** Math.min(attempts - 1, 20),
        );
        this.#sent.set(info.entry, { attempts, left: true, dueMs: nowMs + waitMs });
        this.#tokens -= 1;
        taken.push(info);
      }
    return taken;
  }

  /** True when it was sent before. */
  isRepeat(entry: number): boolean {
    return (this.#sent.get(entry)?.attempts ?? 0) > 1;
  }

  /** It did not leave on a connection that stands: again soon, then ever later. */
  failed(entry: number, nowMs: number): void {
    const attempts = this.#sent.get(entry)?.attempts;
    if (attempts === undefined) return;
    const waitMs = Math.min(this.#policy.maxAckTimeoutMs, firstRetryMs * 2 ** Math.min(attempts - 1, 20));
    this.#sent.set(entry, { attempts, left: false, dueMs: nowMs + waitMs });
  }

  forget(entry: number): void {
    this.#sent.delete(entry);
  }

  /** A new connection: what was under way on the old one may be lost, so all of it is due. */
  reconnected(): void {
    for (const [entry, sent] of this.#sent) this.#sent.set(entry, { ...sent, dueMs: 0 });
  }

  /** How long nothing can be due, at least 1 ms; undefined when only an acknowledgement or a new entry changes anything. */
  waitMs(index: OutboxIndex, nowMs: number, notYet: ReadonlySet<number>): number | undefined {
    this.#refill(nowMs);
    let firstDueMs = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#sent.values()) firstDueMs = Math.min(firstDueMs, dueMs);
    const paceMs = Math.max(0, ((1 - this.#tokens) * 1000) / this.#policy.perSecond);
    const unsent = index.size - notYet.size > this.#sent.size;
    if (unsent && this.#underWay(nowMs) < this.#policy.window) return Math.max(1, paceMs);
    if (firstDueMs === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(1, firstDueMs - nowMs, paceMs);
  }

  #underWay(nowMs: number): number {
    let count = 0;
    for (const { left, dueMs } of this.#sent.values()) if (left && dueMs > nowMs) count++;
    return count;
  }

  #refill(nowMs: number): void {
    const { perSecond, window } = this.#policy;
    this.#tokens = Math.min(window, this.#tokens + ((nowMs - this.#tokensAtMs) * perSecond) / 1000);
    this.#tokensAtMs = nowMs;
  }
}

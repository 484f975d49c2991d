import type { OutboxIndex } from './outbox-index.ts';
import type { EntryInfo } from './store.ts';

export interface DispatchPolicy {
  /** Most entries of a backlog, and of what is new, that are sent and not acknowledged: the receiver's pace becomes ours. */
  readonly window: number;
  /** Entries per second, so that a fleet that comes back together does not drown the controller. */
  readonly perSecond: number;
  /** Entries that may go at once after a pause. */
  readonly burst: number;
  /** An entry that is not acknowledged by then is sent again; doubled with every attempt. */
  readonly ackTimeoutMs: number;
  readonly maxAckTimeoutMs: number;
}

export const defaultDispatchPolicy: DispatchPolicy = {
  // Acknowledgements come in bundles after up to 1.3 s, so a window of one second's pace and a half keeps the pace up.
  window: 300,
  perSecond: 200,
  burst: 32,
  ackTimeoutMs: 30_000,
  maxAckTimeoutMs: 600_000,
};

const firstRetryMs = 1_000;
const kinds = ['event', 'metrics'] as const;

interface Sent {
  readonly attempts: number;
  /** It left and was not acknowledged; false when it could not leave. */
  readonly left: boolean;
  /** Monotonic; when it is due again. */
  readonly dueMs: number;
}

/**
 * When which entry is sent, at a pace: first what is new on this connection, then what it found waiting, each in a window.
 * Of both events go before metrics, and each kind in order. Times are monotonic.
 */
export class Dispatch {
  readonly #policy: DispatchPolicy;
  readonly #sent = new Map<number, Sent>();
  /** Made while this connection stands: a backlog must not hold up what happens now. */
  readonly #fresh = new Set<number>();
  #tokens: number;
  #tokensAtMs = 0;

  constructor(policy: DispatchPolicy) {
    this.#policy = policy;
    this.#tokens = policy.burst;
  }

  /** An event that is made while the connection stands. */
  made(entry: number): void {
    this.#fresh.add(entry);
  }

  /** Entries to send now; they count as under way from here on. `notYet`: entries that are not on the disk yet. */
  take(index: OutboxIndex, nowMs: number, notYet: ReadonlySet<number>): EntryInfo[] {
    this.#refill(nowMs);
    const taken: EntryInfo[] = [];
    const isDue = ({ entry }: EntryInfo) =>
      !notYet.has(entry) && (this.#sent.get(entry)?.dueMs ?? 0) <= nowMs;
    let freshRoom = this.#room('fresh', nowMs);
    for (const info of this.#freshEntries(index)) {
      if (this.#tokens < 1) return taken;
      if (freshRoom < 1) break;
      if (!isDue(info)) continue;
      taken.push(this.#depart(info, nowMs));
      freshRoom -= 1;
    }
    let room = this.#room('backlog', nowMs);
    for (const kind of kinds)
      for (const info of index.of(kind)) {
        if (room < 1 || this.#tokens < 1) return taken;
        if (this.#fresh.has(info.entry) || !isDue(info)) continue;
        taken.push(this.#depart(info, nowMs));
        room -= 1;
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
    this.#fresh.delete(entry);
    this.#sent.delete(entry);
  }

  /** A new connection: what was under way on the old one may be lost, so all of it is due. */
  reconnected(): void {
    this.#fresh.clear();
    this.sendAgain();
  }

  /** The receiver may have lost what is under way: all of it is due. */
  sendAgain(): void {
    for (const [entry, sent] of this.#sent) this.#sent.set(entry, { ...sent, dueMs: 0 });
  }

  /** How long nothing can be due, at least 1 ms; undefined when only an acknowledgement or a new entry changes anything. */
  waitMs(index: OutboxIndex, nowMs: number, notYet: ReadonlySet<number>): number | undefined {
    this.#refill(nowMs);
    let firstDueMs = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#sent.values()) firstDueMs = Math.min(firstDueMs, dueMs);
    const paceMs = Math.max(0, ((1 - this.#tokens) * 1000) / this.#policy.perSecond);
    const waiting = index.size - notYet.size - this.#sent.size;
    const fresh = [...this.#fresh].filter((entry) => !this.#sent.has(entry) && !notYet.has(entry)).length;
    const freshGoes = fresh > 0 && this.#room('fresh', nowMs) > 0;
    const backlogGoes = waiting > fresh && this.#room('backlog', nowMs) > 0;
    if (freshGoes || backlogGoes) return Math.max(1, paceMs);
    if (firstDueMs === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(1, firstDueMs - nowMs, paceMs);
  }

  *#freshEntries(index: OutboxIndex): Iterable<EntryInfo> {
    for (const entry of this.#fresh) {
      const info = index.get(entry);
      if (info !== undefined) yield info;
    }
  }

  #depart(info: EntryInfo, nowMs: number): EntryInfo {
    const attempts = (this.#sent.get(info.entry)?.attempts ?? 0) + 1;
    const { ackTimeoutMs, maxAckTimeoutMs } = this.#policy;
    const waitMs = Math.min(maxAckTimeoutMs, ackTimeoutMs * 2 ** Math.min(attempts - 1, 20));
    this.#sent.set(info.entry, { attempts, left: true, dueMs: nowMs + waitMs });
    this.#tokens -= 1;
    return info;
  }

  /** What is left of a window. */
  #room(of: 'fresh' | 'backlog', nowMs: number): number {
    let underWay = 0;
    for (const [entry, { left, dueMs }] of this.#sent)
      if (left && dueMs > nowMs && this.#fresh.has(entry) === (of === 'fresh')) underWay++;
    return this.#policy.window - underWay;
  }

  #refill(nowMs: number): void {
    const { perSecond, burst } = this.#policy;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#tokensAtMs) * perSecond) / 1000);
    this.#tokensAtMs = nowMs;
  }
}

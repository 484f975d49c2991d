import type { DeploymentState, Reported } from './payloads.ts';

/** One order for a slot of a device, from when it was heard of to its end. */
export interface FollowedOrder {
  readonly order: string;
  readonly device: string;
  readonly slot: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly steps: readonly { readonly state: DeploymentState; readonly atMs: number }[];
  /** `committed`, or how it failed. */
  readonly outcome: string;
  readonly reason?: string;
}

interface Open {
  readonly startMs: number;
  readonly steps: { readonly state: DeploymentState; readonly atMs: number }[];
}

/** As many at the same time; the oldest is forgotten. */
const mostOpen = 10_000;
/** Orders that are over, so that a report of their end, said again, is no order. */
const mostDone = 20_000;

/**
 * Follows orders by what devices report of their slots. Controller and agent use the same: the controller hears of an order when
 * it gives it, the agent with its first step.
 */
export class FollowedOrders {
  readonly #open = new Map<string, Open>();
  readonly #done = new Set<string>();
  readonly #ended: (order: FollowedOrder) => void;

  constructor(ended: (order: FollowedOrder) => void) {
    this.#ended = ended;
  }

  /** The order was given. */
  given(device: string, slot: string, order: string, nowMs: number): void {
    const key = JSON.stringify([device, slot, order]);
    if (this.#open.has(key) || this.#done.has(key)) return;
    this.#open.set(key, { startMs: nowMs, steps: [] });
    const oldest = this.#open.size > mostOpen ? this.#open.keys().next().value : undefined;
    if (oldest !== undefined) this.#open.delete(oldest);
  }

  /** A device said how it does. `mayBegin`: its first step is how one hears of an order. */
  reported(device: string, { slots }: Pick<Reported, 'slots'>, nowMs: number, mayBegin: boolean): void {
    for (const [slot, { deployment }] of Object.entries(slots)) {
      const { order, state, outcome, reason } = deployment;
      if (order === undefined || state === 'idle') continue;
      const over = state === 'committed' || state === 'failed';
      // One that was over before anybody followed is none.
      if (mayBegin && !over) this.given(device, slot, order, nowMs);
      const key = JSON.stringify([device, slot, order]);
      const open = this.#open.get(key);
      if (open === undefined) continue;
      if (open.steps.at(-1)?.state !== state) open.steps.push({ state, atMs: nowMs });
      if (!over) continue;
      this.#open.delete(key);
      this.#done.add(key);
      const first = this.#done.size > mostDone ? this.#done.values().next().value : undefined;
      if (first !== undefined) this.#done.delete(first);
      this.#ended({
        ...{ order, device, slot, startMs: open.startMs, endMs: nowMs, steps: open.steps },
        outcome: state === 'committed' ? 'committed' : (outcome ?? 'failed'),
        ...(reason === undefined ? {} : { reason }),
      });
    }
  }
}

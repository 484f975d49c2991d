import type { DeviceEvent, MetricsBatch } from '../../protocol/index.ts';

/** `settle`: see TelemetryMessage. */
export type Telemetry = { readonly settle?: (() => void) | undefined } & (
  | { readonly kind: 'metrics'; readonly payload: MetricsBatch }
  /** `bytes`: of the event as it came. */
  | { readonly kind: 'events'; readonly payload: DeviceEvent; readonly bytes: number }
);

/** A process that takes queues over gets what had waited there before it has read its devices. */
const maxPerDevice = 1_000;
const maxAll = 20_000;

/** Telemetry that came before the leader had stored what is needed to read it; in the order in which it came. */
export class HeldTelemetry {
  readonly #devices = new Map<string, { readonly items: Telemetry[]; readonly sinceMs: number }>();
  #count = 0;

  has(device: string): boolean {
    return this.#devices.has(device);
  }

  /** False when there is no room for it. */
  add(device: string, item: Telemetry, nowMs: number): boolean {
    const held = this.#devices.get(device) ?? { items: [], sinceMs: nowMs };
    if (held.items.length >= maxPerDevice || this.#count >= maxAll) return false;
    held.items.push(item);
    this.#devices.set(device, held);
    this.#count += 1;
    return true;
  }

  /** Gives what is held of a device to `take`; from the first that it does not take on the rest stays. */
  release(device: string, take: (item: Telemetry, sinceMs: number) => boolean): void {
    const held = this.#devices.get(device);
    if (held === undefined) return;
    const { items, sinceMs } = held;
    const refused = items.findIndex((item) => !take(item, sinceMs));
    const rest = refused === -1 ? [] : items.slice(refused);
    this.#count -= items.length - rest.length;
    if (rest.length === 0) this.#devices.delete(device);
    else this.#devices.set(device, { items: rest, sinceMs });
  }
}

import type { Alert, DeviceSummary, DriftIncident, FleetEvent, FleetSummary } from '../../api/index.ts';
import type { Cancel } from '../../base/index.ts';
import type { EventBus } from '../event-bus.ts';
import type { Guard } from '../guard.ts';
import type { PeriodicTask } from '../module.ts';
import type { DeviceRegistry } from './device-registry.ts';

export type FleetUpdate =
  | { readonly name: 'device'; readonly data: DeviceSummary }
  | { readonly name: 'device-deleted'; readonly data: { readonly id: string } }
  | { readonly name: 'event'; readonly data: FleetEvent }
  | { readonly name: 'drift'; readonly data: DriftIncident }
  | { readonly name: 'alert'; readonly data: Alert }
  | { readonly name: 'fleet'; readonly data: FleetSummary };

/** More would hold the event loop; the others follow with the next call, those with metrics alone last. */
const maxDevicesAtOnce = 500;

/** Live updates of the fleet. A device that changes often is published once a second, other changes at once. */
export class LiveUpdates {
  readonly #registry: DeviceRegistry;
  readonly #guard: Guard;
  readonly #listeners = new Set<(update: FleetUpdate) => void>();
  readonly #changed = new Set<string>();
  /** By their metrics alone. */
  readonly #measured = new Set<string>();

  constructor({
    bus,
    registry,
    guard,
  }: { readonly bus: EventBus; readonly registry: DeviceRegistry; readonly guard: Guard }) {
    this.#registry = registry;
    this.#guard = guard;
    bus.on('deviceChanged', (device, measured = false) => {
      (measured ? this.#measured : this.#changed).add(device);
    });
    bus.on('deviceDeleted', (id) => {
      this.#forget(id);
      this.publish({ name: 'device-deleted', data: { id } });
    });
    bus.on('committed', ({ events }) => {
      for (const data of events) this.publish({ name: 'event', data });
    });
    bus.on('incidentChanged', (data) => this.publish({ name: 'drift', data }));
    bus.on('alertChanged', (data) => this.publish({ name: 'alert', data }));
  }

  get hasSubscribers(): boolean {
    return this.#listeners.size > 0;
  }

  subscribe(listener: (update: FleetUpdate) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(update: FleetUpdate): void {
    for (const listener of [...this.#listeners]) this.#guard.run('tell a listener', () => listener(update));
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: 1_000, run: () => this.#publishChanged() }];
  }

  #publishChanged(): void {
    if (!this.hasSubscribers) {
      this.#changed.clear();
      this.#measured.clear();
      return;
    }
    const waiting = new Set([...this.#changed, ...this.#measured]);
    for (const id of [...waiting].slice(0, maxDevicesAtOnce)) {
      this.#forget(id);
      const device = this.#registry.get(id);
      if (device !== undefined) this.publish({ name: 'device', data: this.#registry.summary(device) });
    }
  }
  #forget(device: string): void {
    this.#changed.delete(device);
    this.#measured.delete(device);
  }
}

import type { Cancel, Clock } from '../base/index.ts';
import type { EventBus } from './event-bus.ts';
import type { Guard } from './guard.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { Retention } from './store/retention.ts';
import type { StoredFleet } from './store/store.ts';

/** Background work of the controller, from `start` to `close`. */
export interface PeriodicTask {
  readonly everyMs: number;
  readonly run: () => void;
}

/** Options that can change while the controller runs. */
export interface FleetLimits {
  readonly retention: Retention;
  readonly quotas: Partial<Quotas>;
  readonly falseDiscoveryRate: number;
}

/** A part of the controller, with what it does at each point of the controller's life. */
export interface Module {
  /** Takes over what the database has. What it throws ends the start. */
  load?(stored: StoredFleet): void | Promise<void>;
  /** Everything is loaded. */
  start?(): void | Promise<void>;
  tasks?(): readonly PeriodicTask[];
  forgetDevice?(device: string): void;
  reconfigure?(limits: FleetLimits): void;
  close?(): void | Promise<void>;
}

/** The modules of the controller: each after those that it needs, and closed before them. */
export class Modules {
  readonly #modules: readonly Module[];
  readonly #clock: Clock;
  #cancels: Cancel[] = [];

  constructor(
    modules: readonly Module[],
    { bus, guard, clock }: { readonly bus: EventBus; readonly guard: Guard; readonly clock: Clock },
  ) {
    this.#modules = modules;
    this.#clock = clock;
    bus.on('deviceDeleted', (device) => {
      for (const one of modules) guard.run('forget a device', () => one.forgetDevice?.(device), { device });
    });
  }

  async load(stored: StoredFleet): Promise<void> {
    for (const one of this.#modules) await one.load?.(stored);
  }

  async start(): Promise<void> {
    for (const one of this.#modules) await one.start?.();
    const tasks = this.#modules.flatMap((one) => one.tasks?.() ?? []);
    this.#cancels = tasks.map(({ everyMs, run }) => this.#clock.every(everyMs, run));
  }

  reconfigure(limits: FleetLimits): void {
    for (const one of this.#modules) one.reconfigure?.(limits);
  }

  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
    for (const one of this.#modules.toReversed()) await one.close?.();
  }
}

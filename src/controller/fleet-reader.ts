import type { Clock } from '../base/index.ts';
import type { Secrets } from './access/token-registry.ts';
import { TokenRegistry } from './access/token-registry.ts';
import type { Caller } from './audit/caller.ts';
import { EventService } from './devices/event-service.ts';
import { MetricsService } from './devices/metrics-service.ts';
import { expectDevice } from './fleet/expect-device.ts';
import type { ReadingStore } from './store/reading-store.ts';

/** A token that was deleted is good for so long here. */
const tokensMs = 2_000;

export interface FleetReaderPorts {
  readonly store: ReadingStore;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/** The requests that a process with the role api answers from the database; the leader answers all others. */
export class FleetReader {
  readonly metrics: Pick<MetricsService, 'queryDevice' | 'queryFleet'>;
  readonly events: EventService;
  readonly #ports: FleetReaderPorts;
  #tokens: { readonly registry: TokenRegistry; readonly readMs: number } | undefined;

  constructor(ports: FleetReaderPorts) {
    this.#ports = ports;
    const { store } = ports;
    const devices = {
      expect: async (id: string) => expectDevice((await store.hasDevice(id)) ? { id } : undefined, id),
      // Members are the leader's to know: such a question is forwarded.
      membersOf: () => [],
    };
    this.metrics = new MetricsService({ ...ports, registry: devices });
    this.events = new EventService({ store, registry: devices });
  }

  /** RefusedError `token-refused`. */
  async authenticate(token: string | undefined): Promise<Caller> {
    return (await this.#registry()).authenticate(token).caller;
  }

  leaderUrl(): Promise<string | undefined> {
    return this.#ports.store.leaderUrl();
  }

  close(): Promise<void> {
    return this.#ports.store.close();
  }

  async #registry(): Promise<TokenRegistry> {
    const { store, secrets, clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (this.#tokens !== undefined && nowMs - this.#tokens.readMs < tokensMs) return this.#tokens.registry;
    const registry = new TokenRegistry(secrets, clock);
    registry.load(await store.tokens());
    this.#tokens = { registry, readMs: nowMs };
    return registry;
  }
}

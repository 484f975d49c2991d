import { asGoshawkError, type Cancel, type Clock, type RateLimitedLog } from '../../base/index.ts';
import type { PeriodicTask } from '../module.ts';
import type { FleetUpdate, LiveUpdates } from './live-updates.ts';

/** Port: what is said here is heard by other processes of the fleet, where some listen. */
export interface UpdateChannel {
  hasListeners(): Promise<boolean>;
  publish(updates: readonly FleetUpdate[]): Promise<void>;
}

export interface UpdateRelayPorts {
  readonly channel: UpdateChannel;
  readonly updates: LiveUpdates;
  readonly clock: Clock;
  readonly rateLimitedLog: RateLimitedLog;
}

const lookMs = 5_000;
const gatherMs = 100;
/** Updates that cannot be sent are dropped: the next one of the device replaces them. */
const mostWaiting = 5_000;

/** Passes live updates to other processes with readers; costs nothing without them. */
export class UpdateRelay {
  readonly #ports: UpdateRelayPorts;
  #waiting: FleetUpdate[] = [];
  #unsubscribe: Cancel | undefined;
  #timer: Cancel | undefined;

  constructor(ports: UpdateRelayPorts) {
    this.#ports = ports;
  }

  start(): void {
    void this.#look();
  }

  tasks(): readonly PeriodicTask[] {
    return [{ everyMs: lookMs, run: () => void this.#look() }];
  }

  close(): void {
    this.#unsubscribe?.();
    this.#timer?.();
  }

  async #look(): Promise<void> {
    const { channel, updates } = this.#ports;
    const listened = await channel.hasListeners().catch(() => false);
    if (listened) this.#unsubscribe ??= updates.subscribe((update) => this.#add(update));
    else {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    }
  }

  #add(update: FleetUpdate): void {
    if (this.#waiting.length < mostWaiting) this.#waiting.push(update);
    this.#timer ??= this.#ports.clock.after(gatherMs, () => {
      this.#timer = undefined;
      void this.#publish();
    });
  }

  async #publish(): Promise<void> {
    const { channel, rateLimitedLog } = this.#ports;
    const updates = this.#waiting;
    this.#waiting = [];
    await channel.publish(updates).catch((cause: unknown) => {
      const { message, code, remedy } = asGoshawkError(cause, 'database-failed');
      rateLimitedLog.warn('relay', message, { code, remedy });
    });
  }
}

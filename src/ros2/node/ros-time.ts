import { type Cancel, type Clock, describeError, type Log, silentLog } from '../../base/index.ts';
import { readClock } from '../messages/clock.ts';
import type { RosEndpoint, RosMessage, RosNode } from './node-port.ts';
import { boolParameter, type Parameter } from './parameters.ts';
import { qosProfiles } from './qos.ts';

/**
 * The time of a node, as rcl has it: that of the machine, or with `use_sim_time` what `/clock` told last, 0 before that. It
 * stamps what the node says; durations and timers stay those of the machine.
 */
export class RosTime implements Clock {
  readonly #clock: Clock;
  readonly #log: Log;
  #node: RosNode | undefined;
  #subscription: RosEndpoint | undefined;
  #simulated: boolean;
  #latestNs = 0n;
  #told = false;
  readonly #jumped = new Set<() => void>();

  constructor(clock: Clock, options: { readonly simulated?: boolean; readonly log?: Log } = {}) {
    this.#clock = clock;
    this.#log = options.log ?? silentLog;
    this.#simulated = options.simulated ?? false;
  }

  get simulated(): boolean {
    return this.#simulated;
  }

  /** The node that hears `/clock` from now on. */
  attach(node: RosNode): void {
    this.detach();
    this.#node = node;
    this.#follow(this.#simulated);
  }

  detach(): void {
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#node = undefined;
  }

  /** `use_sim_time`. */
  parameter(): Parameter {
    return boolParameter({
      name: 'use_sim_time',
      description: 'Stamps are those of /clock',
      get: () => this.#simulated,
      set: (simulated) => {
        const isOther = simulated !== this.#simulated;
        // First: where nobody can hear /clock this throws, and the time stays what it was.
        this.#follow(simulated);
        this.#simulated = simulated;
        if (isOther) this.#jump();
      },
    });
  }

  wallMs(): number {
    return this.#simulated ? Number(this.#latestNs / 1000n) / 1000 : this.#clock.wallMs();
  }

  wallNs(): bigint {
    return this.#simulated ? this.#latestNs : this.#clock.wallNs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#clock.after(delayMs, run);
  }

  every(periodMs: number, run: () => void): Cancel {
    return this.#clock.every(periodMs, run);
  }

  /** When it goes back, or is another one's: what was kept by stamps is of no use any more. */
  onJump(jumped: () => void): Cancel {
    this.#jumped.add(jumped);
    return () => this.#jumped.delete(jumped);
  }

  #jump(): void {
    for (const jumped of this.#jumped) jumped();
  }

  #follow(simulated: boolean): void {
    if (!simulated) {
      this.#subscription?.close();
      this.#subscription = undefined;
      this.#latestNs = 0n;
      return;
    }
    this.#subscription ??= this.#node?.subscribe({
      topic: '/clock',
      type: 'rosgraph_msgs/msg/Clock',
      qos: { ...qosProfiles.sensorData, depth: 1 },
      maxBytes: 64,
      queue: 1,
      onMessage: (message) => this.#take(message),
    });
  }

  #take(message: RosMessage): void {
    try {
      const before = this.#latestNs;
      this.#latestNs = readClock(message.bytes);
      if (this.#latestNs < before) this.#jump();
    } catch (error) {
      if (!this.#told) this.#log.warn('A message of /clock can’t be read', { reason: describeError(error) });
      this.#told = true;
    } finally {
      message.release();
    }
  }
}

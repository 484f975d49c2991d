import { type Clock, describeError, type Log, silentLog } from '../../base/index.ts';
import { CdrWriter } from '../cdr/cdr-writer.ts';
import { readBondStatus, writeBondStatus } from '../messages/bond.ts';
import type { RosNode, RosPublisher } from '../node/node-port.ts';
import { qosProfiles } from '../node/qos.ts';

/** As nav2's lifecycle nodes have it. */
const period = { ms: 100, seconds: 0.1 };
const timeoutSeconds = 4;
/** A bond that is broken says so for two seconds: what comes later is of no bond before this one. */
const firstMs = 4000;
/** Statuses are names and numbers. */
const maxBytes = 4096;
/** As many statuses as bond_core's reader keeps: every node and its manager speak on the one topic. */
const queue = 100;

/** One bond, from activate to its end. */
interface Life {
  readonly instanceId: string;
  readonly beganMs: number;
  /** The other side, once it was heard. */
  sister: string | undefined;
  readonly stop: () => void;
}

/**
 * Our side of the bond that a lifecycle manager (nav2) keeps with each of its nodes: a sign of life ten times a second while
 * the node is active, by which the manager sees that it died. The manager's side is only heard when it breaks the bond: as
 * in nav2's nodes, its silence breaks nothing.
 */
export class LifecycleBond {
  readonly #node: RosNode;
  readonly #clock: Clock;
  readonly #newInstanceId: () => string;
  readonly #log: Log;
  readonly #writer = new CdrWriter();
  readonly #publisher: RosPublisher;
  #life: Life | undefined;
  /** The other side of the last bond: what it still says is not about this one. */
  #former: string | undefined;
  #closed = false;

  /** `newInstanceId`: a text that no other side has, another one for each bond. */
  constructor(node: RosNode, clock: Clock, newInstanceId: () => string, log: Log = silentLog) {
    this.#node = node;
    this.#clock = clock;
    this.#newInstanceId = newInstanceId;
    this.#log = log;
    this.#publisher = node.advertise('bond', 'bond/msg/Status', qosProfiles.standard);
  }

  start(): void {
    // A transition that was under way when the node left ends behind this.
    if (this.#life !== undefined || this.#closed) return;
    const instanceId = this.#newInstanceId();
    const cancel = this.#clock.every(period.ms, () => this.#tell(instanceId, true));
    let subscription: { close(): void } | undefined;
    const stop = () => {
      cancel();
      subscription?.close();
    };
    this.#life = { instanceId, beganMs: this.#clock.monotonicMs(), sister: undefined, stop };
    this.#tell(instanceId, true);
    try {
      subscription = this.#subscribe();
    } catch (error) {
      // The manager is told that the node lives all the same; it ends the bond by a transition, too.
      this.#log.warn('The other side of the bond is not heard', { reason: describeError(error) });
    }
  }

  #subscribe(): { close(): void } {
    return this.#node.subscribe({
      ...{ topic: 'bond', type: 'bond/msg/Status', maxBytes, queue },
      qos: { ...qosProfiles.standard, depth: queue },
      onMessage: ({ bytes, release }) => {
        try {
          this.#hear(bytes);
        } catch {
          // Anybody may publish there: what can't be read says nothing, and holds up none that came with it.
        } finally {
          release();
        }
      },
    });
  }

  /** Says that it ends, so that it is not taken for a death. */
  end(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#life = undefined;
    this.#former = life.sister ?? this.#former;
    try {
      life.stop();
    } finally {
      this.#tell(life.instanceId, false);
    }
  }

  close(): void {
    this.#closed = true;
    this.end();
    this.#publisher.close();
  }

  #hear(bytes: Uint8Array): void {
    const life = this.#life;
    if (life === undefined) return;
    const { id, instanceId, active } = readBondStatus(bytes);
    if (id !== this.#node.name.name || instanceId === life.instanceId || instanceId === this.#former) return;
    // A manager that was started anew takes the place of the one before.
    if (active) life.sister = instanceId;
    else if (life.sister === instanceId || (life.sister === undefined && !this.#isYoung(life))) this.end();
  }

  /** Then the end of a bond that nobody was heard of may be that of the one before. */
  #isYoung({ beganMs }: Life): boolean {
    return this.#clock.monotonicMs() - beganMs < firstMs;
  }

  #tell(instanceId: string, active: boolean): void {
    const status = {
      header: { stampNs: this.#clock.wallNs(), frameId: '' },
      ...{ id: this.#node.name.name, instanceId, active },
      ...{ heartbeatTimeout: timeoutSeconds, heartbeatPeriod: period.seconds },
    };
    try {
      this.#publisher.publish(writeBondStatus(this.#writer, status));
    } catch {
      // The next one is 100 ms away; what could not be told ends neither the node nor its bond.
    }
  }
}

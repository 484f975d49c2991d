import type { Cancel, Clock } from '../../base/index.ts';
import { CdrWriter } from '../cdr/cdr-writer.ts';
import { readBondStatus, writeBondStatus } from '../messages/bond.ts';
import type { RosEndpoint, RosNode, RosPublisher } from '../node/node-port.ts';
import { qosProfiles } from '../node/qos.ts';

/** As nav2's lifecycle nodes have it. */
const period = { ms: 100, seconds: 0.1 };
const timeoutSeconds = 4;
/** Statuses are names and numbers. */
const maxBytes = 4096;

/**
 * Our side of the bond that a lifecycle manager (nav2) keeps with each of its nodes: a sign of life ten times a second while
 * the node is active, by which the manager sees that it died. The manager's side is only heard when it breaks the bond.
 */
export class LifecycleBond {
  readonly #node: RosNode;
  readonly #clock: Clock;
  readonly #instanceId: string;
  readonly #writer = new CdrWriter();
  readonly #publisher: RosPublisher;
  readonly #subscription: RosEndpoint;
  #cancel: Cancel | undefined;

  /** `instanceId`: a text that no other side has. */
  constructor(node: RosNode, clock: Clock, instanceId: string) {
    this.#node = node;
    this.#clock = clock;
    this.#instanceId = instanceId;
    this.#publisher = node.advertise('bond', 'bond/msg/Status', qosProfiles.standard);
    this.#subscription = node.subscribe({
      ...{ topic: 'bond', type: 'bond/msg/Status', qos: qosProfiles.standard, maxBytes, queue: 10 },
      onMessage: ({ bytes, release }) => {
        try {
          this.#hear(bytes);
        } finally {
          release();
        }
      },
    });
  }

  start(): void {
    if (this.#cancel !== undefined) return;
    this.#tell(true);
    this.#cancel = this.#clock.every(period.ms, () => this.#tell(true));
  }

  /** Says that it ends, so that it is not taken for a death. */
  end(): void {
    if (this.#cancel === undefined) return;
    this.#cancel();
    this.#cancel = undefined;
    this.#tell(false);
  }

  close(): void {
    this.end();
    this.#subscription.close();
    this.#publisher.close();
  }

  #hear(bytes: Uint8Array): void {
    const { id, instanceId, active } = readBondStatus(bytes);
    if (id === this.#node.name.name && instanceId !== this.#instanceId && !active) this.end();
  }

  #tell(active: boolean): void {
    this.#publisher.publish(
      writeBondStatus(this.#writer, {
        header: { stampNs: this.#clock.wallNs(), frameId: '' },
        ...{ id: this.#node.name.name, instanceId: this.#instanceId, active },
        ...{ heartbeatTimeout: timeoutSeconds, heartbeatPeriod: period.seconds },
      }),
    );
  }
}

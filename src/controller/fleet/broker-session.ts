import type { Cancel, Clock, Log } from '../../base/index.ts';
import type { Transport, TransportStatus } from '../../protocol/index.ts';
import type { EventBus } from '../event-bus.ts';

export interface BrokerSessionPorts {
  readonly transport: Pick<Transport, 'status' | 'onStatus'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}

/** After a connect the retained births and desired states are on their way; nothing is requested before. */
const settleMs = 2_000;
/** After that every device that runs is back within this time; before, silence says nothing about a device. */
const allBackMs = 60_000;

/** How far the present connection to the broker has come: what it retains needs its time, and so do devices. */
export class BrokerSession {
  readonly #ports: BrokerSessionPorts;
  #unsubscribe: Cancel | undefined;
  #settling: Cancel | undefined;
  #settledAtMs: number | undefined;

  constructor(ports: BrokerSessionPorts) {
    this.#ports = ports;
  }

  /** Connected for long enough that every device could have reported. */
  get everyDeviceHeard(): boolean {
    return (
      this.#settledAtMs !== undefined && this.#ports.clock.monotonicMs() - this.#settledAtMs >= allBackMs
    );
  }

  start(): void {
    const { transport } = this.#ports;
    this.#unsubscribe = transport.onStatus((status) => this.#changed(status));
    const status = transport.status();
    if (status.state === 'online') this.#changed(status);
  }

  close(): void {
    this.#unsubscribe?.();
    this.#settling?.();
    this.#settling = undefined;
  }

  #changed(status: TransportStatus): void {
    const { log } = this.#ports;
    if (status.state === 'online') this.#connected();
    else this.#lost();
    if (status.state === 'refused') log.error(status.reason, { remedy: status.remedy });
  }

  #connected(): void {
    const { clock, bus, log } = this.#ports;
    log.info('Connected to the broker');
    this.#settling?.();
    this.#settling = clock.after(settleMs, () => {
      this.#settledAtMs = clock.monotonicMs();
      bus.emit('retainedArrived');
    });
  }

  #lost(): void {
    this.#settling?.();
    this.#settling = undefined;
    this.#settledAtMs = undefined;
    this.#ports.bus.emit('brokerLost');
  }
}

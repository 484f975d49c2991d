import type { Cancel } from '../base/index.ts';
import { ingestSubscriptions } from './topics.ts';
import type { Message, Transport } from './transport.ts';

export interface TelemetryMessage extends Message {
  /**
   * Called once, when what it holds is stored or never will be: until then the broker gives it to another process if this one
   * dies. Absent where the broker forgets it when it is given.
   */
  readonly settle?: () => void;
}

/** Port: metrics and events of all devices, of which each goes to one of the processes that share them. */
export interface TelemetrySource extends Pick<Transport, 'start' | 'status' | 'close'> {
  /** A promise that the listener gives is waited for before another message is given. */
  onMessage(listener: (message: TelemetryMessage) => Promise<void> | undefined): Cancel;
}

/** By a shared subscription of MQTT 5: each message goes to one at a time, in turns. */
export function sharedTelemetry(transport: Transport): TelemetrySource {
  return {
    start() {
      for (const { filter, qos } of ingestSubscriptions) transport.subscribe(filter, qos);
      transport.start();
    },
    status: () => transport.status(),
    onMessage: (listener) => transport.onMessage(listener),
    close: () => transport.close(),
  };
}

/**
 * Where a broker has no shared subscriptions and speaks AMQP: an exchange spreads the topics over these queues, each of which
 * has one active consumer. The messages of one topic are in one queue, in their order.
 */
export const telemetryExchange = 'goshawk.telemetry';
export const telemetryQueues: readonly string[] = Array.from(
  { length: 16 },
  (_, at) => `${telemetryExchange}.${at}`,
);

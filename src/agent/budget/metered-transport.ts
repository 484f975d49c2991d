import { type Cancel, type Clock, LimitError } from '../../base/index.ts';
import {
  type Message,
  type MessageListener,
  parseTopic,
  type Qos,
  type SubscribeOptions,
  type Transport,
  type TransportStatus,
} from '../../protocol/index.ts';
import type { ByteBudget, SentKind } from './byte-budget.ts';

/** An answer to a call that is larger brings pictures, or lists of them. */
const largeAnswerBytes = 16_384;

/** A transport whose messages a budget counts, and refuses where the day's bytes are used up. */
export class MeteredTransport implements Transport {
  readonly #inner: Transport;
  readonly #budget: Pick<ByteBudget, 'take'>;
  readonly #clock: Clock;
  readonly #kindOf: (message: Message) => SentKind;

  /** `kindOf`: default: as the topics of the fleet say. */
  constructor(
    inner: Transport,
    budget: Pick<ByteBudget, 'take'>,
    clock: Clock,
    kindOf: (message: Message) => SentKind = sentKind,
  ) {
    this.#kindOf = kindOf;
    this.#inner = inner;
    this.#budget = budget;
    this.#clock = clock;
  }

  start(): void {
    this.#inner.start();
  }

  status(): TransportStatus {
    return this.#inner.status();
  }

  onStatus(listener: (status: TransportStatus) => void): Cancel {
    return this.#inner.onStatus(listener);
  }

  onMessage(listener: MessageListener): Cancel {
    return this.#inner.onMessage(listener);
  }

  subscribe(filter: string, qos: Qos, options?: SubscribeOptions): void {
    if (options === undefined) this.#inner.subscribe(filter, qos);
    else this.#inner.subscribe(filter, qos, options);
  }

  async publish(message: Message): Promise<void> {
    // A message that can't be sent costs no budget.
    if (this.#inner.status().state !== 'online') return this.#inner.publish(message);
    const kind = this.#kindOf(message);
    const bytes = message.topic.length + message.payload.byteLength;
    if (!this.#budget.take(kind, bytes, this.#clock.monotonicMs())) throw budgetSpent(kind);
    return this.#inner.publish(message);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function sentKind({ topic, payload }: Message): SentKind {
  switch (parseTopic(topic)?.kind) {
    case 'preview':
      return 'preview';
    case 'results':
      return 'result';
    case 'metrics':
      return 'metrics';
    case 'events':
      return 'event';
    default:
      return payload.byteLength > largeAnswerBytes ? 'frame' : 'state';
  }
}

export function budgetSpent(kind: SentKind): LimitError {
  const what = {
    state: 'states',
    event: 'events',
    metrics: 'metrics',
    frame: 'frames',
    telemetry: 'OTLP',
    result: 'results',
    preview: 'live pictures',
  };
  return new LimitError(
    'budget-spent',
    `The device has used up what it may send in 24 hours for ${what[kind]}.`,
    'It continues automatically as hours pass. Raise `budget.bytesPerDay` in its settings to allow more.',
  );
}

import { type Cancel, type Clock, MissingError, RefusedError } from '../../src/base/index.ts';
import type {
  Message,
  MessageListener,
  Qos,
  SubscribeOptions,
  Transport,
  TransportStatus,
  Will,
} from '../../src/protocol/index.ts';

interface Subscription extends SubscribeOptions {
  readonly qos: Qos;
}

interface Session {
  readonly filters: Map<string, Subscription>;
  /** What all of its filters begin with, as `goshawk/1/d7/`; undefined where they have nothing in common. */
  below?: string | undefined;
  readonly queue: { readonly message: Message; readonly sentMs: number }[];
}

/** A broker in memory with what the contract uses of MQTT 5: retained, will delay, sessions, expiry. */
export class FakeBroker {
  readonly clock: Clock;
  /** False: nobody gets in, everybody is thrown out. */
  up = true;
  /** Client ids whose credentials are wrong. */
  readonly refused = new Set<string>();
  /** Who may publish where; everybody everywhere when not set. */
  mayPublish: (clientId: string, topic: string) => boolean = () => true;
  /** Every message that was published, in order. */
  readonly log: Message[] = [];
  readonly retained = new Map<string, Message>();
  readonly #online = new Map<string, FakeTransport>();
  readonly #sessions = new Map<string, Session>();
  readonly #wills = new Map<string, Cancel>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  stop(): void {
    this.up = false;
    for (const [clientId, transport] of [...this.#online]) {
      this.#online.delete(clientId);
      transport.lost('The broker went away.');
    }
    for (const cancel of this.#wills.values()) cancel();
    this.#wills.clear();
    this.#sessions.clear();
    this.retained.clear();
  }

  restart(): void {
    this.up = true;
  }

  connect(transport: FakeTransport): void {
    const { clientId } = transport;
    this.#wills.get(clientId)?.();
    this.#wills.delete(clientId);
    this.#online.get(clientId)?.lost('Session taken over.');
    this.#online.set(clientId, transport);
    const session = this.#sessions.get(clientId);
    if (session === undefined || transport.will === undefined)
      this.#sessions.set(clientId, { filters: new Map(), queue: [] });
    for (const { message, sentMs } of session?.queue.splice(0) ?? [])
      if (!this.#expired(message, sentMs)) transport.receive(message);
  }

  /** The connection breaks: the will flies after its delay, the session stays. */
  drop(transport: FakeTransport): void {
    const { clientId, will } = transport;
    if (this.#online.get(clientId) !== transport) return;
    this.#online.delete(clientId);
    if (will === undefined) this.#sessions.delete(clientId);
    else
      this.#wills.set(
        clientId,
        this.clock.after(will.delaySeconds * 1000, () => {
          this.#wills.delete(clientId);
          this.publish(clientId, { topic: will.topic, payload: will.payload, qos: 1, retain: true });
        }),
      );
  }

  leave(transport: FakeTransport): void {
    if (this.#online.get(transport.clientId) !== transport) return;
    this.#online.delete(transport.clientId);
    this.#sessions.delete(transport.clientId);
  }

  subscribe(transport: FakeTransport, filter: string, subscription: Subscription): void {
    const session = this.#sessions.get(transport.clientId);
    if (session !== undefined) {
      session.filters.set(filter, subscription);
      session.below = commonBeginning([...session.filters.keys()]);
    }
    for (const message of this.retained.values())
      if (matches(filter, message.topic)) transport.receive({ ...message, retain: true });
  }

  publish(clientId: string, message: Message): void {
    if (!this.mayPublish(clientId, message.topic))
      throw new RefusedError(
        'publish-refused',
        `Not authorized: ${message.topic}.`,
        'Check the access list.',
      );
    this.log.push(message);
    if (message.retain) {
      if (message.payload.byteLength === 0) this.retained.delete(message.topic);
      else this.retained.set(message.topic, message);
    }
    for (const [id, session] of this.#sessions) {
      // A thousand devices listen to themselves alone.
      if (session.below !== undefined && !message.topic.startsWith(session.below)) continue;
      const wanted = [...session.filters].find(([filter]) => matches(filter, message.topic))?.[1];
      if (wanted === undefined) continue;
      const transport = this.#online.get(id);
      const retain = message.retain && wanted.retainAsPublished === true;
      if (transport !== undefined) transport.receive({ ...message, retain });
      else if (message.qos > 0) session.queue.push({ message, sentMs: this.clock.monotonicMs() });
    }
  }

  #expired(message: Message, sentMs: number): boolean {
    const { expirySeconds } = message;
    return expirySeconds !== undefined && this.clock.monotonicMs() - sentMs >= expirySeconds * 1000;
  }
}

/** The port over a FakeBroker. Connecting takes one turn; a lost connection is tried again every 100 ms. */
export class FakeTransport implements Transport {
  readonly clientId: string;
  readonly will: Will | undefined;
  /** Set to let every publish fail although the connection is there. */
  failPublish: Error | undefined;
  readonly #broker: FakeBroker;
  readonly #statusListeners = new Set<(status: TransportStatus) => void>();
  readonly #messageListeners = new Set<MessageListener>();
  /** What came while a listener was at work. */
  readonly #undelivered: Message[] = [];
  #busy = false;
  readonly #filters = new Map<string, Subscription>();
  #status: TransportStatus = { state: 'offline', reason: 'Not started.' };
  #retry: Cancel | undefined;
  #closed = false;

  constructor(broker: FakeBroker, clientId: string, will?: Will) {
    this.#broker = broker;
    this.clientId = clientId;
    this.will = will;
  }

  start(): void {
    if (this.#retry !== undefined || this.#closed) return;
    this.#tell({ state: 'connecting' });
    this.#retry = this.#broker.clock.after(0, () => this.#connect());
  }

  status(): TransportStatus {
    return this.#status;
  }

  onStatus(listener: (status: TransportStatus) => void): Cancel {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  onMessage(listener: MessageListener): Cancel {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  subscribe(filter: string, qos: Qos, options: SubscribeOptions = {}): void {
    const subscription = { ...options, qos };
    this.#filters.set(filter, subscription);
    if (this.#status.state === 'online') this.#broker.subscribe(this, filter, subscription);
  }

  async publish(message: Message): Promise<void> {
    if (this.#status.state === 'refused')
      throw new RefusedError('transport-refused', this.#status.reason, this.#status.remedy);
    if (this.#status.state !== 'online')
      throw new MissingError(
        'transport-offline',
        'There is no connection to the broker.',
        'Goshawk tries again.',
      );
    if (this.failPublish !== undefined) throw this.failPublish;
    this.#broker.publish(this.clientId, message);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.();
    this.#broker.leave(this);
    this.#tell({ state: 'offline', reason: 'Closed.' });
  }

  /** The network breaks between this client and the broker; it comes back after `forMs`. */
  cut(forMs = 100): void {
    this.#broker.drop(this);
    this.lost('The connection was cut.', forMs);
  }

  lost(reason: string, retryMs = 100): void {
    this.#undelivered.length = 0;
    this.#tell({ state: 'offline', reason });
    this.#retry?.();
    if (!this.#closed) this.#retry = this.#broker.clock.after(retryMs, () => this.#connect());
  }

  receive(message: Message): void {
    this.#undelivered.push(message);
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#busy) {
      const message = this.#undelivered.shift();
      if (message === undefined) return;
      const waits = [...this.#messageListeners].flatMap((listener) => listener(message) ?? []);
      if (waits.length === 0) continue;
      this.#busy = true;
      void Promise.allSettled(waits).then(() => {
        this.#busy = false;
        this.#deliver();
      });
    }
  }

  #connect(): void {
    if (!this.#broker.up) {
      this.lost('Connection refused.');
      return;
    }
    if (this.#broker.refused.has(this.clientId)) {
      this.#tell({ state: 'refused', reason: 'Wrong password.', remedy: 'Check it.' });
      this.#retry = this.#broker.clock.after(1000, () => this.#connect());
      return;
    }
    this.#broker.connect(this);
    this.#status = { state: 'online' };
    for (const [filter, subscription] of this.#filters) this.#broker.subscribe(this, filter, subscription);
    this.#tell({ state: 'online' });
  }

  #tell(status: TransportStatus): void {
    this.#status = status;
    for (const listener of this.#statusListeners) listener(status);
  }
}

/** The levels without a wildcard that all filters begin with. */
function commonBeginning(filters: readonly string[]): string | undefined {
  const beginnings = filters.map((filter) => filter.split('/').slice(0, 3));
  const [first = []] = beginnings;
  const same = beginnings.every((one) => one.length === 3 && one.join('/') === first.join('/'));
  return same && !first.some((level) => level === '+' || level === '#') ? `${first.join('/')}/` : undefined;
}

/** MQTT 5, section 4.7. */
export function matches(filter: string, topic: string): boolean {
  const want = filter.split('/');
  const have = topic.split('/');
  for (const [i, level] of want.entries()) {
    if (level === '#') return true;
    if (have[i] === undefined || (level !== '+' && level !== have[i])) return false;
  }
  return want.length === have.length;
}

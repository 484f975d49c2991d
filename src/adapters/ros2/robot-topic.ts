import {
  ChangeWatch,
  FieldReducer,
  type FieldValue,
  type ForeignType,
  type MessageShape,
  type MessageType,
  qosProfiles,
  type RosEndpoint,
  type RosMessage,
  type RosNode,
  readFields,
} from '../../ros2/index.ts';
import { checkFields, type ObservedTopic, shippedType } from './bridge-settings.ts';
import type { FoundType, TypeFinder } from './type-finder.ts';

export interface RobotTopicPorts {
  readonly node: RosNode;
  readonly types: Pick<TypeFinder, 'find' | 'hasChanged'>;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly onDamage: (error: unknown) => void;
  /** What its messages are made of is not known; it is looked for again. */
  readonly onUnknown: (error: unknown) => void;
}

/** So often is a message read: of those that come sooner the newest waits for its turn. */
const sampleEveryMs = 100;
const maxBytes = 64 << 10;
/** A topic that is silent for so long says nothing any more. */
const silentMs = 120_000;
const maxText = 200;
/** Of a type that is not shipped: whether its topic has a publisher now; and where it was found, or can't be, once more. */
const waitMs = 2_000;
const lookAgainMs = 30_000;

export interface RobotChange {
  readonly field: string;
  readonly from: FieldValue | undefined;
  readonly to: FieldValue;
}

/**
 * One observed topic: sampled, its last message never left out, and its fields reduced to what the fleet is told. It subscribes once it is known what its messages
 * are made of.
 */
export class RobotTopic {
  readonly #name: string;
  readonly #topic: ObservedTopic;
  readonly #ports: RobotTopicPorts;
  readonly #reducers = new Map<string, FieldReducer>();
  readonly #watches = new Map<string, ChangeWatch>();
  #shape: MessageShape | undefined;
  #endpoint: RosEndpoint | undefined;
  /** Of a type that is not shipped. */
  #found: FoundType | undefined;
  #finding = false;
  #closed = false;
  #findAgainMs = Number.NEGATIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;
  /** Where the message that waits was copied to, which the next one uses again; and how long it is, 0: none waits. */
  #kept = new Uint8Array();
  #waiting = 0;

  /** `name` is that of the settings. */
  constructor(name: string, topic: ObservedTopic, ports: RobotTopicPorts) {
    this.#name = name;
    this.#topic = topic;
    this.#ports = ports;
    const { reduce, least, everySeconds, fields, type } = topic;
    for (const path of fields) {
      if (reduce === 'changed')
        this.#watches.set(path, new ChangeWatch({ least, everyMs: everySeconds * 1000 }));
      else this.#reducers.set(path, new FieldReducer(reduce));
    }
    const shipped = shippedType(type);
    if (shipped !== undefined) this.#subscribe(type as MessageType, shipped);
  }

  /** Reads what waits. Looks for a type that is not shipped, and whether it has become another one; now and then. */
  look(): void {
    const nowMs = this.#ports.nowMs();
    this.#readWaiting(nowMs);
    if (this.#finding || (this.#shape !== undefined && this.#found === undefined)) return;
    if (nowMs < this.#findAgainMs) return;
    if (this.#found !== undefined) {
      this.#findAgainMs = nowMs + lookAgainMs;
      if (!this.#ports.types.hasChanged(this.#topic.topic, this.#found)) return;
      this.#endpoint?.close();
      this.#found = this.#shape = this.#endpoint = undefined;
      this.#waiting = 0;
    }
    this.#finding = true;
    void this.#find().finally(() => {
      this.#finding = false;
    });
  }

  /** It was heard not long ago. */
  get alive(): boolean {
    return this.#ports.nowMs() - this.#heardMs < silentMs;
  }

  /** Of each field with something new: the number since this was asked last. */
  values(): { readonly field: string; readonly value: number }[] {
    this.#readWaiting(this.#ports.nowMs());
    return [...this.#reducers].flatMap(([field, reducer]) => {
      const value = reducer.take();
      return value === undefined ? [] : [{ field, value }];
    });
  }

  changes(): RobotChange[] {
    const nowMs = this.#ports.nowMs();
    return [...this.#watches].flatMap(([field, watch]) => {
      const change = watch.take(nowMs);
      return change === undefined ? [] : [{ field, ...change }];
    });
  }

  close(): void {
    this.#closed = true;
    this.#endpoint?.close();
  }

  async #find(): Promise<void> {
    const { topic, type } = this.#topic;
    let againMs = lookAgainMs;
    try {
      const found = await this.#ports.types.find(topic, type);
      if (this.#closed) return;
      if (found === undefined) {
        againMs = waitMs;
        return;
      }
      checkFields(this.#name, this.#topic, found.shape);
      this.#subscribe({ name: found.name, hash: found.hash }, found.shape);
      this.#found = found;
    } catch (error) {
      if (!this.#closed) this.#ports.onUnknown(error);
    } finally {
      this.#findAgainMs = this.#ports.nowMs() + againMs;
    }
  }

  #subscribe(type: MessageType | ForeignType, shape: MessageShape): void {
    this.#endpoint = this.#ports.node.subscribe({
      // Best effort hears publishers of both kinds.
      ...{ topic: this.#topic.topic, type, qos: qosProfiles.sensorData, maxBytes, queue: 2 },
      onMessage: (message) => this.#take(message, shape),
    });
    // Not before: what could not be subscribed is looked for again.
    this.#shape = shape;
  }

  #take({ bytes, release }: RosMessage, shape: MessageShape): void {
    try {
      const nowMs = this.#ports.nowMs();
      if (nowMs - this.#lookedMs < sampleEveryMs) this.#keep(bytes);
      else this.#read(bytes, shape, nowMs);
    } finally {
      release();
    }
  }

  #keep(bytes: Uint8Array): void {
    if (this.#kept.length < bytes.length) this.#kept = new Uint8Array(bytes.length);
    this.#kept.set(bytes);
    this.#waiting = bytes.length;
  }

  #readWaiting(nowMs: number): void {
    if (this.#waiting === 0 || this.#shape === undefined || nowMs - this.#lookedMs < sampleEveryMs) return;
    this.#read(this.#kept.subarray(0, this.#waiting), this.#shape, nowMs);
  }

  #read(bytes: Uint8Array, shape: MessageShape, nowMs: number): void {
    // Also where it can't be read: a flood of such ones costs no more than another.
    this.#lookedMs = nowMs;
    this.#waiting = 0;
    try {
      const values = readFields(shape, bytes, this.#topic.fields);
      this.#heardMs = nowMs;
      for (const [path, value] of values) {
        const short = typeof value === 'string' ? value.slice(0, maxText) : value;
        this.#watches.get(path)?.add(short);
        this.#reducers.get(path)?.add(Number(value));
      }
    } catch (error) {
      this.#ports.onDamage(error);
    }
  }
}

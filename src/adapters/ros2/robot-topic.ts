import {
  ChangeWatch,
  FieldReducer,
  type FieldValue,
  qosProfiles,
  type RosEndpoint,
  type RosMessage,
  type RosNode,
  readFields,
} from '../../ros2/index.ts';
import type { ObservedTopic } from './bridge-settings.ts';

export interface RobotTopicPorts {
  readonly node: RosNode;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly onDamage: (error: unknown) => void;
}

/** So often is a topic looked at: a message that comes sooner is let go unread. */
const sampleEveryMs = 100;
const maxBytes = 64 << 10;
/** A topic that is silent for so long says nothing any more. */
const silentMs = 120_000;
const maxText = 200;

export interface RobotChange {
  readonly field: string;
  readonly from: FieldValue | undefined;
  readonly to: FieldValue;
}

/** One observed topic: sampled, and its fields reduced to what the fleet is told. */
export class RobotTopic {
  readonly #topic: ObservedTopic;
  readonly #ports: RobotTopicPorts;
  readonly #endpoint: RosEndpoint;
  readonly #reducers = new Map<string, FieldReducer>();
  readonly #watches = new Map<string, ChangeWatch>();
  #lookedMs = Number.NEGATIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(topic: ObservedTopic, ports: RobotTopicPorts) {
    this.#topic = topic;
    this.#ports = ports;
    const { reduce, least, everySeconds, fields } = topic;
    for (const { path } of fields) {
      if (reduce === 'changed')
        this.#watches.set(path, new ChangeWatch({ least, everyMs: everySeconds * 1000 }));
      else this.#reducers.set(path, new FieldReducer(reduce));
    }
    this.#endpoint = ports.node.subscribe({
      // Best effort hears publishers of both kinds.
      ...{ topic: topic.topic, type: topic.type, qos: qosProfiles.sensorData, maxBytes, queue: 2 },
      onMessage: (message) => this.#take(message),
    });
  }

  /** It was heard not long ago. */
  get alive(): boolean {
    return this.#ports.nowMs() - this.#heardMs < silentMs;
  }

  /** Of each field with something new: the number since this was asked last. */
  values(): { readonly field: string; readonly value: number }[] {
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
    this.#endpoint.close();
  }

  #take({ bytes, release }: RosMessage): void {
    try {
      const nowMs = this.#ports.nowMs();
      if (nowMs - this.#lookedMs < sampleEveryMs) return;
      // Also where it can't be read: a flood of such ones costs no more than another.
      this.#lookedMs = nowMs;
      const paths = this.#topic.fields.map(({ path }) => path);
      const values = readFields(this.#topic.type, bytes, paths);
      this.#heardMs = nowMs;
      for (const [path, value] of values) {
        const short = typeof value === 'string' ? value.slice(0, maxText) : value;
        this.#watches.get(path)?.add(short);
        this.#reducers.get(path)?.add(Number(value));
      }
    } catch (error) {
      this.#ports.onDamage(error);
    } finally {
      release();
    }
  }
}

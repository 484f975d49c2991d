import { asGoshawkError, type Cancel, type Log } from '../../base/index.ts';
import {
  type Qos,
  qosProfiles,
  type RosEndpoint,
  type RosMessage,
  type RosNode,
  readTransforms,
  TfBuffer,
  type TfLookup,
  type TfProblem,
  transformLimits,
} from '../../ros2/index.ts';
import { Listeners } from './listeners.ts';

/** To which frame results of a camera are brought by tf. */
export interface TfTarget {
  readonly listener: TfListener;
  readonly frameId: string;
  /** A result waits for a transform for so long. */
  readonly waitMs: number;
  /** The newest transform may be so much older than a picture and still be used. */
  readonly toleranceMs: number;
}

/** Frames of which a problem was told are not told again; of more than these none is. */
const mostTold = 64;

/** Hears `/tf` and `/tf_static` while somebody needs them. */
export class TfListener {
  readonly #node: RosNode;
  readonly #log: Log;
  readonly #changed: Listeners;
  readonly #told = new Set<string>();
  #buffer = new TfBuffer();
  #subscriptions: readonly RosEndpoint[] = [];
  #users = 0;

  constructor(node: RosNode, log: Log) {
    this.#node = node;
    this.#log = log;
    this.#changed = new Listeners(log, 'a transform of tf');
  }

  /** As often as it is opened it has to be closed. */
  open(): void {
    this.#users += 1;
    if (this.#users > 1) return;
    this.#subscriptions = [
      this.#subscribe('/tf_static', qosProfiles.tfStatic, true),
      this.#subscribe('/tf', qosProfiles.tf, false),
    ];
  }

  close(): void {
    if (this.#users === 0) return;
    this.#users -= 1;
    if (this.#users > 0) return;
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions = [];
    this.#buffer = new TfBuffer();
    this.#told.clear();
  }

  /** The time of the graph jumped back, or is another one. */
  timeJumped(): void {
    if (this.#users > 0) this.#log.warn('Time jumped back: the transforms of tf that move are forgotten');
    this.#buffer.clear();
  }

  /** Points of `source` in `target` at a stamp, or why they are not known. */
  lookup(target: string, source: string, stampNs: bigint, toleranceNs: bigint): TfLookup {
    return this.#buffer.lookup(target, source, stampNs, toleranceNs);
  }

  /** Whenever transforms came. */
  onChange(changed: () => void): Cancel {
    return this.#changed.add(changed);
  }

  #subscribe(topic: string, qos: Qos, isStatic: boolean): RosEndpoint {
    return this.#node.subscribe({
      ...{ topic, type: 'tf2_msgs/msg/TFMessage', qos, maxBytes: transformLimits.maxBytes },
      queue: qos.depth,
      onMessage: (message) => this.#take(message, topic, isStatic),
      onProblem: (problem) => this.#log.warn('ROS 2 QoS', { problem: problem.explain() }),
    });
  }

  #take(message: RosMessage, topic: string, isStatic: boolean): void {
    try {
      for (const transform of readTransforms(message.bytes)) {
        const problem = this.#buffer.add(transform, isStatic);
        if (problem !== undefined) this.#tell(problem, topic);
      }
    } catch (error) {
      const { message: reason } = asGoshawkError(error, 'ros-message');
      this.#once(`unreadable ${topic}`, 'Transforms of tf can’t be read', { topic, reason });
    } finally {
      message.release();
    }
    this.#changed.call();
  }

  #tell({ kind, child, parent }: TfProblem, topic: string): void {
    const names = { child: child.slice(0, 100), parent: parent.slice(0, 100) };
    this.#once(`${kind} ${names.child}`, sentences[kind], { topic, ...names });
  }

  #once(about: string, sentence: string, fields: Record<string, unknown>): void {
    if (this.#told.has(about) || this.#told.size >= mostTold) return;
    this.#told.add(about);
    this.#log.warn(sentence, fields);
  }
}

const sentences: Readonly<Record<TfProblem['kind'], string>> = {
  name: 'A transform of tf is left out: a name of its frames is empty or too long',
  self: 'A transform of tf is left out: a frame in itself',
  numbers: 'A transform of tf is left out: it is not finite, or its quaternion has not length 1',
  frames: 'A transform of tf is left out: there are more than 1024 frames',
  old: 'A transform of tf is left out: it is more than ten seconds older than the newest one of its frame',
  parents: 'A frame of tf has two parents: two nodes tell where it is',
};

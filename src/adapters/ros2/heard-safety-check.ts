import type { SafetyCheck } from '../../agent/index.ts';
import { type Clock, MissingError } from '../../base/index.ts';
import {
  qosProfiles,
  type RosEndpoint,
  type RosNode,
  readBool,
  readTransitionEvent,
} from '../../ros2/index.ts';

export interface HeardSafetyOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  /** Of a std_msgs/msg/Bool (true: at rest), or the name of a managed node. */
  readonly name: string;
  /** A value counts for so long; Infinity: until its publisher is gone. */
  readonly freshMs?: number;
}

const maxBytes = 4_096;

/** Whether it is safe, as a topic of the graph says. What was not heard, is too old or whose publisher left says nothing. */
export class RosHeardSafetyCheck implements SafetyCheck {
  readonly #endpoint: RosEndpoint;
  readonly #clock: Clock;
  readonly #freshMs: number;
  #heard: { readonly why: string | undefined; readonly atMs: number } | undefined;

  constructor(
    { node, clock, freshMs = Number.POSITIVE_INFINITY }: HeardSafetyOptions,
    topic: string,
    type: 'std_msgs/msg/Bool' | 'lifecycle_msgs/msg/TransitionEvent',
    read: (bytes: Uint8Array) => string | undefined,
  ) {
    this.#clock = clock;
    this.#freshMs = freshMs;
    this.#endpoint = node.subscribe({
      ...{ topic, type, maxBytes, queue: 10, qos: qosProfiles.standard },
      onMessage: (message) => {
        try {
          this.#heard = { why: read(message.bytes), atMs: clock.monotonicMs() };
        } catch {
          // What can't be read may have said that it drives.
          this.#heard = undefined;
        } finally {
          message.release();
        }
      },
      onPublishers: (count) => {
        if (count === 0) this.#heard = undefined;
      },
    });
  }

  async whyNot(): Promise<string | undefined> {
    const heard = this.#heard;
    if (heard === undefined || this.#clock.monotonicMs() - heard.atMs > this.#freshMs)
      throw new MissingError(
        'safety-unsaid',
        `Nothing is heard on ${this.#endpoint.topic}, or not any more.`,
        'Let its node run; publishers have to be reliable.',
      );
    return heard.why;
  }

  close(): void {
    this.#endpoint.close();
  }
}

/** A std_msgs/msg/Bool that says again and again whether the robot is at rest. */
export function topicSafetyCheck(options: HeardSafetyOptions): RosHeardSafetyCheck {
  return new RosHeardSafetyCheck(options, options.name, 'std_msgs/msg/Bool', (bytes) =>
    readBool(bytes) ? undefined : `The robot is not at rest (${options.name}).`,
  );
}

/** A managed node that may not be active: its last transition says in which state it is. */
export function lifecycleSafetyCheck(options: HeardSafetyOptions): RosHeardSafetyCheck {
  const topic = `${options.name}/transition_event`;
  return new RosHeardSafetyCheck(options, topic, 'lifecycle_msgs/msg/TransitionEvent', (bytes) => {
    const { label } = readTransitionEvent(bytes).goal;
    const rests = ['unconfigured', 'inactive', 'finalized'].includes(label);
    return rests ? undefined : `${options.name} is ${label}.`;
  });
}

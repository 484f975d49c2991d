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
  /** A value counts for so long; Infinity: until there are other publishers. */
  readonly freshMs?: number;
}

const maxBytes = 4_096;
const askMs = 2_000;

/** What a topic says in words: why it is not safe, undefined where it is. */
type Said = string | undefined;

interface Heard {
  readonly why: Said;
  readonly atMs: number;
}

/**
 * Whether it is safe, as a topic of the graph says. What was not heard, is too old, or was heard before a publisher came or left says
 * nothing: a node that was killed and came back may be in another state, and its old publisher stays for as long as its lease.
 */
export class RosHeardSafetyCheck implements SafetyCheck {
  readonly #endpoint: RosEndpoint;
  readonly #clock: Clock;
  readonly #freshMs: number;
  /** Asked where nothing was heard; absent: then it is not known. */
  readonly #ask: (() => Promise<Said>) | undefined;
  #heard: Heard | undefined;
  #publishers = 0;
  /** How often there were others: what was said before may have been somebody else's. */
  #changes = 0;

  constructor(
    { node, clock, freshMs = Number.POSITIVE_INFINITY }: HeardSafetyOptions,
    topic: string,
    type: 'std_msgs/msg/Bool' | 'lifecycle_msgs/msg/TransitionEvent',
    read: (bytes: Uint8Array) => Said,
    ask?: () => Promise<Said>,
  ) {
    this.#ask = ask;
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
        this.#publishers = count;
        this.#changes += 1;
        this.#heard = undefined;
      },
    });
  }

  async whyNot(): Promise<string | undefined> {
    const heard = this.#heard ?? (await this.#askFor());
    if (heard === undefined || this.#clock.monotonicMs() - heard.atMs > this.#freshMs)
      throw new MissingError(
        'safety-unsaid',
        `No message arrives on ${this.#endpoint.topic}.`,
        'Start its node, and let it publish as reliable.',
      );
    return heard.why;
  }

  /**
   * What is heard meanwhile is newer than the answer. Where nobody answers it stays unknown. An answer is kept where a change
   * after it would have been heard: otherwise the next one asks again.
   */
  async #askFor(): Promise<Heard | undefined> {
    const atMs = this.#clock.monotonicMs();
    const listened = this.#publishers > 0;
    const changes = this.#changes;
    const said = await this.#ask?.().then(
      (why) => ({ why, atMs }),
      () => undefined,
    );
    if (listened && changes === this.#changes) this.#heard ??= said;
    return this.#heard ?? said;
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

/** A managed node that may not be active: its last transition says in which state it is, before the first one it is asked. */
export function lifecycleSafetyCheck(options: HeardSafetyOptions): RosHeardSafetyCheck {
  const { name, node } = options;
  const whyNot = (label: string): Said =>
    ['unconfigured', 'inactive', 'finalized'].includes(label) ? undefined : `${name} is ${label}.`;
  return new RosHeardSafetyCheck(
    options,
    `${name}/transition_event`,
    'lifecycle_msgs/msg/TransitionEvent',
    (bytes) => whyNot(readTransitionEvent(bytes).goal.label),
    async () =>
      whyNot((await node.call(`${name}/get_state`, 'lifecycle_msgs/srv/GetState', {}, askMs)).state.label),
  );
}

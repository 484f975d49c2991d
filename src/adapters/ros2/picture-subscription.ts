import { asGoshawkError, type GoshawkError, type Log } from '../../base/index.ts';
import type { Qos, RosEndpoint, RosLosses, RosMessage, RosNode } from '../../ros2/index.ts';
import {
  compressedPicture,
  foreignPicture,
  type PictureType,
  rawPicture,
  typeByName,
  typeByPublishers,
} from './picture-type.ts';

export interface PictureSubscriptionOptions {
  readonly node: RosNode;
  readonly log: Log;
  readonly camera: string;
  readonly topic: string;
  readonly qos: Qos;
  readonly maxBytes: number;
  /** Absent: what the publisher announces, or as the topic is named while there is none. */
  readonly compressed?: boolean;
  /** Every byte of raw pictures is read, too: none comes in pieces. */
  readonly whole?: boolean;
  /** Once for each subscription, before anything comes of it: losses count from nothing. */
  readonly onOpen: (topic: string, compressed: boolean) => void;
  readonly onMessage: (message: RosMessage, compressed: boolean) => void;
  readonly onPublishers: (count: number) => void;
  readonly onLosses: (losses: RosLosses) => void;
  readonly onProblem: (problem: GoshawkError) => void;
}

/** Pictures of a topic, raw or compressed as its publisher announces them; made anew where that turns out to be the other one. Opened once. */
export class PictureSubscription {
  readonly #options: PictureSubscriptionOptions;
  readonly #asked: PictureType | undefined;
  #type: PictureType;
  #endpoint: RosEndpoint | undefined;
  #publishers = 0;
  #isOpen = false;
  #toldForeign = '';
  /** Why there is no endpoint, while it is open. */
  #toldFailed = '';

  constructor(options: PictureSubscriptionOptions) {
    this.#options = options;
    const { compressed, topic } = options;
    this.#asked = compressed === undefined ? undefined : compressed ? compressedPicture : rawPicture;
    this.#type = this.#asked ?? typeByName(topic);
  }

  /** The full name of the topic, while it is open. */
  get topic(): string | undefined {
    return this.#endpoint?.topic;
  }

  open(): void {
    if (this.#asked === undefined) this.#type = typeByPublishers(this.#announced(), this.#type) ?? this.#type;
    this.#subscribe();
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
    this.#endpoint?.close();
    this.#endpoint = undefined;
  }

  /** Now and then: while no publisher fits, those that are there may have another type. What failed is tried again. */
  look(): void {
    if (!this.#isOpen || (this.#endpoint !== undefined && this.#publishers > 0)) return;
    const types = this.#announced();
    const type = typeByPublishers(types, this.#type);
    if (this.#endpoint === undefined) this.#trySubscribing(type ?? this.#type);
    else if (type === this.#type) this.#toldForeign = '';
    else if (type === undefined || this.#asked !== undefined) this.#tellForeign(types);
    else this.#change(type);
  }

  #announced(): string[] {
    const { node, topic } = this.#options;
    return node.publishers(topic).map(({ type }) => type);
  }

  #change(type: PictureType): void {
    const { log, camera } = this.#options;
    log.info('The pictures of a topic have another type than its name says; the agent subscribed again', {
      ...{ camera, topic: this.#endpoint?.topic, was: this.#type, is: type },
    });
    this.#endpoint?.close();
    this.#endpoint = undefined;
    this.#trySubscribing(type);
  }

  #trySubscribing(type: PictureType): void {
    this.#type = type;
    try {
      this.#subscribe();
      this.#toldFailed = '';
    } catch (error) {
      const problem = asGoshawkError(error, 'ros-subscribe');
      if (this.#toldFailed === problem.code) return;
      this.#toldFailed = problem.code;
      this.#options.onProblem(problem);
    }
  }

  #tellForeign(types: readonly string[]): void {
    const about = types.join();
    if (this.#toldForeign === about) return;
    this.#toldForeign = about;
    this.#options.onProblem(foreignPicture(this.#options.topic, types, this.#asked));
  }

  #subscribe(): void {
    const { node, topic, qos, maxBytes, onOpen, onMessage, onLosses, onProblem, onPublishers } =
      this.#options;
    const compressed = this.#type === compressedPicture;
    const { whole = false } = this.#options;
    const endpoint = node.subscribe({
      ...{ topic, type: this.#type, qos, maxBytes, queue: Math.max(2, qos.depth), onLosses, onProblem },
      // Of a compressed picture every byte is read, of another one only the rows that the network asks for.
      scattered: !compressed && !whole,
      onMessage: (message) => onMessage(message, compressed),
      onPublishers: (count) => {
        this.#publishers = count;
        onPublishers(count);
      },
    });
    this.#endpoint = endpoint;
    onOpen(endpoint.topic, compressed);
  }
}

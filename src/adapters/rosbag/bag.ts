import { InputError } from '../../base/index.ts';

export interface BagTopic {
  readonly name: string;
  /** `sensor_msgs/msg/Image` */
  readonly type: string;
}

export interface BagMessage {
  /** Encapsulation header and CDR. */
  readonly bytes: Uint8Array;
  /** When it was recorded, nanoseconds. */
  readonly loggedNs: bigint;
}

/** One file of a recording, whatever its storage. */
export interface BagFile {
  readonly topics: readonly BagTopic[];
  /** In the order in which they were recorded. */
  messages(topic: string): AsyncIterable<BagMessage> | Iterable<BagMessage>;
  close(): Promise<void>;
}

/** No picture and no chunk of a camera is larger; a damaged length must not take all memory. */
export const mostBytes = 512 << 20;

export function damagedBag(name: string, why: string, cause?: unknown): InputError {
  return new InputError(
    'bag-damaged',
    `The bag ${name} can't be read: ${why}.`,
    'If its recorder was killed, repair it: mcap recover FILE, or ros2 bag reindex FOLDER.',
    { cause },
  );
}

import { InputError } from '../../base/index.ts';
import type { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** std_msgs/msg/Header; the stamp as nanoseconds since 1970. */
export interface Header {
  readonly stampNs: bigint;
  readonly frameId: string;
}

const second = 1_000_000_000n;
const maxSeconds = 2n ** 31n - 1n;

export function readHeader(reader: CdrReader): Header {
  return { stampNs: readTime(reader, 'header.stamp'), frameId: reader.string('header.frame_id') };
}

export function readTime(reader: CdrReader, field: string): bigint {
  const seconds = reader.int32(`${field}.sec`);
  const nanoseconds = reader.uint32(`${field}.nanosec`);
  if (nanoseconds >= 1_000_000_000) {
    throw new InputError(
      'ros-stamp',
      `The stamp of a message has ${nanoseconds} nanoseconds in a second.`,
      'Check how the publisher makes its stamps: nanosec is below 1,000,000,000.',
    );
  }
  return BigInt(seconds) * second + BigInt(nanoseconds);
}

/** Throws an InputError for a stamp before 1901 or after 2038, which builtin_interfaces/Time can't hold. */
export function writeHeader(writer: CdrWriter, { stampNs, frameId }: Header): void {
  writeTime(writer, stampNs);
  writer.string(frameId);
}

/** builtin_interfaces/msg/Time. */
export function writeTime(writer: CdrWriter, stampNs: bigint): void {
  let seconds = stampNs / second;
  let nanoseconds = stampNs % second;
  if (nanoseconds < 0n) {
    seconds -= 1n;
    nanoseconds += second;
  }
  if (seconds > maxSeconds || seconds < -maxSeconds - 1n) {
    throw new InputError(
      'ros-stamp',
      `The stamp ${stampNs} ns does not fit builtin_interfaces/msg/Time.`,
      'Check the clock of the camera.',
    );
  }
  writer.int32(Number(seconds));
  writer.uint32(Number(nanoseconds));
}

import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readTime, writeTime } from './header.ts';

/** rosgraph_msgs/msg/Clock, as nanoseconds. */
export function readClock(bytes: Uint8Array): bigint {
  return readTime(new CdrReader(bytes, 'rosgraph_msgs/msg/Clock'), 'clock');
}

export function writeClock(writer: CdrWriter, timeNs: bigint): Uint8Array {
  writer.reset();
  writeTime(writer, timeNs);
  return writer.finish();
}

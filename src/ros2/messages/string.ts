import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** std_msgs/msg/String. */
export function writeString(writer: CdrWriter, data: string): Uint8Array {
  writer.reset();
  writer.string(data);
  return writer.finish();
}

export function readString(bytes: Uint8Array): string {
  return new CdrReader(bytes, 'std_msgs/msg/String').string('data');
}

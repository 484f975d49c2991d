import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** std_msgs/msg/Bool. */
export function writeBool(writer: CdrWriter, data: boolean): Uint8Array {
  writer.reset();
  writer.boolean(data);
  return writer.finish();
}

export function readBool(bytes: Uint8Array): boolean {
  return new CdrReader(bytes, 'std_msgs/msg/Bool').boolean('data');
}

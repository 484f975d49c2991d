import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readTime, writeTime } from './header.ts';

/** Levels of rcl_interfaces/msg/Log. */
export const rosLogLevels = { debug: 10, info: 20, warn: 30, error: 40 } as const;

/** rcl_interfaces/msg/Log. */
export interface RosLogLine {
  readonly stampNs: bigint;
  readonly level: number;
  readonly name: string;
  readonly message: string;
  readonly file: string;
  readonly function: string;
  readonly line: number;
}

export function writeLogLine(writer: CdrWriter, log: RosLogLine): Uint8Array {
  writer.reset();
  writeTime(writer, log.stampNs);
  writer.uint8(log.level);
  writer.string(log.name);
  writer.string(log.message);
  writer.string(log.file);
  writer.string(log.function);
  writer.uint32(log.line);
  return writer.finish();
}

export function readLogLine(bytes: Uint8Array): RosLogLine {
  const reader = new CdrReader(bytes, 'rcl_interfaces/msg/Log');
  return {
    stampNs: readTime(reader, 'stamp'),
    level: reader.uint8('level'),
    name: reader.string('name'),
    message: reader.string('msg'),
    file: reader.string('file'),
    function: reader.string('function'),
    line: reader.uint32('line'),
  };
}

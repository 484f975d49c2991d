import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/** vision_msgs/msg/LabelInfo: the names of a model's classes by their numbers, and the least score that is reported. */
export interface LabelInfo {
  readonly header: Header;
  readonly classes: readonly { readonly id: number; readonly name: string }[];
  readonly threshold: number;
}

export function writeLabelInfo(writer: CdrWriter, { header, classes, threshold }: LabelInfo): Uint8Array {
  writer.reset();
  writeHeader(writer, header);
  writer.uint32(classes.length);
  for (const { id, name } of classes) {
    writer.uint16(id);
    writer.string(name);
  }
  writer.float32(threshold);
  return writer.finish();
}

export function readLabelInfo(bytes: Uint8Array, limits: CdrLimits = defaultCdrLimits): LabelInfo {
  const reader = new CdrReader(bytes, 'vision_msgs/msg/LabelInfo', limits);
  const header = readHeader(reader);
  const count = reader.sequence('class_map', 7);
  const classes: { id: number; name: string }[] = [];
  for (let index = 0; index < count; index += 1)
    classes.push({ id: reader.uint16('class_id'), name: reader.string('class_name') });
  return { header, classes, threshold: reader.float32('threshold') };
}

/** vision_msgs/msg/VisionInfo: what detects, and where the meaning of its classes is told. */
export interface VisionInfo {
  readonly header: Header;
  /** Name and version of the model. */
  readonly method: string;
  /** The topic of its LabelInfo. */
  readonly databaseLocation: string;
  /** Counts up when the classes change. */
  readonly databaseVersion: number;
}

export function writeVisionInfo(writer: CdrWriter, info: VisionInfo): Uint8Array {
  writer.reset();
  writeHeader(writer, info.header);
  writer.string(info.method);
  writer.string(info.databaseLocation);
  writer.int32(info.databaseVersion);
  return writer.finish();
}

export function readVisionInfo(bytes: Uint8Array, limits: CdrLimits = defaultCdrLimits): VisionInfo {
  const reader = new CdrReader(bytes, 'vision_msgs/msg/VisionInfo', limits);
  return {
    header: readHeader(reader),
    method: reader.string('method'),
    databaseLocation: reader.string('database_location'),
    databaseVersion: reader.int32('database_version'),
  };
}

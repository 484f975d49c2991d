import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** One vision_msgs/msg/Detection3D: metres in the frame of its header. */
export interface LocatedObject {
  readonly label: string;
  readonly score: number;
  readonly center: Point;
  readonly orientation: Point & { readonly w: number };
  readonly size: Point;
  /** The track, as in Detection2D. */
  readonly id: string;
}

/** vision_msgs/msg/Detection3DArray; the pose of the hypothesis is the centre of the box, its covariance 0: not known. */
export function writeDetections3d(
  writer: CdrWriter,
  header: Header,
  objects: readonly LocatedObject[],
): Uint8Array {
  writer.reset();
  writeHeader(writer, header);
  writer.uint32(objects.length);
  for (const object of objects) {
    writeHeader(writer, header);
    writer.uint32(1);
    writer.string(object.label);
    writer.float64(object.score);
    writePose(writer, object);
    writer.zeros(36);
    writePose(writer, object);
    writePoint(writer, object.size);
    writer.string(object.id);
  }
  return writer.finish();
}

function writePose(writer: CdrWriter, { center, orientation }: LocatedObject): void {
  writePoint(writer, center);
  writePoint(writer, orientation);
  writer.float64(orientation.w);
}

function writePoint(writer: CdrWriter, { x, y, z }: Point): void {
  writer.float64(x);
  writer.float64(y);
  writer.float64(z);
}

/** The first hypothesis of each. */
export function readDetections3d(
  bytes: Uint8Array,
  limits: CdrLimits = defaultCdrLimits,
): { readonly header: Header; readonly objects: readonly LocatedObject[] } {
  const reader = new CdrReader(bytes, 'vision_msgs/msg/Detection3DArray', limits);
  const header = readHeader(reader);
  const count = reader.sequence('detections', 100);
  const objects: LocatedObject[] = [];
  for (let index = 0; index < count; index += 1) objects.push(readObject(reader));
  return { header, objects };
}

function readObject(reader: CdrReader): LocatedObject {
  readHeader(reader);
  let label = '';
  let score = 0;
  const count = reader.sequence('results', 8 * 44);
  for (let index = 0; index < count; index += 1) {
    const name = reader.string('hypothesis.class_id');
    const value = reader.float64('hypothesis.score');
    if (index === 0) [label, score] = [name, value];
    reader.skipFloat64(7 + 36, 'pose');
  }
  const center = readPoint(reader, 'bbox.center.position');
  const turned = readPoint(reader, 'bbox.center.orientation');
  const orientation = { ...turned, w: reader.float64('bbox.center.orientation.w') };
  const size = readPoint(reader, 'bbox.size');
  return { label, score, center, orientation, size, id: reader.string('id') };
}

function readPoint(reader: CdrReader, field: string): Point {
  return { x: reader.float64(field), y: reader.float64(field), z: reader.float64(field) };
}

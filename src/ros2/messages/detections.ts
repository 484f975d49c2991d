import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/** Corners in pixels of the picture. */
export interface DetectedBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A box around its centre; the angle in radians from the x axis to its width, clockwise in the picture. */
export interface RotatedBox {
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
  readonly angle: number;
}

/** One vision_msgs/msg/Detection2D. */
export interface DetectedObject {
  /** Name of the class: `hypothesis.class_id`. */
  readonly label: string;
  readonly score: number;
  readonly box: DetectedBox;
  /** Instead of `box`: its angle is `center.theta`. */
  readonly rotated?: RotatedBox;
  /** `id` of the message: the same over the life of the track. */
  readonly trackId?: number;
  /** Instead of `trackId`. */
  readonly id?: string;
  /** What else was said of it: a hypothesis each, after that of its class. */
  readonly more?: readonly { readonly label: string; readonly score: number }[];
}

/** What is read back: the id as the text that it is on the wire, hypotheses as they are. */
export interface ReadDetection {
  readonly header: Header;
  readonly hypotheses: readonly { readonly classId: string; readonly score: number }[];
  readonly box: DetectedBox;
  readonly theta: number;
  readonly id: string;
}

/** vision_msgs/msg/Detection2DArray; the header is the frame's, in the array and in every detection. */
export function writeDetections(
  writer: CdrWriter,
  header: Header,
  detections: readonly DetectedObject[],
): Uint8Array {
  writer.reset();
  writeArray(writer, header, detections);
  return writer.finish();
}

/** What one camera saw: the name, and the message of its picture. */
export interface CameraDetections {
  readonly camera: string;
  readonly header: Header;
  readonly objects: readonly DetectedObject[];
}

/** goshawk_msgs/msg/SynchronizedDetections. */
export function writeSynchronized(
  writer: CdrWriter,
  header: Header,
  cameras: readonly CameraDetections[],
): Uint8Array {
  writer.reset();
  writeHeader(writer, header);
  writer.uint32(cameras.length);
  for (const { camera } of cameras) writer.string(camera);
  writer.uint32(cameras.length);
  for (const { header: own, objects } of cameras) writeArray(writer, own, objects);
  return writer.finish();
}

function writeArray(writer: CdrWriter, header: Header, detections: readonly DetectedObject[]): void {
  writeHeader(writer, header);
  writer.uint32(detections.length);
  for (const detection of detections) writeDetection(writer, header, detection);
}

function writeDetection(writer: CdrWriter, header: Header, detection: DetectedObject) {
  const { box, trackId, id = trackId === undefined ? '' : String(trackId), more = [] } = detection;
  writeHeader(writer, header);
  writer.uint32(1 + more.length);
  for (const { label, score } of [detection, ...more]) {
    writer.string(label);
    writer.float64(score);
    // A detection in a picture has no pose: position 0, no rotation, covariance 0.
    writer.zeros(6);
    writer.float64(1);
    writer.zeros(36);
  }
  const { cx, cy, angle, width, height } = detection.rotated ?? upright(box);
  for (const value of [cx, cy, angle, width, height]) writer.float64(value);
  writer.string(id);
}

function upright({ x1, y1, x2, y2 }: DetectedBox): RotatedBox {
  return { cx: (x1 + x2) / 2, cy: (y1 + y2) / 2, width: x2 - x1, height: y2 - y1, angle: 0 };
}

export function readDetections(
  bytes: Uint8Array,
  limits: CdrLimits = defaultCdrLimits,
): { readonly header: Header; readonly detections: readonly ReadDetection[] } {
  const reader = new CdrReader(bytes, 'vision_msgs/msg/Detection2DArray', limits);
  const header = readHeader(reader);
  const count = reader.sequence('detections', 60);
  const detections: ReadDetection[] = [];
  for (let index = 0; index < count; index += 1) detections.push(readDetection(reader));
  return { header, detections };
}

function readDetection(reader: CdrReader): ReadDetection {
  const header = readHeader(reader);
  const hypotheses: { classId: string; score: number }[] = [];
  const count = reader.sequence('results', 8 * 44);
  for (let index = 0; index < count; index += 1) {
    const classId = reader.string('hypothesis.class_id');
    hypotheses.push({ classId, score: reader.float64('hypothesis.score') });
    reader.skipFloat64(7 + 36, 'pose');
  }
  const x = reader.float64('bbox.center.position.x');
  const y = reader.float64('bbox.center.position.y');
  const theta = reader.float64('bbox.center.theta');
  const halfWidth = reader.float64('bbox.size_x') / 2;
  const halfHeight = reader.float64('bbox.size_y') / 2;
  const box = { x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight };
  return { header, hypotheses, box, theta, id: reader.string('id') };
}

import { type CdrLimits, CdrReader, defaultCdrLimits } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { type Header, readHeader, writeHeader } from './header.ts';

/*
 * The project's own messages; their definitions for ROS 2 stand in deploy/ros2/goshawk_msgs/msg, field for field in the
 * order written here.
 */

export interface PerceptionInfo {
  readonly header: Header;
  readonly camera: string;
  readonly model: string;
  readonly version: string;
  readonly digest: string;
  readonly engine: string;
  readonly precision: string;
  readonly captureToPublishMs: number;
  readonly preprocessMs: number;
  readonly inferMs: number;
  readonly postprocessMs: number;
  readonly candidates: number;
  readonly framesReceived: bigint;
  readonly framesPublished: bigint;
  readonly framesLost: bigint;
}

export function writePerceptionInfo(writer: CdrWriter, info: PerceptionInfo): Uint8Array {
  writer.reset();
  writeHeader(writer, info.header);
  writer.string(info.camera);
  writer.string(info.model);
  writer.string(info.version);
  writer.string(info.digest);
  writer.string(info.engine);
  writer.string(info.precision);
  writer.float32(info.captureToPublishMs);
  writer.float32(info.preprocessMs);
  writer.float32(info.inferMs);
  writer.float32(info.postprocessMs);
  writer.uint32(info.candidates);
  writer.uint64(info.framesReceived);
  writer.uint64(info.framesPublished);
  writer.uint64(info.framesLost);
  return writer.finish();
}

export function readPerceptionInfo(bytes: Uint8Array, limits: CdrLimits = defaultCdrLimits): PerceptionInfo {
  const reader = new CdrReader(bytes, 'goshawk_msgs/msg/PerceptionInfo', limits);
  return {
    header: readHeader(reader),
    camera: reader.string('camera'),
    model: reader.string('model'),
    version: reader.string('version'),
    digest: reader.string('digest'),
    engine: reader.string('engine'),
    precision: reader.string('precision'),
    captureToPublishMs: reader.float32('capture_to_publish_ms'),
    preprocessMs: reader.float32('preprocess_ms'),
    inferMs: reader.float32('infer_ms'),
    postprocessMs: reader.float32('postprocess_ms'),
    candidates: reader.uint32('candidates'),
    framesReceived: reader.uint64('frames_received'),
    framesPublished: reader.uint64('frames_published'),
    framesLost: reader.uint64('frames_lost'),
  };
}

/** A model was swapped; at the start the old one is empty. */
export interface ModelEvent {
  readonly header: Header;
  readonly oldModel: string;
  readonly oldVersion: string;
  readonly oldDigest: string;
  readonly newModel: string;
  readonly newVersion: string;
  readonly newDigest: string;
  readonly engine: string;
  readonly precision: string;
}

export function writeModelEvent(writer: CdrWriter, event: ModelEvent): Uint8Array {
  writer.reset();
  writeHeader(writer, event.header);
  writer.string(event.oldModel);
  writer.string(event.oldVersion);
  writer.string(event.oldDigest);
  writer.string(event.newModel);
  writer.string(event.newVersion);
  writer.string(event.newDigest);
  writer.string(event.engine);
  writer.string(event.precision);
  return writer.finish();
}

export function readModelEvent(bytes: Uint8Array, limits: CdrLimits = defaultCdrLimits): ModelEvent {
  const reader = new CdrReader(bytes, 'goshawk_msgs/msg/ModelEvent', limits);
  return {
    header: readHeader(reader),
    oldModel: reader.string('old_model'),
    oldVersion: reader.string('old_version'),
    oldDigest: reader.string('old_digest'),
    newModel: reader.string('new_model'),
    newVersion: reader.string('new_version'),
    newDigest: reader.string('new_digest'),
    engine: reader.string('engine'),
    precision: reader.string('precision'),
  };
}

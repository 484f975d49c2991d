import { type CdrLimits, CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readHeader, writeHeader } from './header.ts';

/** A child frame in its parent: a point of the child, turned and then moved, is that point of the parent. */
export interface Transform {
  /** Metres. */
  readonly translation: { readonly x: number; readonly y: number; readonly z: number };
  readonly rotation: { readonly x: number; readonly y: number; readonly z: number; readonly w: number };
}

/** geometry_msgs/msg/TransformStamped. */
export interface StampedTransform extends Transform {
  readonly stampNs: bigint;
  readonly parent: string;
  readonly child: string;
}

/** A robot with all of its links in one message. */
export const transformLimits: CdrLimits = { maxBytes: 1 << 20, maxString: 4096, maxElements: 4096 };
/** With two empty names. */
const leastBytes = 72;

/** tf2_msgs/msg/TFMessage. */
export function readTransforms(bytes: Uint8Array): StampedTransform[] {
  const reader = new CdrReader(bytes, 'tf2_msgs/msg/TFMessage', transformLimits);
  const number = (field: string) => reader.float64(`transform.${field}`);
  return Array.from({ length: reader.sequence('transforms', leastBytes) }, () => {
    const { stampNs, frameId: parent } = readHeader(reader);
    const child = reader.string('child_frame_id');
    const [x, y, z] = [number('translation.x'), number('translation.y'), number('translation.z')];
    const rotation = { x: number('rotation.x'), y: number('rotation.y'), z: number('rotation.z') };
    return {
      ...{ stampNs, parent, child, translation: { x, y, z } },
      rotation: { ...rotation, w: number('rotation.w') },
    };
  });
}

export function writeTransforms(writer: CdrWriter, transforms: readonly StampedTransform[]): Uint8Array {
  writer.reset();
  writer.uint32(transforms.length);
  for (const { stampNs, parent, child, translation, rotation } of transforms) {
    writeHeader(writer, { stampNs, frameId: parent });
    writer.string(child);
    const { x, y, z } = translation;
    for (const value of [x, y, z, rotation.x, rotation.y, rotation.z, rotation.w]) writer.float64(value);
  }
  return writer.finish();
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MessageType, typeHashes } from '../../../src/ros2/index.ts';

/*
 * RIHS01 (REP-2016) from the definitions: SHA-256 over the type description as JSON, with the types that it refers to in
 * the order of their names. Ids of primitive types as in type_description_interfaces/msg/FieldType.
 */
const primitives: Record<string, number> = {
  uint8: 3,
  int32: 6,
  uint32: 7,
  uint64: 9,
  float32: 10,
  float64: 11,
  bool: 15,
  byte: 16,
  string: 17,
};

const own = (name: string) => {
  const file = path.join(import.meta.dirname, `../../../deploy/ros2/goshawk_msgs/msg/${name}.msg`);
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.replace('std_msgs/Header', 'std_msgs/msg/Header').replace(/\s+/, ' '))
    .join(', ');
};

/** Field for field, from common_interfaces and vision_msgs 4. */
const definitions: Record<string, string> = {
  'builtin_interfaces/msg/Time': 'int32 sec, uint32 nanosec',
  'std_msgs/msg/Header': 'builtin_interfaces/msg/Time stamp, string frame_id',
  'sensor_msgs/msg/Image':
    'std_msgs/msg/Header header, uint32 height, uint32 width, string encoding, uint8 is_bigendian, uint32 step, uint8[] data',
  'sensor_msgs/msg/CompressedImage': 'std_msgs/msg/Header header, string format, uint8[] data',
  'geometry_msgs/msg/Point': 'float64 x, float64 y, float64 z',
  'geometry_msgs/msg/Quaternion': 'float64 x, float64 y, float64 z, float64 w',
  'geometry_msgs/msg/Pose': 'geometry_msgs/msg/Point position, geometry_msgs/msg/Quaternion orientation',
  'geometry_msgs/msg/PoseWithCovariance': 'geometry_msgs/msg/Pose pose, float64[36] covariance',
  'vision_msgs/msg/Point2D': 'float64 x, float64 y',
  'vision_msgs/msg/Pose2D': 'vision_msgs/msg/Point2D position, float64 theta',
  'vision_msgs/msg/BoundingBox2D': 'vision_msgs/msg/Pose2D center, float64 size_x, float64 size_y',
  'vision_msgs/msg/ObjectHypothesis': 'string class_id, float64 score',
  'vision_msgs/msg/ObjectHypothesisWithPose':
    'vision_msgs/msg/ObjectHypothesis hypothesis, geometry_msgs/msg/PoseWithCovariance pose',
  'vision_msgs/msg/Detection2D':
    'std_msgs/msg/Header header, vision_msgs/msg/ObjectHypothesisWithPose[] results, vision_msgs/msg/BoundingBox2D bbox, string id',
  'vision_msgs/msg/Detection2DArray': 'std_msgs/msg/Header header, vision_msgs/msg/Detection2D[] detections',
  'diagnostic_msgs/msg/KeyValue': 'string key, string value',
  'diagnostic_msgs/msg/DiagnosticStatus':
    'byte level, string name, string message, string hardware_id, diagnostic_msgs/msg/KeyValue[] values',
  'diagnostic_msgs/msg/DiagnosticArray':
    'std_msgs/msg/Header header, diagnostic_msgs/msg/DiagnosticStatus[] status',
  'goshawk_msgs/msg/PerceptionInfo': own('PerceptionInfo'),
  'goshawk_msgs/msg/ModelEvent': own('ModelEvent'),
};

function describeType(type: string) {
  const fields = (definitions[type] ?? '').split(', ').map((field) => {
    const [, base = '', array, name = ''] = /^([^[\s]+)(\[\d*\])?\s(\w+)$/.exec(field) ?? [];
    const capacity = array === undefined ? 0 : Number(array.slice(1, -1));
    const offset = array === undefined ? 0 : array === '[]' ? 144 : 48;
    const primitive = primitives[base];
    const nested = primitive === undefined ? base : '';
    return {
      name,
      type: {
        type_id: (primitive ?? 1) + offset,
        capacity,
        string_capacity: 0,
        nested_type_name: nested,
      },
    };
  });
  return { type_name: type, fields };
}

function referred(type: string, found = new Set<string>()): Set<string> {
  for (const { type: field } of describeType(type).fields) {
    const nested = field.nested_type_name;
    if (nested === '' || found.has(nested)) continue;
    found.add(nested);
    referred(nested, found);
  }
  return found;
}

/** As json.dumps of Python writes it: a space after each colon and comma; no text in here holds either. */
function hashOf(type: string): string {
  const description = {
    type_description: describeType(type),
    referenced_type_descriptions: [...referred(type)].sort().map(describeType),
  };
  const json = JSON.stringify(description).replaceAll(':', ': ').replaceAll(',', ', ');
  return `RIHS01_${createHash('sha256').update(json).digest('hex')}`;
}

describe('Type hashes', () => {
  it.each(Object.keys(typeHashes))('of %s follow from its definition', (type) => {
    expect(typeHashes[type as MessageType]).toBe(hashOf(type));
  });
});

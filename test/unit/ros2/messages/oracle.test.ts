import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import {
  type CameraInfo,
  CdrWriter,
  type Header,
  type IndividualTypeDescription,
  type NamedValue,
  type ParameterDescriptor,
  type ParameterValue,
  parameterTypeNumber,
  parameterTypes,
  readBondStatus,
  readBool,
  readCameraInfo,
  readClock,
  readCompressedImage,
  readDetections,
  readDetections3d,
  readDiagnostics,
  readImage,
  readLabelInfo,
  readLogLine,
  readModelEvent,
  readParameterEvent,
  readParticipantEntities,
  readPerceptionInfo,
  readTransitionEvent,
  readVisionInfo,
  serviceTypeHashes,
  type TransitionDescription,
  typeDescription,
  typeHashes,
  writeBondStatus,
  writeBool,
  writeCameraInfo,
  writeClock,
  writeCompressedImage,
  writeDetections,
  writeDetections3d,
  writeDiagnostics,
  writeImage,
  writeLabelInfo,
  writeLogLine,
  writeModelEvent,
  writeParameterEvent,
  writeParticipantEntities,
  writePerceptionInfo,
  writeTransitionEvent,
  writeVisionInfo,
} from '../../../../src/ros2/index.ts';
import {
  definitions,
  describeType,
  ownDefinition,
  primitives,
  shippedMessages,
  shippedParts,
  textOf,
} from './definitions.ts';
import { robotSubjects } from './robot-subjects.ts';
import {
  ascii,
  both,
  double,
  few,
  float,
  headers,
  octets,
  rosHeader,
  rosTime,
  type Subject,
  service,
  stamps,
  text,
  uint32,
  uint64,
} from './subjects.ts';

/*
 * Our readers and writers against a library that knows a message from its .msg definition alone (@foxglove/rosmsg parses it,
 * rosmsg2-serialization reads and writes it): any value goes from one to the other and stays what it was.
 */

const parsed = (type: string) => parse(textOf(type), { ros2: true });

function libraryOf(type: string, change = (text: string) => text) {
  const definition = parse(change(textOf(type)), { ros2: true });
  const reader = new MessageReader(definition);
  const writer = new MessageWriter(definition);
  return {
    /** All of the bytes, or there was a field more than the definition has. */
    read: (bytes: Uint8Array): unknown => {
      const value = reader.readMessage(bytes);
      expect(reader.lastReadByteLength()).toBe(bytes.length);
      return value;
    },
    /** Bytes with nothing of the library's buffer around them. */
    write: (value: unknown) => Uint8Array.from(writer.writeMessage(value)),
  };
}

/** What is written as a parameter's value: one field is filled in, the others are empty. */
const rosValue = (value: ParameterValue) => ({
  type: parameterTypeNumber(value.type),
  bool_value: value.type === 'bool' && value.value,
  integer_value: 0n,
  double_value: value.type === 'double' ? value.value : 0,
  string_value: '',
  byte_array_value: new Uint8Array(),
  bool_array_value: [],
  integer_array_value: new BigInt64Array(),
  double_array_value: new Float64Array(),
  string_array_value: value.type === 'string_array' ? value.value : [],
});
const rosParameter = ({ name, value }: NamedValue) => ({ name, value: rosValue(value) });

const values: fc.Arbitrary<ParameterValue> = fc.oneof(
  fc.record({ type: fc.constant('bool' as const), value: fc.boolean() }),
  fc.record({ type: fc.constant('double' as const), value: double }),
  fc.record({ type: fc.constant('string_array' as const), value: few(text) }),
  fc.record({ type: fc.constantFrom('not_set' as const, 'integer' as const, 'byte_array' as const) }),
);
const named = fc.record({ name: text, value: values });

/** A parameter as others may send it: every field filled in, whatever its type says. */
const theirParameters = few(
  fc.record({
    name: ascii,
    value: fc.record({
      type: fc.nat({ max: 12 }),
      bool_value: fc.boolean(),
      integer_value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      double_value: double,
      string_value: ascii,
      byte_array_value: octets,
      bool_array_value: few(fc.boolean()),
      integer_array_value: fc.bigInt64Array({ maxLength: 3 }),
      double_array_value: fc.float64Array({ maxLength: 3 }),
      string_array_value: few(ascii),
    }),
  }),
);
type TheirParameters = typeof theirParameters extends fc.Arbitrary<infer Item> ? Item : never;

const asOurs = (parameters: TheirParameters): NamedValue[] =>
  parameters.map(({ name, value }) => {
    const type = parameterTypes[value.type] ?? 'not_set';
    if (type === 'bool') return { name, value: { type, value: value.bool_value } };
    if (type === 'double') return { name, value: { type, value: value.double_value } };
    if (type === 'string_array') return { name, value: { type, value: value.string_array_value } };
    const list = type.endsWith('_array') ? value[`${type}_value` as keyof typeof value] : undefined;
    const empty = (list as { length: number } | undefined)?.length === 0;
    return { name, value: empty ? { type, empty } : { type } };
  });

const sides = { x1: double, y1: double, x2: double, y2: double };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
const point = fc.record({ x: finite, y: finite, z: finite });
const theirDetection = fc.record({
  header: headers(ascii),
  results: few(
    fc.record({
      hypothesis: fc.record({ class_id: ascii, score: double }),
      pose: fc.record({
        pose: fc.record({
          position: point,
          orientation: fc.record({ x: finite, y: finite, z: finite, w: finite }),
        }),
        covariance: fc.float64Array({ minLength: 36, maxLength: 36 }),
      }),
    }),
  ),
  bbox: fc.record({
    center: fc.record({ position: fc.record({ x: finite, y: finite }), theta: double }),
    size_x: finite,
    size_y: finite,
  }),
  id: ascii,
});

const detections: Subject = {
  type: 'vision_msgs/msg/Detection2DArray',
  written: fc
    .record({
      header: headers(text),
      objects: few(
        fc.record(
          { label: text, score: double, box: fc.record(sides), trackId: fc.nat() },
          { requiredKeys: ['label', 'score', 'box'] },
        ),
      ),
    })
    .map(({ header, objects }) => ({
      by: (writer) => writeDetections(writer, header, objects),
      ros: {
        header: rosHeader(header),
        detections: objects.map(({ label, score, box: { x1, x2, y1, y2 }, trackId }) => ({
          header: rosHeader(header),
          results: [
            {
              hypothesis: { class_id: label, score },
              pose: {
                pose: { position: { x: 0, y: 0, z: 0 }, orientation: { x: 0, y: 0, z: 0, w: 1 } },
                covariance: new Float64Array(36),
              },
            },
          ],
          bbox: {
            center: { position: { x: (x1 + x2) / 2, y: (y1 + y2) / 2 }, theta: 0 },
            size_x: x2 - x1,
            size_y: y2 - y1,
          },
          id: trackId === undefined ? '' : String(trackId),
        })),
      },
    })),
  read: {
    by: (bytes) => readDetections(bytes),
    pairs: fc.tuple(headers(ascii), few(theirDetection)).map(([header, items]) => ({
      ros: {
        header: rosHeader(header),
        detections: items.map((item) => ({ ...item, header: rosHeader(item.header) })),
      },
      ours: {
        header,
        detections: items.map(({ header: own, results, bbox: { center, size_x, size_y }, id }) => {
          const { x, y } = center.position;
          return {
            header: own,
            hypotheses: results.map(({ hypothesis: { class_id, score } }) => ({ classId: class_id, score })),
            box: { x1: x - size_x / 2, y1: y - size_y / 2, x2: x + size_x / 2, y2: y + size_y / 2 },
            theta: center.theta,
            id,
          };
        }),
      },
    })),
  },
};

const parameterEvent: Subject = {
  type: 'rcl_interfaces/msg/ParameterEvent',
  written: fc
    .record({ stampNs: stamps, node: text, added: few(named), changed: few(named) })
    .map((event) => ({
      by: (writer) => writeParameterEvent(writer, event),
      ros: {
        stamp: rosTime(event.stampNs),
        node: event.node,
        new_parameters: event.added.map(rosParameter),
        changed_parameters: event.changed.map(rosParameter),
        deleted_parameters: [],
      },
    })),
  read: {
    by: (bytes) => readParameterEvent(bytes),
    pairs: fc
      .tuple(stamps, ascii, theirParameters, theirParameters, theirParameters)
      .map(([stampNs, node, added, changed, deleted]) => ({
        ours: { stampNs, node, added: asOurs(added), changed: asOurs(changed) },
        ros: {
          stamp: rosTime(stampNs),
          node,
          new_parameters: added,
          changed_parameters: changed,
          deleted_parameters: deleted,
        },
      })),
  },
};

const graph = (gidSize: 16 | 24): Subject => {
  const gid = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const full = fc.uint8Array({ minLength: gidSize, maxLength: gidSize });
  const entities = (string: fc.Arbitrary<string>, guid: fc.Arbitrary<Uint8Array>) =>
    fc.record({
      participant: guid,
      nodes: few(fc.record({ namespace: string, name: string, readers: few(guid), writers: few(guid) })),
    });
  const data = (guid: Uint8Array) => {
    const padded = new Uint8Array(gidSize);
    padded.set(guid);
    return { data: padded };
  };
  const toRos = ({ participant, nodes }: Parameters<typeof writeParticipantEntities>[1]) => ({
    gid: data(participant),
    node_entities_info_seq: nodes.map(({ namespace, name, readers, writers }) => ({
      node_namespace: namespace,
      node_name: name,
      reader_gid_seq: readers.map(data),
      writer_gid_seq: writers.map(data),
    })),
  });
  return {
    type: 'rmw_dds_common/msg/ParticipantEntitiesInfo',
    label: `rmw_dds_common/msg/ParticipantEntitiesInfo with Gids of ${gidSize} octets`,
    change: (definition) => definition.replace('char[16]', `char[${gidSize}]`),
    written: entities(text, gid).map((value) => ({
      ros: toRos(value),
      by: (writer) => writeParticipantEntities(writer, value, gidSize),
    })),
    read: {
      pairs: entities(ascii, full).map((ours) => ({ ours, ros: toRos(ours) })),
      by: (bytes) => readParticipantEntities(bytes, gidSize),
    },
  };
};

const diagnostics = both(
  'diagnostic_msgs/msg/DiagnosticArray',
  (string) =>
    fc.record({
      header: headers(string),
      statuses: few(
        fc.record({
          level: fc.nat({ max: 255 }),
          name: string,
          message: string,
          hardwareId: string,
          values: fc.dictionary(
            string.filter((key) => key !== '__proto__'),
            string,
            { noNullPrototype: true, maxKeys: 3 },
          ),
        }),
      ),
    }),
  ({ header, statuses }) => ({
    header: rosHeader(header),
    status: statuses.map(({ hardwareId, values: pairs, ...rest }) => ({
      ...rest,
      hardware_id: hardwareId,
      values: Object.entries(pairs).map(([key, value]) => ({ key, value })),
    })),
  }),
  (writer, { header, statuses }) => writeDiagnostics(writer, header, statuses),
  (bytes) => readDiagnostics(bytes),
);

const image = both(
  'sensor_msgs/msg/Image',
  (string) =>
    fc.record({
      header: headers(string),
      height: uint32,
      width: uint32,
      encoding: string,
      isBigendian: fc.boolean(),
      step: uint32,
      data: octets,
    }),
  ({ header, isBigendian, ...rest }) => ({
    ...rest,
    header: rosHeader(header),
    is_bigendian: Number(isBigendian),
  }),
  writeImage,
  (bytes) => readImage(bytes),
);

const compressedImage = both(
  'sensor_msgs/msg/CompressedImage',
  (string) => fc.record({ header: headers(string), format: string, data: octets }),
  ({ header, ...rest }) => ({ ...rest, header: rosHeader(header) }),
  writeCompressedImage,
  (bytes) => readCompressedImage(bytes),
);

const perceptionInfo = both(
  'goshawk_msgs/msg/PerceptionInfo',
  (string) =>
    fc.record({
      header: headers(string),
      camera: string,
      model: string,
      version: string,
      digest: string,
      engine: string,
      precision: string,
      captureToPublishMs: float,
      preprocessMs: float,
      inferMs: float,
      postprocessMs: float,
      candidates: uint32,
      framesReceived: uint64,
      framesPublished: uint64,
      framesLost: uint64,
    }),
  snakeCase,
  writePerceptionInfo,
  (bytes) => readPerceptionInfo(bytes),
);

const modelEvent = both(
  'goshawk_msgs/msg/ModelEvent',
  (string) =>
    fc.record({
      header: headers(string),
      oldModel: string,
      oldVersion: string,
      oldDigest: string,
      newModel: string,
      newVersion: string,
      newDigest: string,
      engine: string,
      precision: string,
    }),
  snakeCase,
  writeModelEvent,
  (bytes) => readModelEvent(bytes),
);

/** Our own messages have the names of the .msg file in camelCase. */
function snakeCase({ header, ...rest }: { readonly header: Header }) {
  const fields = Object.entries(rest).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { header: rosHeader(header), ...Object.fromEntries(fields) };
}

const results = fc.record({ successful: fc.boolean(), reason: text });
const asked = few(ascii).map((names) => ({ ours: { names }, ros: { names } }));
const set = theirParameters.map((parameters) => ({
  ours: { parameters: asOurs(parameters) },
  ros: { parameters },
}));
const descriptors: fc.Arbitrary<ParameterDescriptor> = fc.record(
  {
    name: text,
    type: fc.constantFrom(...parameterTypes),
    description: text,
    constraints: text,
    range: fc.record({ from: double, to: double }),
  },
  { requiredKeys: ['name', 'type', 'description'] },
);

const state = fc.record({ id: fc.nat({ max: 255 }), label: text });
const transitions = fc.record({ transition: state, start: state, goal: state });
const rosTransition = ({ transition, start, goal }: TransitionDescription) => ({
  ...{ transition, start_state: start, goal_state: goal },
});
const bool = both(
  'std_msgs/msg/Bool',
  () => fc.boolean(),
  (data) => ({ data }),
  writeBool,
  readBool,
);
const transitionEvent = both(
  'lifecycle_msgs/msg/TransitionEvent',
  (string) => {
    const labelled = fc.record({ id: fc.nat({ max: 255 }), label: string });
    return fc.record({ timestampNs: uint64, transition: labelled, start: labelled, goal: labelled });
  },
  ({ timestampNs, ...rest }) => ({ timestamp: timestampNs, ...rosTransition(rest) }),
  writeTransitionEvent,
  (bytes) => readTransitionEvent(bytes),
);
const logLine = both(
  'rcl_interfaces/msg/Log',
  (string) =>
    fc.record({
      ...{ stampNs: stamps, level: fc.nat({ max: 255 }), name: string, message: string },
      ...{ file: string, function: string, line: uint32 },
    }),
  ({ stampNs, message, ...rest }) => ({ ...rest, stamp: rosTime(stampNs), msg: message }),
  writeLogLine,
  (bytes) => readLogLine(bytes),
);
const bondStatus = both(
  'bond/msg/Status',
  (string) =>
    fc.record({
      ...{ header: headers(string), id: string, instanceId: string, active: fc.boolean() },
      ...{ heartbeatTimeout: float, heartbeatPeriod: float },
    }),
  snakeCase,
  writeBondStatus,
  (bytes) => readBondStatus(bytes),
);
const doubles = (length: number) =>
  fc.array(fc.double({ noNaN: true }), { minLength: length, maxLength: length });
const clock = both(
  'rosgraph_msgs/msg/Clock',
  () => stamps,
  (timeNs) => ({ clock: rosTime(timeNs) }),
  writeClock,
  (bytes) => readClock(bytes),
);
const rosRoi = ({ xOffset, yOffset, doRectify, height, width }: CameraInfo['roi']) => ({
  ...{ x_offset: xOffset, y_offset: yOffset, do_rectify: doRectify, height, width },
});
const cameraInfo = both(
  'sensor_msgs/msg/CameraInfo',
  (string) =>
    fc.record({
      ...{ header: headers(string), height: uint32, width: uint32, distortionModel: string },
      ...{ d: few(fc.double({ noNaN: true })), k: doubles(9), r: doubles(9), p: doubles(12) },
      ...{ binningX: uint32, binningY: uint32 },
      roi: fc.record({
        ...{ xOffset: uint32, yOffset: uint32, height: uint32, width: uint32, doRectify: fc.boolean() },
      }),
    }),
  ({ header, roi, d, k, r, p, ...rest }) => {
    const arrays = { d, k, r, p };
    const floats = Object.fromEntries(
      Object.entries(arrays).map(([name, values]) => [name, Float64Array.from(values)]),
    );
    return { ...snakeCase({ header, ...rest }), ...floats, roi: rosRoi(roi) };
  },
  writeCameraInfo,
  (bytes) => readCameraInfo(bytes),
);
const labelInfo = both(
  'vision_msgs/msg/LabelInfo',
  (string) =>
    fc.record({
      header: headers(string),
      classes: few(fc.record({ id: fc.nat({ max: 65_535 }), name: string })),
      threshold: float,
    }),
  ({ header, classes, threshold }) => ({
    header: rosHeader(header),
    class_map: classes.map(({ id, name }) => ({ class_id: id, class_name: name })),
    threshold,
  }),
  writeLabelInfo,
  (bytes) => readLabelInfo(bytes),
);
const visionInfo = both(
  'vision_msgs/msg/VisionInfo',
  (string) =>
    fc.record({
      ...{ header: headers(string), method: string, databaseLocation: string },
      databaseVersion: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    }),
  snakeCase,
  writeVisionInfo,
  (bytes) => readVisionInfo(bytes),
);
const detections3d = both(
  'vision_msgs/msg/Detection3DArray',
  (string) =>
    fc.record({
      header: headers(string),
      objects: few(
        fc.record({
          ...{ label: string, score: finite, center: point, size: point, id: string },
          orientation: fc.record({ x: finite, y: finite, z: finite, w: finite }),
        }),
      ),
    }),
  ({ header, objects }) => ({
    header: rosHeader(header),
    detections: objects.map(({ label, score, center, orientation, size, id }) => {
      const pose = { position: center, orientation };
      return {
        header: rosHeader(header),
        results: [
          {
            hypothesis: { class_id: label, score },
            pose: { pose, covariance: new Float64Array(36) },
          },
        ],
        bbox: { center: pose, size },
        id,
      };
    }),
  }),
  (writer, { header, objects }) => writeDetections3d(writer, header, objects),
  (bytes) => readDetections3d(bytes),
);
const nothing = fc.nat({ max: 255 }).map((octet) => ({
  ours: {},
  ros: { structure_needs_at_least_one_member: octet },
}));

const rosDescription = (type: IndividualTypeDescription | undefined) => ({
  type_name: type?.type_name ?? '',
  fields: (type?.fields ?? []).map((field) => ({
    name: field.name,
    type: {
      ...field.type,
      capacity: BigInt(field.type.capacity),
      string_capacity: BigInt(field.type.string_capacity),
    },
    default_value: '',
  })),
});

const services: Subject[] = [
  ...service(
    'lifecycle_msgs/srv/ChangeState',
    fc
      .record({ id: fc.nat({ max: 255 }), label: ascii })
      .map((transition) => ({ ours: { transition }, ros: { transition } })),
    fc.record({ success: fc.boolean() }),
    (response) => response,
  ),
  ...service('lifecycle_msgs/srv/GetState', nothing, fc.record({ state }), (it) => ({
    current_state: it.state,
  })),
  ...service('lifecycle_msgs/srv/GetAvailableStates', nothing, fc.record({ states: few(state) }), (it) => ({
    available_states: it.states,
  })),
  ...service(
    'lifecycle_msgs/srv/GetAvailableTransitions',
    nothing,
    fc.record({ transitions: few(transitions) }),
    (it) => ({ available_transitions: it.transitions.map(rosTransition) }),
  ),
  ...service(
    'std_srvs/srv/SetBool',
    fc.boolean().map((data) => ({ ours: { data }, ros: { data } })),
    fc.record({ success: fc.boolean(), message: text }),
    (response) => response,
  ),
  ...service(
    'rcl_interfaces/srv/GetParameters',
    asked,
    fc.record({ values: few(values) }),
    ({ values: each }) => ({ values: each.map(rosValue) }),
  ),
  ...service(
    'rcl_interfaces/srv/GetParameterTypes',
    asked,
    fc.record({ types: few(fc.nat({ max: 9 })) }),
    ({ types }) => ({ types: Uint8Array.from(types) }),
  ),
  ...service('rcl_interfaces/srv/SetParameters', set, fc.record({ results: few(results) }), (it) => it),
  ...service('rcl_interfaces/srv/SetParametersAtomically', set, fc.record({ result: results }), (it) => it),
  ...service(
    'rcl_interfaces/srv/DescribeParameters',
    asked,
    fc.record({ descriptors: few(descriptors) }),
    ({ descriptors: each }) => ({
      descriptors: each.map(({ name, type, description, constraints = '', range }) => ({
        name,
        type: parameterTypeNumber(type),
        description,
        additional_constraints: constraints,
        read_only: false,
        dynamic_typing: false,
        floating_point_range:
          range === undefined ? [] : [{ from_value: range.from, to_value: range.to, step: 0 }],
        integer_range: [],
      })),
    }),
  ),
  ...service(
    'type_description_interfaces/srv/GetTypeDescription',
    fc.tuple(ascii, ascii, fc.boolean()).map(([typeName, typeHash, sources]) => ({
      ours: { typeName, typeHash },
      ros: { type_name: typeName, type_hash: typeHash, include_type_sources: sources },
    })),
    fc.record({
      ...{ successful: fc.boolean(), reason: text },
      description: fc.constantFrom(undefined, ...Object.keys(typeHashes).map(typeDescription)),
    }),
    ({ successful, reason, description }) => ({
      ...{ successful, failure_reason: reason },
      type_description: {
        type_description: rosDescription(description?.type_description),
        referenced_type_descriptions: (description?.referenced_type_descriptions ?? []).map(rosDescription),
      },
      ...{ type_sources: [], extra_information: [] },
    }),
  ),
  ...service(
    'rcl_interfaces/srv/ListParameters',
    fc.tuple(few(ascii), uint32).map(([prefixes, depth]) => ({
      ours: { prefixes, depth },
      ros: { prefixes, depth: BigInt(depth) },
    })),
    fc.record({ result: fc.record({ names: few(text), prefixes: few(text) }) }),
    (response) => response,
  ),
];

const subjects: Subject[] = [
  labelInfo,
  visionInfo,
  detections3d,
  image,
  compressedImage,
  cameraInfo,
  clock,
  detections,
  diagnostics,
  parameterEvent,
  bool,
  transitionEvent,
  bondStatus,
  logLine,
  perceptionInfo,
  modelEvent,
  graph(16),
  graph(24),
  ...services,
  ...robotSubjects,
];
const labelled = (items: readonly Subject[]) =>
  items.map((item): [string, Subject] => [item.label ?? item.type, item]);

describe('What we write, the library reads from the definition', () => {
  it.each(labelled(subjects.filter(({ written }) => written)))('%s', (_, { type, change, written }) => {
    if (written === undefined) return;
    const library = libraryOf(type, change);
    fc.assert(
      fc.property(written, fc.boolean(), ({ ros, by }, littleEndian) => {
        const writer = new CdrWriter({ littleEndian });
        by(writer);
        expect(library.read(Uint8Array.from(writer.finish()))).toEqual(ros);
      }),
    );
  });
});

describe('What the library writes from the definition', () => {
  const readable = labelled(subjects.filter(({ read }) => read));

  it.each(readable)('%s is read by us', (_, { type, change, read }) => {
    if (read === undefined) return;
    const library = libraryOf(type, change);
    fc.assert(
      fc.property(read.pairs, ({ ours, ros }) => {
        expect(read.by(library.write(ros))).toEqual(ours);
      }),
    );
  });

  it.each(readable)('%s is refused with a remedy where it is cut', (_, { type, change, read }) => {
    if (read === undefined) return;
    const library = libraryOf(type, change);
    const inputs = read.pairs.map(({ ros }) => library.write(ros));
    fc.assert(
      fc.property(inputs, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (bytes, where) => {
        const cut = bytes.subarray(0, Math.floor(where * bytes.length));
        expect(refusal(() => read.by(cut))).toBe('cdr-truncated');
      }),
    );
  });

  it.each(readable)('%s with an octet changed is a value or a documented error', (_, subject) => {
    const { type, change, read } = subject;
    if (read === undefined) return;
    const library = libraryOf(type, change);
    const inputs = read.pairs.map(({ ros }) => library.write(ros));
    const documented = [undefined, 'cdr-truncated', 'cdr-too-large', 'cdr-encapsulation', 'ros-stamp'];
    fc.assert(
      fc.property(inputs, fc.nat(), fc.nat({ max: 255 }), (bytes, at, octet) => {
        bytes[at % bytes.length] = octet;
        expect(documented).toContain(refusal(() => read.by(bytes)));
      }),
    );
  });
});

/** The code of the InputError; any other error is none of ours and goes on. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof InputError && error.remedy !== '') return error.code;
    throw error;
  }
}

describe('The definitions', () => {
  /** Of octets the library does not say whether they are called uint8, char or byte; times are one type to it. */
  const plain = (name: string) => {
    const octet = (id: number) => (id % 48 === primitives.byte ? id - 16 + 3 : id);
    return describeType(name).fields.map(({ name: field, type }) => ({
      field,
      ...type,
      type_id: octet(type.type_id),
    }));
  };
  const byLibrary = (name: string) =>
    (parsed(name)[0]?.definitions ?? []).map((field) => {
      const { type, isArray, arrayLength, arrayUpperBound, upperBound } = field;
      const nested = fullName(type);
      const isPrimitive = type in primitives;
      const base = isPrimitive ? (upperBound === undefined ? primitives[type] : 21) : 1;
      const sequence = arrayUpperBound === undefined ? 144 : 96;
      const offset = isArray !== true ? 0 : arrayLength === undefined ? sequence : 48;
      return {
        field: field.name,
        type_id: (base ?? 0) + offset,
        capacity: arrayLength ?? arrayUpperBound ?? 0,
        string_capacity: upperBound ?? 0,
        nested_type_name: isPrimitive ? '' : nested,
      };
    });

  const fullName = (type: string) =>
    type === 'time'
      ? 'builtin_interfaces/msg/Time'
      : type.replace('/', type.includes('SwapModel_') ? '/action/' : '/msg/');

  it.each(Object.keys(definitions))('of %s: what is hashed is what the library parses', (name) => {
    expect(plain(name)).not.toEqual([]);
    expect(plain(name)).toEqual(byLibrary(name));
  });

  it('are there for every message and service that has a hash, and every such message is compared', () => {
    const messages = Object.keys(typeHashes).filter((type) => !/\/(Header|Detection2D)$/.test(type));
    const halves = Object.keys(serviceTypeHashes).flatMap((type) => [`${type}_Request`, `${type}_Response`]);
    const compared = subjects.map(({ type }) => type);
    for (const type of [...messages, ...halves]) expect(compared).toContain(type);
  });

  it('that are shipped are those that have a hash, and those that CMake builds', () => {
    const shipped = [...shippedMessages.keys()].sort();
    const hashed = Object.keys(typeHashes).filter((type) => type.startsWith('goshawk_msgs/'));
    const messages = hashed.filter((type) => type.includes('/msg/'));
    expect(messages.map((type) => type.replace('goshawk_msgs/msg/', '')).sort()).toEqual(shipped);
    const cmake = readFileSync(
      path.join(import.meta.dirname, '../../../../deploy/ros2/goshawk_msgs/CMakeLists.txt'),
      'utf8',
    );
    const built = [...cmake.matchAll(/"msg\/(\w+)\.msg"/g)].map((match) => match[1]).sort();
    expect(built).toEqual(shipped);
    for (const name of shipped) expect(definitions[`goshawk_msgs/msg/${name}`]).toBe(ownDefinition(name));
    const ofParts = [...cmake.matchAll(/"(?:srv|action)\/(\w+)\.(?:srv|action)"/g)]
      .map((match) => match[1])
      .sort();
    expect(ofParts).toEqual(shippedParts.map(({ name }) => name).sort());
    for (const { parts } of shippedParts)
      for (const [type, definition] of Object.entries(parts)) expect(definitions[type]).toBe(definition);
  });

  /** Names of fields in the order of the bytes: where a message is cut, our reader says inside which field. */
  const namesInErrors = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown) => {
    const names: string[] = [];
    for (let length = 4; length < bytes.length; length += 1) {
      try {
        read(bytes.subarray(0, length));
      } catch (error) {
        const name = /it ends inside (\S+),/.exec(String(error))?.[1] ?? String(error);
        if (names.at(-1) !== name) names.push(name);
      }
    }
    return names;
  };
  const leaves = (type: string): string[] =>
    describeType(type).fields.flatMap(({ name, type: { nested_type_name: nested } }) =>
      nested === '' ? [name] : leaves(nested).map((leaf) => `${name}.${leaf}`),
    );

  it.each([image, compressedImage, perceptionInfo, modelEvent])(
    'give $type the names of its fields, in the order in which our reader takes them',
    ({ type, read }) => {
      const bytes = libraryOf(type).write(type.endsWith('Image') ? { data: Uint8Array.of(1) } : {});
      expect(namesInErrors(bytes, (cut) => read?.by(cut))).toEqual(leaves(type));
    },
  );
});

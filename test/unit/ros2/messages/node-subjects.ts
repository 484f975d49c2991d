import fc from 'fast-check';
import {
  type IndividualTypeDescription,
  parameterTypeNumber,
  readBondStatus,
  readBool,
  readClock,
  readDiagnostics,
  readLogLine,
  readParticipantEntities,
  readTransforms,
  readTransitionEvent,
  type TransitionDescription,
  typeDescription,
  typeHashes,
  writeBondStatus,
  writeBool,
  writeClock,
  writeDiagnostics,
  writeLogLine,
  writeParticipantEntities,
  writeTransforms,
  writeTransitionEvent,
} from '../../../../src/ros2/index.ts';
import { asked, descriptors, results, rosValue, set, values } from './parameter-subjects.ts';
import {
  ascii,
  both,
  double,
  few,
  float,
  headers,
  rosHeader,
  rosTime,
  type Subject,
  service,
  snakeCase,
  stamps,
  text,
  uint32,
  uint64,
} from './subjects.ts';

/* What every node of the graph says and is asked. */

export const graph = (gidSize: 16 | 24): Subject => {
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

export const diagnostics = both(
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

const state = fc.record({ id: fc.nat({ max: 255 }), label: text });
const transitions = fc.record({ transition: state, start: state, goal: state });
const rosTransition = ({ transition, start, goal }: TransitionDescription) => ({
  ...{ transition, start_state: start, goal_state: goal },
});
export const bool = both(
  'std_msgs/msg/Bool',
  () => fc.boolean(),
  (data) => ({ data }),
  writeBool,
  readBool,
);
export const transitionEvent = both(
  'lifecycle_msgs/msg/TransitionEvent',
  (string) => {
    const labelled = fc.record({ id: fc.nat({ max: 255 }), label: string });
    return fc.record({ timestampNs: uint64, transition: labelled, start: labelled, goal: labelled });
  },
  ({ timestampNs, ...rest }) => ({ timestamp: timestampNs, ...rosTransition(rest) }),
  writeTransitionEvent,
  (bytes) => readTransitionEvent(bytes),
);
export const logLine = both(
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
export const bondStatus = both(
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
export const clock = both(
  'rosgraph_msgs/msg/Clock',
  () => stamps,
  (timeNs) => ({ clock: rosTime(timeNs) }),
  writeClock,
  (bytes) => readClock(bytes),
);
export const transforms = both(
  'tf2_msgs/msg/TFMessage',
  (string) => {
    const translation = fc.record({ x: double, y: double, z: double });
    const rotation = fc.record({ x: double, y: double, z: double, w: double });
    const names = { parent: string, child: string };
    return few(fc.record({ stampNs: stamps, ...names, translation, rotation }));
  },
  (told) => ({
    transforms: told.map(({ stampNs, parent, child, translation, rotation }) => ({
      ...{ header: rosHeader({ stampNs, frameId: parent }), child_frame_id: child },
      transform: { translation, rotation },
    })),
  }),
  writeTransforms,
  readTransforms,
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

export const services: Subject[] = [
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

import { parse } from '@foxglove/rosmsg';
import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import type {
  DiagnosticStatus,
  Header,
  NamedValue,
  ParameterEvent,
  ParameterValue,
  ParticipantEntities,
} from '../../../src/ros2/index.ts';
import { parameterTypeNumber, parameterTypes } from '../../../src/ros2/index.ts';

/* Messages that are rare, read and written by rosmsg2-serialization: what would stand in src/ros2 in place of our own code. */

interface Time {
  readonly sec: number;
  readonly nanosec: number;
}

const second = 1_000_000_000n;

function toTime(stampNs: bigint): Time {
  const nanosec = ((stampNs % second) + second) % second;
  return { sec: Number((stampNs - nanosec) / second), nanosec: Number(nanosec) };
}

function fromTime({ sec, nanosec }: Time): bigint {
  return BigInt(sec) * second + BigInt(nanosec);
}

const time = `MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec`;

function codec<Message>(...definitions: string[]) {
  const parsed = parse(definitions.join('\n====\n'), { ros2: true });
  const reader = new MessageReader<Message>(parsed);
  const writer = new MessageWriter(parsed);
  return {
    read: (bytes: Uint8Array) => reader.readMessage(bytes),
    write: (message: Message) => writer.writeMessage(message),
  };
}

interface RosDiagnostics {
  readonly header: { readonly stamp: Time; readonly frame_id: string };
  readonly status: readonly {
    readonly level: number;
    readonly name: string;
    readonly message: string;
    readonly hardware_id: string;
    readonly values: readonly { readonly key: string; readonly value: string }[];
  }[];
}

const diagnostics = codec<RosDiagnostics>(
  `std_msgs/Header header
diagnostic_msgs/DiagnosticStatus[] status`,
  `MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id`,
  time,
  `MSG: diagnostic_msgs/DiagnosticStatus
byte level
string name
string message
string hardware_id
diagnostic_msgs/KeyValue[] values`,
  `MSG: diagnostic_msgs/KeyValue
string key
string value`,
);

export function writeDiagnostics(header: Header, statuses: readonly DiagnosticStatus[]): Uint8Array {
  return diagnostics.write({
    header: { stamp: toTime(header.stampNs), frame_id: header.frameId },
    status: statuses.map(({ level, name, message, hardwareId, values }) => ({
      level,
      name,
      message,
      hardware_id: hardwareId,
      values: Object.entries(values).map(([key, value]) => ({ key, value })),
    })),
  });
}

export function readDiagnostics(bytes: Uint8Array): {
  readonly header: Header;
  readonly statuses: readonly DiagnosticStatus[];
} {
  const { header, status } = diagnostics.read(bytes);
  return {
    header: { stampNs: fromTime(header.stamp), frameId: header.frame_id },
    statuses: status.map(({ level, name, message, hardware_id, values }) => ({
      level,
      name,
      message,
      hardwareId: hardware_id,
      values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
    })),
  };
}

interface RosValue {
  readonly type: number;
  readonly bool_value: boolean;
  readonly double_value: number;
  readonly string_array_value: readonly string[];
}

interface RosParameter {
  readonly name: string;
  readonly value: RosValue;
}

const value = `MSG: rcl_interfaces/ParameterValue
uint8 type
bool bool_value
int64 integer_value
float64 double_value
string string_value
byte[] byte_array_value
bool[] bool_array_value
int64[] integer_array_value
float64[] double_array_value
string[] string_array_value`;
const parameter = `MSG: rcl_interfaces/Parameter
string name
rcl_interfaces/ParameterValue value`;

function toValue(given: ParameterValue): RosValue {
  return {
    type: parameterTypeNumber(given.type),
    bool_value: given.type === 'bool' && given.value,
    double_value: given.type === 'double' ? given.value : 0,
    string_array_value: given.type === 'string_array' ? given.value : [],
  };
}

function fromValue(ros: RosValue): ParameterValue {
  const type = parameterTypes[ros.type] ?? 'not_set';
  if (type === 'bool') return { type, value: ros.bool_value };
  if (type === 'double') return { type, value: ros.double_value };
  if (type === 'string_array') return { type, value: ros.string_array_value };
  return { type };
}

const toParameter = (given: NamedValue) => ({ name: given.name, value: toValue(given.value) });
const fromParameter = (ros: RosParameter) => ({ name: ros.name, value: fromValue(ros.value) });

const event = codec<{
  readonly stamp: Time;
  readonly node: string;
  readonly new_parameters: readonly RosParameter[];
  readonly changed_parameters: readonly RosParameter[];
  readonly deleted_parameters: readonly RosParameter[];
}>(
  `builtin_interfaces/Time stamp
string node
rcl_interfaces/Parameter[] new_parameters
rcl_interfaces/Parameter[] changed_parameters
rcl_interfaces/Parameter[] deleted_parameters`,
  time,
  parameter,
  value,
);

export function writeParameterEvent({ stampNs, node, added, changed }: ParameterEvent): Uint8Array {
  return event.write({
    stamp: toTime(stampNs),
    node,
    new_parameters: added.map(toParameter),
    changed_parameters: changed.map(toParameter),
    deleted_parameters: [],
  });
}

export function readParameterEvent(bytes: Uint8Array): ParameterEvent {
  const { stamp, node, new_parameters, changed_parameters } = event.read(bytes);
  return {
    stampNs: fromTime(stamp),
    node,
    added: new_parameters.map(fromParameter),
    changed: changed_parameters.map(fromParameter),
  };
}

interface RosGid {
  readonly data: Uint8Array;
}

const graph = codec<{
  readonly gid: RosGid;
  readonly node_entities_info_seq: readonly {
    readonly node_namespace: string;
    readonly node_name: string;
    readonly reader_gid_seq: readonly RosGid[];
    readonly writer_gid_seq: readonly RosGid[];
  }[];
}>(
  `rmw_dds_common/Gid gid
rmw_dds_common/NodeEntitiesInfo[] node_entities_info_seq`,
  `MSG: rmw_dds_common/Gid
char[16] data`,
  `MSG: rmw_dds_common/NodeEntitiesInfo
string<=256 node_namespace
string<=256 node_name
rmw_dds_common/Gid[] reader_gid_seq
rmw_dds_common/Gid[] writer_gid_seq`,
);

const toGid = (data: Uint8Array) => ({ data });
const fromGid = ({ data }: RosGid) => data;

export function writeParticipantEntities({ participant, nodes }: ParticipantEntities): Uint8Array {
  return graph.write({
    gid: toGid(participant),
    node_entities_info_seq: nodes.map(({ namespace, name, readers, writers }) => ({
      node_namespace: namespace,
      node_name: name,
      reader_gid_seq: readers.map(toGid),
      writer_gid_seq: writers.map(toGid),
    })),
  });
}

export function readParticipantEntities(bytes: Uint8Array): ParticipantEntities {
  const { gid, node_entities_info_seq } = graph.read(bytes);
  return {
    participant: gid.data,
    nodes: node_entities_info_seq.map((node) => ({
      namespace: node.node_namespace,
      name: node.node_name,
      readers: node.reader_gid_seq.map(fromGid),
      writers: node.writer_gid_seq.map(fromGid),
    })),
  };
}

const getRequest = codec<{ readonly names: readonly string[] }>('string[] names');
const getResponse = codec<{ readonly values: readonly RosValue[] }>(
  'rcl_interfaces/ParameterValue[] values',
  value,
);
const setRequest = codec<{ readonly parameters: readonly RosParameter[] }>(
  'rcl_interfaces/Parameter[] parameters',
  parameter,
  value,
);

export const readGetRequest = (bytes: Uint8Array) => getRequest.read(bytes);
export const writeGetResponse = (values: readonly ParameterValue[]) =>
  getResponse.write({ values: values.map(toValue) });
export const readSetRequest = (bytes: Uint8Array) => ({
  parameters: setRequest.read(bytes).parameters.map(fromParameter),
});

/* As a client asks; the product has no need of these. */
export const writeGetRequest = (names: readonly string[]) => getRequest.write({ names });
export const writeSetRequest = (parameters: readonly NamedValue[]) =>
  setRequest.write({ parameters: parameters.map(toParameter) });

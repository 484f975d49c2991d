import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import {
  CdrReader,
  CdrWriter,
  type DetectedObject,
  type Header,
  readClock,
  readCompressedImage,
  readDetections,
  readDiagnostics,
  readImage,
  readModelEvent,
  readParameterEvent,
  readPerceptionInfo,
  readServiceRequest,
  readSwapFeedback,
  type ServiceType,
  typeDescription,
  writeClock,
  writeCompressedImage,
  writeDetections,
  writeDiagnostics,
  writeImage,
  writeModelEvent,
  writeParameterEvent,
  writePerceptionInfo,
  writeSwapFeedback,
  writeSynchronized,
} from '../../../src/ros2/index.ts';
import { textOf } from '../../unit/ros2/messages/definitions.ts';
import { again, bytesOf, hexOf, plain, recordedByRclpy, response, withoutPadding } from './recorded.ts';

/*
 * What rclpy and the tools of ROS 2 say and hear: services, parameters, actions and topics, as rclpy wrote them. As in
 * recorded.test.ts a library that knows the definitions alone says what the bytes mean.
 */

const { origin, messages } = recordedByRclpy;
const bytes = (name: string) => bytesOf(messages[name]?.hex);
const stampNs = 1_700_000_000_123_456_789n;
const header: Header = { stampNs, frameId: 'cam' };
const goalId = '202122232425262728292a2b2c2d2e2f';

const objects: readonly DetectedObject[] = readDetections(bytes('detections')).detections.map(
  ({ hypotheses: [hypothesis], box, id }) => ({
    ...{ label: hypothesis?.classId ?? '', score: hypothesis?.score ?? 0, box, id },
  }),
);

const written: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  detections: () => writeDetections(new CdrWriter(), header, objects),
  synchronizedDetections: () =>
    writeSynchronized(new CdrWriter(), header, [
      { camera: 'cameras 3', header, objects },
      { camera: 'cameras 4', header, objects },
    ]),
  image: again(readImage, writeImage),
  compressedImage: again(readCompressedImage, writeCompressedImage),
  diagnostics: again(readDiagnostics, (writer, { header, statuses }) =>
    writeDiagnostics(writer, header, statuses),
  ),
  modelEvent: again(readModelEvent, writeModelEvent),
  perceptionInfo: again(readPerceptionInfo, writePerceptionInfo),
  parameterEvent: again(readParameterEvent, writeParameterEvent),
  feedbackMessage: again(readSwapFeedback, writeSwapFeedback),
  clock: again(readClock, writeClock),
};

const score = { type: 'double', value: 0.4 } as const;
const on = { type: 'bool', value: true } as const;
const classes = { type: 'string_array', value: ['car', 'fahrrad-ü', ''] } as const;
const done = { successful: true, reason: '' };
const refused = { successful: false, reason: 'score_threshold must lie in 0..1.' };

const responses: Readonly<Record<string, () => Uint8Array>> = {
  setParametersResponse: () => response('rcl_interfaces/srv/SetParameters', { results: [done, refused] }),
  setParametersAtomicallyResponse: () =>
    response('rcl_interfaces/srv/SetParametersAtomically', { result: refused }),
  getParametersResponse: () =>
    response('rcl_interfaces/srv/GetParameters', {
      values: [score, on, classes, { type: 'not_set' }],
    }),
  getParameterTypesResponse: () => response('rcl_interfaces/srv/GetParameterTypes', { types: [3, 1, 9, 0] }),
  listParametersResponse: () =>
    response('rcl_interfaces/srv/ListParameters', {
      result: { names: ['front.enabled', 'use_sim_time'], prefixes: ['front'] },
    }),
  describeParametersResponse: () =>
    response('rcl_interfaces/srv/DescribeParameters', {
      descriptors: [
        {
          ...{ name: 'score_threshold', type: 'double', description: 'Smallest score' },
          range: { from: 0, to: 1 },
        },
        {
          ...{ name: 'classes', type: 'string_array', description: 'Names' },
          constraints: 'Classes of the model',
        },
        { name: 'x', type: 'not_set', description: '' },
      ],
    }),
  setBoolResponse: () => response('std_srvs/srv/SetBool', { success: true, message: 'front is on' }),
  triggerResponse: () => response('std_srvs/srv/Trigger', { success: false, message: 'no' }),
  emptyResponse: () => response('std_srvs/srv/Empty', {}),
  getTypeDescriptionResponse: () =>
    response('type_description_interfaces/srv/GetTypeDescription', {
      ...{ successful: true, reason: '', description: typeDescription('std_msgs/msg/Header') },
    }),
  setModelResponse: () =>
    response('goshawk_msgs/srv/SetModel', {
      ...{ success: true, message: 'street 2 serves', digest: 'sha256:00ff' },
    }),
  snapshotResponse: () =>
    response('goshawk_msgs/srv/Snapshot', {
      ...{ success: true, message: '' },
      picture: { header, format: 'jpeg', data: Uint8Array.of(255, 216, 255) },
    }),
  sendGoalResponse: () => response('goshawk_msgs/action/SwapModel_SendGoal', { accepted: true, stampNs }),
  getResultResponse: () =>
    response('goshawk_msgs/action/SwapModel_GetResult', {
      ...{ status: 4, result: { ok: true, digest: 'sha256:00ff', reason: '' } },
    }),
};

const given = [
  { name: 'enabled', value: on },
  { name: 'n', value: { type: 'integer' } },
  { name: 'score_threshold', value: score },
];
const requests: Readonly<Record<string, readonly [ServiceType, unknown]>> = {
  setParametersRequest: [
    'rcl_interfaces/srv/SetParameters',
    {
      parameters: [
        ...given,
        { name: 'text', value: { type: 'string' } },
        { name: 'bytes', value: { type: 'byte_array' } },
        { name: 'bools', value: { type: 'bool_array' } },
        { name: 'none', value: { type: 'bool_array', empty: true } },
        { name: 'integers', value: { type: 'integer_array' } },
        { name: 'doubles', value: { type: 'double_array' } },
        { name: 'classes', value: classes },
        { name: 'gone', value: { type: 'not_set' } },
      ],
    },
  ],
  setParametersAtomicallyRequest: ['rcl_interfaces/srv/SetParametersAtomically', { parameters: given }],
  getParametersRequest: ['rcl_interfaces/srv/GetParameters', { names: ['score_threshold', 'classes'] }],
  getParameterTypesRequest: ['rcl_interfaces/srv/GetParameterTypes', { names: ['enabled'] }],
  listParametersRequest: ['rcl_interfaces/srv/ListParameters', { prefixes: ['front', 'rear'], depth: 2 }],
  describeParametersRequest: ['rcl_interfaces/srv/DescribeParameters', { names: ['score_threshold', 'x'] }],
  setBoolRequest: ['std_srvs/srv/SetBool', { data: true }],
  triggerRequest: ['std_srvs/srv/Trigger', {}],
  emptyRequest: ['std_srvs/srv/Empty', {}],
  setModelRequest: ['goshawk_msgs/srv/SetModel', { name: 'street', version: '2' }],
  snapshotRequest: ['goshawk_msgs/srv/Snapshot', { camera: 'front', annotated: true }],
  sendGoalRequest: [
    'goshawk_msgs/action/SwapModel_SendGoal',
    { goalId, goal: { name: 'street', version: '2' } },
  ],
  getResultRequest: ['goshawk_msgs/action/SwapModel_GetResult', { goalId }],
};

describe(`Bytes of ${origin}`, () => {
  it.each(Object.entries(messages))(
    '%s have the value that stands beside them, by their definition',
    (name, { type, value }) => {
      const read = new MessageReader(parse(textOf(type), { ros2: true })).readMessage(bytes(name));
      expect(plain(read)).toEqual(value);
    },
  );

  it.each(Object.entries(written))('%s are read, and written again as they are', (name, readAndWrite) => {
    const ours = readAndWrite(bytes(name));
    expect(hexOf(ours)).toBe(withoutPadding(messages[name]?.hex ?? '', ours.length));
  });

  it.each(Object.entries(responses))('%s are what we answer', (name, write) => {
    const ours = write();
    expect(hexOf(ours)).toBe(withoutPadding(messages[name]?.hex ?? '', ours.length));
  });

  it.each(Object.entries(requests))('%s are understood', (name, [type, meaning]) => {
    expect(readServiceRequest(type, new CdrReader(bytes(name), type))).toEqual(meaning);
  });

  it('are each looked at', () => {
    const looked = [written, responses, requests].flatMap(Object.keys);
    expect(looked.sort()).toEqual(Object.keys(messages).sort());
  });
});

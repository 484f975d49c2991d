import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import {
  CdrReader,
  CdrWriter,
  readBondStatus,
  readCameraInfo,
  readDetections3d,
  readLabelInfo,
  readLogLine,
  readServiceRequest,
  readTransitionEvent,
  readVisionInfo,
  type ServiceResponse,
  type ServiceType,
  writeBondStatus,
  writeCameraInfo,
  writeDetections3d,
  writeLabelInfo,
  writeLogLine,
  writeServiceResponse,
  writeTransitionEvent,
  writeVisionInfo,
} from '../../../src/ros2/index.ts';
import { hashOf, textOf } from '../../unit/ros2/messages/definitions.ts';
import { recorded, withoutPadding } from './recorded.ts';

/*
 * Bytes that a ROS 2 wrote, against our readers and writers. What a value means is said by a third: a library that reads the bytes
 * from the definition gives the value that stands beside them.
 */

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (name: string) => Uint8Array.from(Buffer.from(recorded.messages[name]?.hex ?? '', 'hex'));

/** A value as it stands in the file: numbers of 64 bits as texts, lists as lists. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

const again =
  <Value>(read: (bytes: Uint8Array) => Value, write: (writer: CdrWriter, value: Value) => Uint8Array) =>
  (bytes: Uint8Array) =>
    write(new CdrWriter(), read(bytes));

/** Messages that we read and write: read, and written again. */
const messages: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  labelInfo: again(readLabelInfo, writeLabelInfo),
  visionInfo: again(readVisionInfo, writeVisionInfo),
  detections3d: again(readDetections3d, (writer, { header, objects }) =>
    writeDetections3d(writer, header, objects),
  ),
  cameraInfo: again(readCameraInfo, writeCameraInfo),
  log: again(readLogLine, writeLogLine),
  bond: again(readBondStatus, writeBondStatus),
  transitionEvent: again(readTransitionEvent, writeTransitionEvent),
};

function response<Type extends ServiceType>(type: Type, value: ServiceResponse<Type>): Uint8Array {
  const writer = new CdrWriter();
  writer.reset();
  writeServiceResponse(type, writer, value);
  return writer.finish();
}

const state = (id: number, label: string) => ({ id, label });
const responses: Readonly<Record<string, () => Uint8Array>> = {
  changeStateResponse: () => response('lifecycle_msgs/srv/ChangeState', { success: true }),
  getStateResponse: () => response('lifecycle_msgs/srv/GetState', { state: state(3, 'active') }),
  getAvailableStatesResponse: () =>
    response('lifecycle_msgs/srv/GetAvailableStates', {
      states: [state(0, 'unknown'), state(1, 'unconfigured'), state(2, 'inactive')],
    }),
  getAvailableTransitionsResponse: () =>
    response('lifecycle_msgs/srv/GetAvailableTransitions', {
      transitions: [
        {
          ...{ transition: state(1, 'configure'), start: state(1, 'unconfigured') },
          goal: state(10, 'configuring'),
        },
        {
          ...{ transition: state(5, 'shutdown'), start: state(1, 'unconfigured') },
          goal: state(4, 'finalized'),
        },
      ],
    }),
};

const requests: Readonly<Record<string, readonly [ServiceType, unknown]>> = {
  changeStateRequest: ['lifecycle_msgs/srv/ChangeState', { transition: state(1, 'configure') }],
  getStateRequest: ['lifecycle_msgs/srv/GetState', {}],
  getTypeDescriptionRequest: [
    'type_description_interfaces/srv/GetTypeDescription',
    expect.objectContaining({ typeName: 'std_msgs/msg/Bool' }),
  ],
};

describe(`Bytes of ${recorded.origin}`, () => {
  it.each(Object.entries(recorded.messages))(
    '%s have the value that stands beside them, by their definition',
    (name, { type, value }) => {
      const bytes = bytesOf(name);
      const read = new MessageReader(parse(textOf(type), { ros2: true })).readMessage(bytes);
      expect(plain(read)).toEqual(value);
    },
  );

  it.each(Object.entries(messages))('%s are read, and written again as they are', (name, readAndWrite) => {
    const written = readAndWrite(bytesOf(name));
    expect(hexOf(written)).toBe(withoutPadding(recorded.messages[name]?.hex ?? '', written.length));
  });

  it.each(Object.entries(responses))('%s are what we answer', (name, write) => {
    const written = write();
    expect(hexOf(written)).toBe(withoutPadding(recorded.messages[name]?.hex ?? '', written.length));
  });

  it.each(Object.entries(requests))('%s are understood', (name, [type, meaning]) => {
    expect(readServiceRequest(type, new CdrReader(bytesOf(name), type))).toEqual(meaning);
  });

  it.each(Object.entries(recorded.hashes))(
    'the type hash of %s follows from our definition',
    (type, hash) => {
      expect(hashOf(type)).toBe(hash);
    },
  );

  it('are each looked at', () => {
    const looked = [messages, responses, requests].flatMap(Object.keys);
    expect(looked.sort()).toEqual(Object.keys(recorded.messages).sort());
  });
});

import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../device/dds/service-wire.ts';
import {
  CdrReader,
  CdrWriter,
  readBondStatus,
  readCameraInfo,
  readDetections3d,
  readGoalStatuses,
  readLabelInfo,
  readLogLine,
  readParticipantEntities,
  readServiceRequest,
  readTransitionEvent,
  readVisionInfo,
  type ServiceType,
  type StateLabel,
  transitionGraph,
  typeHashes,
  writeBondStatus,
  writeCameraInfo,
  writeDetections3d,
  writeGoalStatuses,
  writeLabelInfo,
  writeLogLine,
  writeParticipantEntities,
  writeTransitionEvent,
  writeVisionInfo,
} from '../../../src/ros2/index.ts';
import { availableTransitions, lifecycleState, lifecycleStates } from '../../../src/ros2/lifecycle/table.ts';
import { readRequest } from '../../fixtures/read-request.ts';
import { hashOf, textOf } from '../../unit/ros2/messages/definitions.ts';
import { again, bytesOf, hexOf, plain, recorded, response, withoutPadding } from './recorded.ts';

/*
 * Bytes that a ROS 2 wrote, against our readers and writers. What a value means is said by a third: a library that reads the bytes
 * from the definition gives the value that stands beside them.
 */

const wireBytes = (name: keyof typeof recorded.wire) => bytesOf(recorded.wire[name]);

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
  goalStatusArray: again(readGoalStatuses, writeGoalStatuses),
};

const state = (id: number, label: string) => ({ id, label });
const goal = { goalId: '202122232425262728292a2b2c2d2e2f', stampNs: 1_700_000_000_123_456_789n };
const responses: Readonly<Record<string, () => Uint8Array>> = {
  cancelGoalResponse: () => response('action_msgs/srv/CancelGoal', { returnCode: 0, canceling: [goal] }),
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
  cancelGoalRequest: ['action_msgs/srv/CancelGoal', { goal }],
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
      const bytes = bytesOf(recorded.messages[name]?.hex);
      const read = new MessageReader(parse(textOf(type), { ros2: true })).readMessage(bytes);
      expect(plain(read)).toEqual(value);
    },
  );

  it.each(Object.entries(messages))('%s are read, and written again as they are', (name, readAndWrite) => {
    const written = readAndWrite(bytesOf(recorded.messages[name]?.hex));
    expect(hexOf(written)).toBe(withoutPadding(recorded.messages[name]?.hex ?? '', written.length));
  });

  it.each(Object.entries(responses))('%s are what we answer', (name, write) => {
    const written = write();
    expect(hexOf(written)).toBe(withoutPadding(recorded.messages[name]?.hex ?? '', written.length));
  });

  it.each(Object.entries(requests))('%s are understood', (name, [type, meaning]) => {
    expect(readServiceRequest(type, new CdrReader(bytesOf(recorded.messages[name]?.hex), type))).toEqual(
      meaning,
    );
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

describe(`The life cycle of ${recorded.lifecycle.origin}`, () => {
  it('has our transitions, with their numbers, labels and in this order', () => {
    expect(transitionGraph).toEqual(recorded.lifecycle.transitions);
  });

  it.each(recorded.lifecycle.states)('allows in $label what ours does', ({ id, label, transitions }) => {
    expect(lifecycleStates.map((each) => each.label)).toContain(label);
    expect(lifecycleState(label as StateLabel).id).toBe(id);
    expect(availableTransitions(label as StateLabel).map(({ transition }) => transition.id)).toEqual(
      transitions,
    );
  });
});

describe(`On the wire: ${recorded.wire.origin}`, () => {
  const asked = <Type extends ServiceType>(type: Type, name: keyof typeof recorded.wire) =>
    readRequest(serviceWires.cyclone, type, { id: 1, bytes: wireBytes(name) });

  it('a node announces itself with the reader and the writer of its client', () => {
    const { participant, nodes } = readParticipantEntities(wireBytes('node'), 16);
    expect(nodes).toMatchObject([{ namespace: '/', name: 'asker' }]);
    // Guids of its endpoints begin with that of the participant.
    const prefix = hexOf(participant).slice(0, 24);
    for (const guids of [nodes[0]?.readers, nodes[0]?.writers])
      expect(guids?.map((guid) => hexOf(guid).slice(0, 24))).toEqual([prefix]);
    const again = writeParticipantEntities(new CdrWriter(), { participant, nodes }, 16);
    expect(hexOf(again)).toBe(withoutPadding(recorded.wire.node, again.length));
  });

  it('requests are understood', () => {
    expect(asked('lifecycle_msgs/srv/GetState', 'getState').request).toEqual({});
    expect(asked('lifecycle_msgs/srv/ChangeState', 'changeState').request).toEqual({
      transition: { id: 4, label: '' },
    });
    const type = 'vision_msgs/msg/LabelInfo';
    expect(asked('type_description_interfaces/srv/GetTypeDescription', 'getTypeDescription').request).toEqual(
      {
        ...{ typeName: type, typeHash: typeHashes[type] },
      },
    );
  });

  it('a reply begins with what stood in front of the request', () => {
    const { reply } = asked('lifecycle_msgs/srv/ChangeState', 'changeState');
    const { bytes } = reply({ success: true });
    expect(hexOf(bytes)).toBe(`${recorded.wire.changeState.slice(0, 8 + 32)}01`);
  });
});

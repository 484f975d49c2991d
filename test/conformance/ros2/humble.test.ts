import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../device/dds/service-wire.ts';
import {
  CdrWriter,
  callCodec,
  productOf,
  readAnnouncement,
  type ServiceResponse,
  type ServiceType,
  writeParticipantEntities,
} from '../../../src/ros2/index.ts';
import { readRequest } from '../../fixtures/read-request.ts';
import { bytesOf, hexOf, recorded, recordedByRclpy, withoutPadding } from './recorded.ts';

/*
 * What ROS 2 Humble writes, beside what Jazzy writes of the same values: the same octets for every message that both have, so that
 * recorded.test.ts and rclpy.test.ts speak for both. What differs is how a node announces itself, and that Humble has no type hashes.
 */

const { origin, messages, absent, lifecycle, wire } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'humble.json'), 'utf8'),
) as {
  readonly origin: string;
  readonly messages: Readonly<Record<string, string>>;
  /** Messages of Jazzy that Humble does not have. */
  readonly absent: readonly string[];
  readonly lifecycle: typeof recorded.lifecycle;
  readonly wire: {
    readonly origin: string;
    readonly node: string;
    readonly calls: Readonly<Record<string, Readonly<Record<'request' | 'reply', string>>>>;
  };
};

const ofJazzy = { ...recorded.messages, ...recordedByRclpy.messages };

describe(`Bytes of ${origin}`, () => {
  it.each(Object.entries(messages))('%s are those of Jazzy', (name, hex) => {
    expect(hex).toBe(ofJazzy[name]?.hex);
  });

  it('are of every message of Jazzy but the description of types', () => {
    expect([...Object.keys(messages), ...absent].sort()).toEqual(Object.keys(ofJazzy).sort());
    expect(absent).toEqual(['getTypeDescriptionRequest', 'getTypeDescriptionResponse']);
  });
});

describe(`The life cycle of ${lifecycle.origin}`, () => {
  it('is that of Jazzy: numbers, labels and order', () => {
    expect(lifecycle.states).toEqual(recorded.lifecycle.states);
    expect(lifecycle.transitions).toEqual(recorded.lifecycle.transitions);
  });
});

/** What the client asked, and what the service answered. */
const calls: Readonly<Record<string, readonly [ServiceType, unknown, unknown]>> = {
  enable: ['std_srvs/srv/SetBool', { data: true }, { success: true, message: 'on' }],
  get_state: ['lifecycle_msgs/srv/GetState', {}, { state: { id: 3, label: 'active' } }],
  change_state: ['lifecycle_msgs/srv/ChangeState', { transition: { id: 4, label: '' } }, { success: true }],
  set_parameters: [
    'rcl_interfaces/srv/SetParameters',
    { parameters: [{ name: 'use_sim_time', value: { type: 'bool', value: false } }] },
    { results: [{ successful: true, reason: '' }] },
  ],
};

describe(`On the wire: ${wire.origin}`, () => {
  it('a node announces itself with Gids of 24 octets', () => {
    const told = readAnnouncement(bytesOf(wire.node));
    expect(told).toMatchObject({ gidSize: 24, nodes: [{ namespace: '/', name: 'asker' }] });
    const { participant = new Uint8Array(), nodes = [] } = told ?? {};
    expect(productOf(participant)).toBe('Cyclone DDS');
    for (const { length } of [...(nodes[0]?.readers ?? []), ...(nodes[0]?.writers ?? [])])
      expect(length).toBe(24);
    const again = writeParticipantEntities(new CdrWriter(), { participant, nodes }, 24);
    expect(hexOf(again)).toBe(withoutPadding(wire.node, again.length));
  });

  it.each(Object.entries(calls))(
    'a request to %s is understood, and answered as its own service did',
    (name, [type, asked, answer]) => {
      const call = wire.calls[name];
      const { request, reply } = readRequest(serviceWires.cyclone, type, {
        id: 1,
        bytes: bytesOf(call?.request),
      });
      expect(request).toEqual(asked);
      const { bytes } = reply(answer as ServiceResponse<typeof type>);
      expect(hexOf(bytes)).toBe(withoutPadding(call?.reply ?? '', bytes.length));
    },
  );

  it('an answer is understood only by its caller', () => {
    const { reply } = wire.calls.enable ?? { reply: '' };
    // Each of our calls is the first of a client, as this one was.
    const client = new DataView(bytesOf(reply).buffer).getBigUint64(4, true);
    const answered = (asker: bigint) =>
      serviceWires.cyclone.answer(
        callCodec('std_srvs/srv/SetBool', { data: true }),
        { id: 1, bytes: bytesOf(reply) },
        asker,
        new Uint8Array(16),
      );
    expect(answered(client)).toEqual({ success: true, message: 'on' });
    expect(answered(client + 1n)).toBeUndefined();
  });

  it('each call is looked at', () => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(wire.calls).sort());
  });
});

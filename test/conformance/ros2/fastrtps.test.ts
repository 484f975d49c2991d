import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../device/dds/service-wire.ts';
import {
  type CallableService,
  CdrWriter,
  callCodec,
  productOf,
  readAnnouncement,
  type ServiceResponse,
  writeParticipantEntities,
} from '../../../src/ros2/index.ts';
import { readRequest } from '../../fixtures/read-request.ts';
import { bytesOf, hexOf, withoutPadding } from './recorded.ts';

/*
 * How rmw_fastrtps_cpp says who asks: beside the message. Its own service answered its own client, and a third one listened.
 */

type Sample = Readonly<Record<'bytes' | 'own' | 'related', string>>;
interface Recorded {
  readonly origin: string;
  readonly node: string;
  readonly calls: Readonly<Record<string, { readonly request: Sample; readonly reply: Sample }>>;
}

/** Octets of a Gid by file. */
const files = { 'fastrtps.json': 16, 'fastrtps-humble.json': 24 } as const;
const recordings = Object.entries(files).map(([file, gidSize]) => ({
  ...(JSON.parse(readFileSync(path.join(import.meta.dirname, file), 'utf8')) as Recorded),
  gidSize,
}));

const sample = (recorded: Sample | undefined) => ({
  id: 1,
  bytes: bytesOf(recorded?.bytes),
  own: bytesOf(recorded?.own),
  related: bytesOf(recorded?.related),
});

const wire = serviceWires.fastdds;
/** What the client asked, and what the service answered. */
const table: readonly (readonly [
  string,
  CallableService | 'lifecycle_msgs/srv/GetState',
  unknown,
  unknown,
])[] = [
  ['enable', 'std_srvs/srv/SetBool', { data: true }, { success: true, message: 'on' }],
  ['get_state', 'lifecycle_msgs/srv/GetState', {}, { state: { id: 3, label: 'active' } }],
];

describe.each(recordings)('On the wire: $origin', ({ node, calls, gidSize }) => {
  it('a node announces itself with the endpoints of its client', () => {
    const told = readAnnouncement(bytesOf(node));
    expect(told?.gidSize).toBe(gidSize);
    const { participant = new Uint8Array(), nodes = [] } = told ?? {};
    expect(nodes).toMatchObject([{ namespace: '/', name: 'asker' }]);
    expect(productOf(participant)).toBe('Fast DDS');
    const again = writeParticipantEntities(new CdrWriter(), { participant, nodes }, gidSize);
    expect(hexOf(again)).toBe(withoutPadding(node, again.length));
  });

  it.each(table)(
    'a request to %s is understood, and answered as its own service did',
    (name, type, asked, answer) => {
      const call = calls[name];
      const { request, reply } = readRequest(wire, type, sample(call?.request));
      expect(request).toEqual(asked);
      const ours = reply(answer as ServiceResponse<typeof type>);
      expect(hexOf(ours.bytes)).toBe(withoutPadding(call?.reply.bytes ?? '', ours.bytes.length));
      expect(hexOf(ours.related ?? new Uint8Array())).toBe(call?.reply.related);
      // Who waits is the reader that the client named beside its request.
      expect(hexOf(ours.reader ?? new Uint8Array())).toBe(call?.request.related.slice(0, 32));
    },
  );

  it('an answer is understood only by its caller', () => {
    const call = calls.enable;
    const asker = bytesOf(call?.request.related.slice(0, 32));
    const answered = (reader: Uint8Array) =>
      wire.answer(callCodec('std_srvs/srv/SetBool', { data: true }), sample(call?.reply), 0n, reader);
    expect(answered(asker)).toEqual({ success: true, message: 'on' });
    expect(answered(asker.map((octet) => octet ^ 1))).toBeUndefined();
  });

  it('each call is looked at', () => {
    expect(table.map(([name]) => name).sort()).toEqual(Object.keys(calls).sort());
  });
});

import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../../device/dds/service-wire.ts';
import {
  CdrReader,
  CdrWriter,
  callCodec,
  readServiceRequest,
  type ServiceResponse,
  type ServiceType,
  writeServiceResponse,
} from '../../../../src/ros2/index.ts';
import { readRequest } from '../../../fixtures/read-request.ts';
import { fromHex, rosGolden } from './golden.ts';

function written<Type extends ServiceType>(type: Type, response: ServiceResponse<Type>): Uint8Array {
  const writer = new CdrWriter();
  writeServiceResponse(type, writer, response);
  return Uint8Array.from(writer.finish());
}

const read = (type: ServiceType, hex: string) => readServiceRequest(type, new CdrReader(fromHex(hex), type));

describe('Requests as ROS 2 writes them', () => {
  it('name parameters', () => {
    expect(read('rcl_interfaces/srv/GetParameters', rosGolden.namesRequest)).toEqual({
      names: ['a', 'classes'],
    });
    expect(read('rcl_interfaces/srv/ListParameters', rosGolden.listRequest)).toEqual({
      prefixes: ['front'],
      depth: 2,
    });
  });

  it('carry values of the types that we have, and the type of the others', () => {
    expect(read('rcl_interfaces/srv/SetParameters', rosGolden.setRequest)).toEqual({
      parameters: [
        { name: 'score_threshold', value: { type: 'double', value: 0.4 } },
        { name: 'enabled', value: { type: 'bool', value: true } },
        { name: 'classes', value: { type: 'string_array', value: ['car', 'fahrrad-ü', ''] } },
        { name: 'n', value: { type: 'integer' } },
      ],
    });
    expect(read('rcl_interfaces/srv/SetParametersAtomically', rosGolden.oddValues)).toEqual({
      parameters: [
        { name: 'a', value: { type: 'double_array' } },
        { name: 'enabled', value: { type: 'bool', value: false } },
      ],
    });
  });

  it('are refused by name of the field where they are cut short or lie about their length', () => {
    const bytes = fromHex(rosGolden.setRequest);
    for (let length = 4; length < bytes.length; length += 1) {
      const cut = new CdrReader(bytes.subarray(0, length), 'rcl_interfaces/srv/SetParameters');
      expect(() => readServiceRequest('rcl_interfaces/srv/SetParameters', cut)).toThrow('it ends inside');
    }
    const lie = Uint8Array.of(0, 1, 0, 0, 255, 255, 0, 0);
    expect(() => readServiceRequest('rcl_interfaces/srv/GetParameters', new CdrReader(lie, 'x'))).toThrow(
      'names',
    );
  });
});

describe('Responses', () => {
  it('are the bytes that ROS 2 writes', () => {
    expect(written('std_srvs/srv/SetBool', { success: true, message: 'on' })).toEqual(
      fromHex(rosGolden.setBool),
    );
    expect(
      written('rcl_interfaces/srv/GetParameters', {
        values: [
          { type: 'double', value: 0.4 },
          { type: 'bool', value: true },
          { type: 'string_array', value: ['car', 'fahrrad-ü', ''] },
          { type: 'not_set' },
        ],
      }),
    ).toEqual(fromHex(rosGolden.getResponse));
    expect(written('rcl_interfaces/srv/GetParameterTypes', { types: [3, 1, 9, 0] })).toEqual(
      fromHex(rosGolden.typesResponse),
    );
    const refused = { successful: false, reason: 'no' };
    expect(
      written('rcl_interfaces/srv/SetParameters', { results: [{ successful: true, reason: '' }, refused] }),
    ).toEqual(fromHex(rosGolden.setResponse));
    expect(written('rcl_interfaces/srv/SetParametersAtomically', { result: refused })).toEqual(
      fromHex(rosGolden.atomicResponse),
    );
    expect(
      written('rcl_interfaces/srv/DescribeParameters', {
        descriptors: [
          { name: 'score_threshold', type: 'double', description: 'Smallest', range: { from: 0, to: 1 } },
          { name: 'x', type: 'not_set', description: '' },
        ],
      }),
    ).toEqual(fromHex(rosGolden.describeResponse));
    expect(
      written('rcl_interfaces/srv/ListParameters', {
        result: { names: ['front.enabled', 'b'], prefixes: ['front'] },
      }),
    ).toEqual(fromHex(rosGolden.listResponse));
  });
});

describe('A request over Cyclone DDS', () => {
  const wire = serviceWires.cyclone;
  const asked = (littleEndian: boolean) => {
    const writer = new CdrWriter({ littleEndian });
    writer.uint64(77n);
    writer.uint64(5n);
    writer.boolean(true);
    return Uint8Array.from(writer.finish());
  };

  it.each([true, false])(
    'is answered to who asked, in its own octet order (little endian: %s)',
    (littleEndian) => {
      const request = { id: 1, bytes: asked(littleEndian) };
      const read = readRequest(wire, 'std_srvs/srv/SetBool', request);
      const { bytes } = read.reply({ success: read.request.data, message: 'on' });
      const reader = new CdrReader(bytes, 'std_srvs/srv/SetBool');
      expect(reader.littleEndian).toBe(littleEndian);
      expect([reader.uint64('client'), reader.uint64('sequence_number')]).toEqual([77n, 5n]);
      expect([reader.boolean('success'), reader.string('message')]).toEqual([true, 'on']);
    },
  );

  it('that is cut short is refused', () => {
    expect(() =>
      readRequest(wire, 'std_srvs/srv/SetBool', { id: 1, bytes: asked(true).subarray(0, 20) }),
    ).toThrow('it ends inside data');
  });

  it('finds the two topics of a service by an id that no other service of the participant has', () => {
    const guid = Uint8Array.from({ length: 16 }, (_, at) => at + 9);
    const ofService = (number: number) => wire.userData('service', guid, number);
    expect(ofService(3)).toBe('serviceid=9.a.b.c.d.e.f.10.11.12.13.14.0.0.0.3;');
    expect(ofService(4)).not.toBe(ofService(3));
    expect(wire.userData('client', guid, 0x01020304)).toMatch(/^clientid=9\.a\..*\.14\.1\.2\.3\.4;$/);
  });

  it('that is too damaged to say whom it answers ends no call; one of ours that cannot be read does', () => {
    const codec = callCodec('std_srvs/srv/SetBool', { data: true });
    const answer = (bytes: Uint8Array) => wire.answer(codec, { id: 1, bytes }, 5n, new Uint8Array(16));
    for (const damaged of [[], [0, 1, 0, 0], [9, 9, 9, 9, ...new Array(30).fill(0)], [0, 1, 0, 0, 5, 0]])
      expect(answer(Uint8Array.from(damaged))).toBeUndefined();
    const cut = [0, 1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
    expect(() => answer(Uint8Array.from(cut))).toThrow();
  });
});

describe('A request over Fast DDS', () => {
  const wire = serviceWires.fastdds;
  const writer = new CdrWriter();
  writer.boolean(true);
  const bytes = Uint8Array.from(writer.finish());
  const number = [0, 0, 0, 0, 0, 0, 0, 9];
  const identity = (first: number) => Uint8Array.of(...new Array(16).fill(first), ...number);
  const answer = (related: Uint8Array) => {
    const read = readRequest(wire, 'std_srvs/srv/SetBool', { id: 1, bytes, own: identity(3), related });
    return read.reply({ success: read.request.data, message: 'on' });
  };

  it('is answered to the reader that its client names beside it, under the number of the request', () => {
    const reply = answer(Uint8Array.of(...new Array(16).fill(7), ...new Array(8).fill(255)));
    expect(reply.reader).toEqual(new Uint8Array(16).fill(7));
    expect(reply.related).toEqual(identity(7));
    const reader = new CdrReader(reply.bytes, 'std_srvs/srv/SetBool');
    expect([reader.boolean('success'), reader.string('message')]).toEqual([true, 'on']);
  });

  it('whose client names no reader is answered to its writer, and waits for no reader', () => {
    const reply = answer(new Uint8Array(24));
    expect(reply.related).toEqual(identity(3));
    expect(reply.reader).toBeUndefined();
  });

  it('whose client names a writer waits for no reader', () => {
    const named = Uint8Array.of(...new Array(15).fill(7), 3, ...new Array(8).fill(255));
    expect(answer(named).reader).toBeUndefined();
  });

  it('needs nothing that pairs its topics', () => {
    expect(wire.userData('service', new Uint8Array(16), 3)).toBe('');
  });
});

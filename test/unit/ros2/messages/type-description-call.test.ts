import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CdrReader,
  CdrWriter,
  callCodec,
  readServiceRequest,
  type ServiceResponse,
  typeDescription,
  writeServiceResponse,
} from '../../../../src/ros2/index.ts';

const type = 'type_description_interfaces/srv/GetTypeDescription';
const answer: ServiceResponse<typeof type> = {
  ...{ successful: true, reason: '' },
  description: typeDescription('sensor_msgs/msg/Temperature'),
};

const written = (response: ServiceResponse<typeof type>) => {
  const writer = new CdrWriter();
  writeServiceResponse(type, writer, response);
  return Uint8Array.from(writer.finish());
};
const asked = { typeName: 'arm_msgs/msg/State', typeHash: 'RIHS01_00' };
const codec = callCodec(type, asked);
const read = (bytes: Uint8Array) => codec.read(new CdrReader(bytes, type));
/** Two empty lists behind the description, which nobody reads, and what aligns them. */
const unread = 8 + 3;

describe('What a node says of a type', () => {
  it('is read as it was written, and asked for by name and hash', () => {
    expect(read(written(answer))).toEqual(answer);
    expect(read(written({ successful: false, reason: 'unknown' }))).toMatchObject({
      ...{ successful: false, reason: 'unknown' },
    });
    const writer = new CdrWriter();
    codec.write(writer);
    expect(readServiceRequest(type, new CdrReader(writer.finish(), type))).toEqual(asked);
  });

  it('is refused wherever it is cut', () => {
    const bytes = written(answer);
    for (let length = 4; length < bytes.length - unread; length += 1)
      expect(() => read(bytes.subarray(0, length))).toThrow('ends inside');
  });

  it('with any octets changed is read, or refused with its reason', () => {
    const bytes = written(answer);
    const change = fc.tuple(fc.integer({ min: 4, max: bytes.length - 1 }), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, octet] of changes) changed[at] = octet;
        try {
          read(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^cdr-/) });
        }
      }),
      { numRuns: 500 },
    );
  });
});

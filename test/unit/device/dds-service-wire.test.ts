import { describe, expect, it } from 'vitest';
import { serviceWires } from '../../../device/dds/service-wire.ts';
import { CdrWriter } from '../../../src/ros2/index.ts';
import { readRequest } from '../../fixtures/read-request.ts';

const type = 'std_srvs/srv/SetBool';
const answer = { success: true, message: '' };

describe('Whom an answer over Cyclone DDS waits for', () => {
  const asked = (related?: Uint8Array) => {
    const request = new CdrWriter();
    request.uint64(7n);
    request.uint64(1n);
    request.boolean(true);
    const sample = { id: 1, bytes: request.finish(), ...(related && { related }) };
    return readRequest(serviceWires.cyclone, type, sample).reply(answer).reader;
  };

  it('is the client that the writer of its request says it is of, kept beyond the sample', () => {
    const related = new Uint8Array(24).fill(9, 0, 16);
    const reader = asked(related);
    related.fill(0);
    expect(reader).toEqual(new Uint8Array(16).fill(9));
  });

  it('is anybody where that is not said', () => {
    expect(asked(new Uint8Array(24))).toEqual(new Uint8Array(16));
    expect(asked()).toEqual(new Uint8Array(16));
  });
});

import { describe, expect, it } from 'vitest';
import {
  CdrReader,
  CdrWriter,
  parametersToSet,
  refusal,
  type ServiceType,
  serviceTypeHashes,
  writeServiceResponse,
} from '../../../../src/ros2/index.ts';

const written = (type: ServiceType, reason: string, parameters: number) => {
  const writer = new CdrWriter();
  writeServiceResponse(type, writer, refusal(type, reason, parameters));
  return writer.finish();
};

describe('A request that is refused', () => {
  it.each(Object.keys(serviceTypeHashes) as ServiceType[])('gets an answer of its type: %s', (type) => {
    expect(written(type, 'no room', 0).length).toBeGreaterThan(4);
  });

  it('gets the reason, for each parameter that it wants to set', () => {
    const reply = new CdrReader(written('rcl_interfaces/srv/SetParameters', 'no room', 3), 'results');
    expect(reply.sequence('results', 5)).toBe(3);
    for (let at = 0; at < 3; at += 1) {
      expect([reply.boolean('successful'), reply.string('reason')]).toEqual([false, 'no room']);
    }
    expect(refusal('std_srvs/srv/Trigger', 'no room')).toEqual({ success: false, message: 'no room' });
    expect(refusal('lifecycle_msgs/srv/ChangeState', 'no room')).toEqual({ success: false });
  });

  it('cannot ask for more results than parameters fit into it', () => {
    const type = 'rcl_interfaces/srv/SetParameters';
    const asking = (count: number) => {
      const writer = new CdrWriter();
      writer.uint32(count);
      return new CdrReader(Uint8Array.from(writer.finish()), type);
    };
    expect(parametersToSet(type, asking(2), 250)).toBe(2);
    expect(parametersToSet(type, asking(4_000_000_000), 4800)).toBe(100);
    expect(parametersToSet('std_srvs/srv/SetBool', asking(7), 4800)).toBe(0);
  });
});

import { expect, it } from 'vitest';
import { RobotServices } from '../../../../src/adapters/ros2/robot-services.ts';
import type { ServiceFinder } from '../../../../src/adapters/ros2/service-finder.ts';
import { type MessageStruct, type RosNode, serviceByTexts } from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const type = 'nest_msgs/srv/Look';
const shape = serviceByTexts(
  type,
  () => '---\nuint8 value\n',
  () => 'RIHS01_0',
)!;

function nested(depth: number): MessageStruct {
  return depth === 1 ? { value: 1 } : { in: nested(depth - 1) };
}

it.each([
  [24, true],
  [25, false],
])('An answer that is nested %s deep is reported: %s', async (depth, told) => {
  const services = new RobotServices({
    node: { topic: (name: string) => name, callForeign: async () => nested(depth) } as unknown as RosNode,
    clock: new FakeClock(),
    services: new Map([['look', { service: '/look', type }]]),
    finder: { find: () => shape } as unknown as ServiceFinder,
  });
  const call = services.call({ service: 'look' });
  if (told) await expect(call).resolves.toMatchObject({ reply: nested(depth) });
  else await expect(call).rejects.toMatchObject({ code: 'robot-reply-untold' });
});

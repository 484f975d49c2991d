import { expect, it, vi } from 'vitest';
import { qosProfiles } from '../../../src/ros2/index.ts';

const middleware = vi.hoisted(() => ({ takes: true, sent: [] as string[] }));

vi.mock('../../../native/index.ts', () => {
  const end = { guid: () => new Uint8Array(16), close: () => {} };
  const participant = { ...end, writersOf: () => [], readersOf: () => [], announcements: () => ({}) };
  const reader = { ...end, take: () => null };
  return {
    loadDds: () => ({
      // biome-ignore-start lint/complexity/useArrowFunction: they are called with new
      DdsParticipant: function () {
        return participant;
      },
      DdsReader: function () {
        return reader;
      },
      DdsWriter: function (_: unknown, { topic }: { topic: string }) {
        const write = () => {
          if (middleware.takes && topic !== 'ros_discovery_info') middleware.sent.push(topic);
          return middleware.takes;
        };
        return { ...end, write, take: () => [], reaches: () => true, matched: () => 1 };
      },
      // biome-ignore-end lint/complexity/useArrowFunction: they are called with new
    }),
  };
});

it('A latched topic of a node is told again until it is taken; another one counts its message as not sent', async () => {
  const { DdsNode, rosEnvironment } = await import('../../../device/dds/index.ts');
  vi.useFakeTimers();
  const node = DdsNode.open({ environment: rosEnvironment({}, 'cyclone') });
  try {
    const status = node.advertise('/status', 'std_msgs/msg/Header', qosProfiles.latched);
    const objects = node.advertise('/objects', 'std_msgs/msg/Header', qosProfiles.standard);
    middleware.takes = false;
    expect(status.publish(Uint8Array.of(1))).toBe(true);
    expect(objects.publish(Uint8Array.of(1))).toBe(false);
    middleware.takes = true;
    vi.advanceTimersByTime(1000);
    expect(middleware.sent).toEqual(['rt/status']);
  } finally {
    node.close();
    vi.useRealTimers();
  }
});

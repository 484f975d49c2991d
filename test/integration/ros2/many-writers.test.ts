import { describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { type DdsEndpointOptions, ddsBuilt, loadDds } from '../../../native/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { freeDomain } from './free-domain.ts';

const writerOf = (topic: string): DdsEndpointOptions => ({
  topic,
  type: 'arm_msgs::msg::dds_::State_',
  userData: '',
  reliability: 'best_effort',
  durability: 'volatile',
  ...{ depth: 1, maxBytes: 0, queue: 0, maxBlockingMs: 0 },
});

describe('A graph on which somebody announces thousands of publishers', () => {
  const built = ddsBuilt('cyclone');

  it.skipIf(!built)(
    `is read once for all topics, and hides no real publisher${built ? '' : ' (skipped: the addon is not built)'}`,
    { timeout: 120_000 },
    async () => {
      const { DdsParticipant, DdsWriter } = loadDds('cyclone');
      const environment = { ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, 'cyclone'), domain: freeDomain() };
      const warn = vi.fn<(message: string, fields?: object) => void>();
      const node = DdsNode.open({ environment, log: { ...silentLog, warn } });
      const { domain, configuration } = environment;
      const participant = () => new DdsParticipant({ domain, configuration, userData: '' });
      const [counter, stranger, robot] = [participant(), participant(), participant()];
      const open = [];
      try {
        for (let at = 0; at < 2000; at += 1)
          open.push(new DdsWriter(stranger, writerOf(`rt/flood${at % 50}`), () => {}));
        await vi.waitFor(() => expect(counter.announcements().heard).toBeGreaterThanOrEqual(2000), 60_000);
        const before = counter.announcements();
        for (let topic = 0; topic < 32; topic += 1)
          for (let look = 0; look < 5; look += 1)
            expect(counter.writersOf(`rt/unknown${topic}`, 16)).toEqual([]);
        expect(counter.announcements()).toEqual(before);
        expect(counter.writersOf('rt/flood7', 16)).toHaveLength(16);
        node.publishers('unknown');
        expect(warn).not.toHaveBeenCalled();

        for (let at = 0; at < 200; at += 1)
          open.push(new DdsWriter(stranger, writerOf('rt/flood0'), () => {}));
        open.push(new DdsWriter(robot, writerOf('rt/arm'), () => {}));
        await vi.waitFor(() => expect(node.publishers('arm')).toHaveLength(1), 60_000);
        node.publishers('arm');
        expect(warn).toHaveBeenCalledOnce();
        expect(warn).toHaveBeenCalledWith(expect.stringContaining('than are kept'), expect.anything());

        for (const writer of open.splice(0, 2200)) writer.close();
        await vi.waitFor(() => expect(node.publishers('flood0')).toEqual([]), 60_000);
        expect(node.publishers('arm')).toHaveLength(1);
        open.pop()?.close();
        await vi.waitFor(() => expect(node.publishers('arm')).toEqual([]), 60_000);
      } finally {
        for (const writer of open) writer.close();
        for (const each of [counter, stranger, robot]) each.close();
        node.close();
      }
    },
  );
});

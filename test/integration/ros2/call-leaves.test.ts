import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { type DdsEndpointOptions, ddsBuilt, type Middleware } from '../../../native/index.ts';
import { ddsServiceTopics, ddsServiceTypes, qosProfiles } from '../../../src/ros2/index.ts';
import { freeDomain } from './free-domain.ts';

const addons = { cyclone: 'goshawk_dds.node', fastdds: 'goshawk_fastdds.node' } as const;

/** A service that is there and will not answer, in a process that can be stopped. */
const program = `
const [, addon, domain, configuration, request, reply] = process.argv;
const { DdsParticipant, DdsReader, DdsWriter } = require(addon);
const participant = new DdsParticipant({ domain: Number(domain), configuration, userData: '' });
const ends = [new DdsReader(participant, JSON.parse(request), () => {}), new DdsWriter(participant, JSON.parse(reply), () => {})];
setInterval(() => ends, 1000);
`;

/** A stopped process acknowledges nothing: Fast DDS waited for 200 ms each time, Cyclone DDS for up to a second. */
const shorterThanAnyFarewellMs = 150;

describe('A call that gets no answer', () => {
  for (const middleware of Object.keys(addons) as Middleware[]) {
    const missing = ddsBuilt(middleware) ? '' : ' (skipped: its addon is not built)';
    const title = `does not hold up the event loop over ${middleware}${missing}`;
    it.skipIf(missing !== '')(title, { timeout: 120_000 }, async () => {
      const environment = {
        ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, middleware),
        domain: freeDomain(),
      };
      const topics = ddsServiceTopics('/ask');
      const types = ddsServiceTypes('std_srvs/srv/Trigger');
      const common: Omit<DdsEndpointOptions, 'topic' | 'type'> = {
        ...{ ...qosProfiles.standard, userData: '', maxBytes: 1000, queue: 10, maxBlockingMs: 0 },
      };
      const addon = path.join(import.meta.dirname, '../../../native/build/out', addons[middleware]);
      const server = spawn(
        process.execPath,
        [
          ...['-e', program, addon, String(environment.domain), environment.configuration],
          JSON.stringify({ ...common, topic: topics.request, type: types.request }),
          JSON.stringify({ ...common, topic: topics.reply, type: types.response }),
        ],
        { stdio: 'inherit' },
      );
      const node = DdsNode.open({ middleware, environment });
      try {
        await vi.waitFor(() => expect(node.servers('/ask')).toHaveLength(2), 60_000);
        server.kill('SIGSTOP');
        // A machine that is busy may hold it up as well, but not each time.
        const heldUpMs: number[] = [];
        while (heldUpMs.length < 8 && !heldUpMs.some((each) => each < shorterThanAnyFarewellMs)) {
          let last = performance.now();
          let longest = 0;
          const look = () => {
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
          };
          const ticking = setInterval(look, 5);
          await expect(node.call('/ask', 'std_srvs/srv/Trigger', {}, 300)).rejects.toThrow('no answer');
          look();
          clearInterval(ticking);
          heldUpMs.push(longest);
        }
        expect(Math.min(...heldUpMs)).toBeLessThan(shorterThanAnyFarewellMs);
      } finally {
        server.kill('SIGKILL');
        node.close();
      }
    });
  }
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt, loadDds, type Middleware } from '../../../native/index.ts';
import { freeDomain } from './free-domain.ts';

const addons = { cyclone: 'goshawk_dds.node', fastdds: 'goshawk_fastdds.node' } as const;
const rounds = 8;

/** Writers that speak as soon as somebody listens, and leave at once: in a process of its own, as a node that ends. */
const program = `
const [, addon, domain, configuration, rounds, options] = process.argv;
const { DdsParticipant, DdsWriter } = require(addon);
(async () => {
  const participant = new DdsParticipant({ domain: Number(domain), configuration, userData: '' });
  for (let round = 1; round <= Number(rounds); round += 1) {
    const writer = new DdsWriter(participant, JSON.parse(options), () => {});
    while (writer.matched() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    writer.write(Uint8Array.of(0, 1, 0, 0, round, 0, 0, 0));
    writer.close();
  }
  participant.close();
})();
`;

describe('The last words of a node that leaves', () => {
  it.each(Object.keys(addons) as Middleware[])(
    'are heard over %s',
    { timeout: 120_000 },
    async (middleware) => {
      const { configuration } = rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, middleware);
      const { DdsParticipant, DdsReader } = loadDds(middleware);
      const domain = freeDomain();
      const options = {
        ...{ topic: 'rt/bond', type: 'test_msgs::msg::dds_::Word_', userData: '', depth: 100 },
        ...{ reliability: 'reliable', durability: 'volatile', maxBytes: 100, queue: 100, maxBlockingMs: 0 },
      } as const;
      const participant = new DdsParticipant({ domain, configuration, userData: '' });
      const heard: number[] = [];
      const reader = new DdsReader(participant, options, () => {
        for (const { id, bytes } of reader.take()?.samples ?? []) {
          heard.push(bytes[4] ?? 0);
          reader.release(id);
        }
      });
      const addon = path.join(import.meta.dirname, '../../../native/build/out', addons[middleware]);
      const words = ['-e', program, addon, String(domain), configuration, String(rounds)];
      const child = spawn(process.execPath, [...words, JSON.stringify(options)], { stdio: 'inherit' });
      await once(child, 'exit');
      // What came is read by the event loop a moment later.
      await vi.waitFor(() => expect(heard).toEqual(Array.from({ length: rounds }, (_, at) => at + 1)), 2000);
      reader.close();
      participant.close();
    },
  );
});

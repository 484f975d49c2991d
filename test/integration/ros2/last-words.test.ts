import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { type DdsEndpointOptions, ddsBuilt, loadDds, type Middleware } from '../../../native/index.ts';
import { freeDomain } from './free-domain.ts';

const addons = { cyclone: 'goshawk_dds.node', fastdds: 'goshawk_fastdds.node' } as const;
const rounds = 16;

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
  for (const middleware of Object.keys(addons) as Middleware[]) {
    const missing = ddsBuilt(middleware) ? '' : ' (skipped: its addon is not built)';
    const title = `are heard over ${middleware}${missing}`;
    it.skipIf(missing !== '')(title, async () => {
      const { configuration } = rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, middleware);
      const { DdsParticipant, DdsReader } = loadDds(middleware);
      const domain = freeDomain();
      const options: DdsEndpointOptions = {
        ...{ topic: 'rt/bond', type: 'test_msgs::msg::dds_::Word_', userData: '', depth: 100 },
        ...{ reliability: 'reliable', durability: 'volatile', maxBytes: 100, queue: 100, maxBlockingMs: 0 },
      };
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
      // Whose thread had no processor for 200 ms may lose one. Before there was a wait at all, each was lost.
      await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(rounds / 4), 30_000);
      expect(heard).toEqual([...heard].sort((a, b) => a - b));
      reader.close();
      participant.close();
    });
  }
});

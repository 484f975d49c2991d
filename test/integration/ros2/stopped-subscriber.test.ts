import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { type DdsEndpointOptions, ddsBuilt, loadDds, type Middleware } from '../../../native/index.ts';
import { qosProfiles } from '../../../src/ros2/index.ts';
import { freeDomain } from './free-domain.ts';

const addons = { cyclone: 'goshawk_dds.node', fastdds: 'goshawk_fastdds.node' } as const;

/** Subscribers in a process that can be stopped. */
const program = `
const [, addon, domain, configuration, options] = process.argv;
const { DdsParticipant, DdsReader } = require(addon);
const participant = new DdsParticipant({ domain: Number(domain), configuration, userData: '' });
const readers = JSON.parse(options).map((each) => new DdsReader(participant, each, () => {}));
setInterval(() => readers, 1000);
`;

/** Cyclone DDS waited for a second for each of them, Fast DDS for 200 ms or for a second. */
const shorterThanAnyFarewellMs = 150;

describe('Publishers whose subscriber is stuck', () => {
  for (const middleware of Object.keys(addons) as Middleware[]) {
    const missing = ddsBuilt(middleware) ? '' : ' (skipped: its addon is not built)';
    const title = `are closed without a wait on the event loop over ${middleware}, and others hear their last words${missing}`;
    it.skipIf(missing !== '')(title, { timeout: 120_000 }, async () => {
      const { configuration } = rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, middleware);
      const { DdsParticipant, DdsReader, DdsWriter } = loadDds(middleware);
      const domain = freeDomain();
      const topics: DdsEndpointOptions[] = [0, 1, 2, 3].map((number) => ({
        ...(number === 0 ? qosProfiles.latched : qosProfiles.standard),
        ...{ topic: `rt/results${number}`, type: 'test_msgs::msg::dds_::Word_', userData: '' },
        ...{ maxBytes: 100, queue: 10, maxBlockingMs: 0 },
      }));
      const participant = new DdsParticipant({ domain, configuration, userData: '' });
      const heard: number[] = [];
      const readers = topics.map((options) => {
        const reader = new DdsReader(participant, options, () => {
          for (const { id, bytes } of reader.take()?.samples ?? []) {
            heard.push(bytes[4] ?? 0);
            reader.release(id);
          }
        });
        return reader;
      });
      const addon = path.join(import.meta.dirname, '../../../native/build/out', addons[middleware]);
      const words = ['-e', program, addon, String(domain), configuration, JSON.stringify(topics)];
      const subscriber = spawn(process.execPath, words, { stdio: 'inherit' });
      // A machine that is busy may hold it up as well, but not each time.
      const heldUpMs: number[] = [];
      try {
        while (heldUpMs.length < 5 && !heldUpMs.some((each) => each < shorterThanAnyFarewellMs)) {
          heard.length = 0;
          const writers = topics.map((options) => new DdsWriter(participant, options, () => {}));
          await vi.waitFor(() => expect(writers.map((each) => each.matched())).toEqual([2, 2, 2, 2]), 60_000);
          subscriber.kill('SIGSTOP');
          for (const [number, writer] of writers.entries()) {
            expect(writer.write(Uint8Array.of(0, 1, 0, 0, number, 0, 0, 0))).toBe(true);
          }
          const begunMs = performance.now();
          for (const writer of writers) writer.close();
          heldUpMs.push(performance.now() - begunMs);
          await vi.waitFor(() => expect([...heard].sort()).toEqual([0, 1, 2, 3]), 20_000);
          subscriber.kill('SIGCONT');
        }
        expect(Math.min(...heldUpMs)).toBeLessThan(shorterThanAnyFarewellMs);
      } finally {
        subscriber.kill('SIGKILL');
        for (const reader of readers) reader.close();
        participant.close();
      }
    });
  }
});

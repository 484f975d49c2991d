import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../device/dds/index.ts';
import { type DdsReaderHandle, ddsBuilt, loadDds, type Middleware } from '../../native/index.ts';
import { ddsType, graphType, qosProfiles, readAnnouncement } from '../../src/ros2/index.ts';

const domain = '93';
/** More by a command of its own: `GOSHAWK_STARTS=1000 npx vitest run test/contract/ros-node-leaves.test.ts`. */
const starts = Number(process.env.GOSHAWK_STARTS ?? 3);
const middlewares = ['cyclone', 'fastdds'] as const;

const environmentOf = (middleware: Middleware) =>
  rosEnvironment({ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' }, middleware);

/** Nodes by the last word of each participant, as every node of ROS keeps them. */
function watch(middleware: Middleware) {
  const addon = loadDds(middleware);
  const environment = environmentOf(middleware);
  const participant = new addon.DdsParticipant({
    domain: environment.domain,
    configuration: environment.configuration,
    userData: 'enclave=/;',
  });
  const nodes = new Map<string, readonly string[]>();
  const reader: DdsReaderHandle = new addon.DdsReader(
    participant,
    {
      ...qosProfiles.latched,
      ...{ topic: 'ros_discovery_info', type: ddsType(graphType), userData: '' },
      ...{ depth: 32, maxBytes: 1 << 20, queue: 64, maxBlockingMs: 0 },
    },
    () => {
      for (const { id, bytes } of reader.take()?.samples ?? []) {
        const told = readAnnouncement(bytes);
        if (told === undefined) throw new Error('an announcement can’t be read');
        nodes.set(
          Buffer.from(told.participant.subarray(0, 16)).toString('hex'),
          told.nodes.map(({ name }) => name),
        );
        reader.release(id);
      }
    },
  );
  return {
    sees: (name: string) => [...nodes.values()].flat().filter((each) => each === name).length,
    close: () => {
      reader.close();
      participant.close();
    },
  };
}

describe.each(middlewares)('A node over %s', (own) => {
  describe.each(middlewares)('that a participant of %s watches', (other) => {
    const here = ddsBuilt(own) && ddsBuilt(other);
    let watcher: ReturnType<typeof watch>;
    beforeAll(() => {
      if (here) watcher = watch(other);
    });
    afterAll(() => watcher?.close());

    it.skipIf(!here)(
      `is no ghost after it ended${here ? '' : ' (skipped: the addon is not built)'}`,
      async () => {
        let slowestMs = 0;
        for (let start = 0; start < starts; start += 1) {
          const name = `${own}_to_${other}_${start}`;
          const node = DdsNode.open({
            middleware: own,
            environment: environmentOf(own),
            name: { namespace: '/', name },
          });
          await vi.waitFor(() => expect(watcher.sees(name)).toBe(1), { timeout: 20_000, interval: 5 });
          const endedMs = performance.now();
          node.close();
          await vi.waitFor(() => expect(watcher.sees(name)).toBe(0), { timeout: 20_000, interval: 5 });
          slowestMs = Math.max(slowestMs, performance.now() - endedMs);
        }
        process.stdout.write(`${own} to ${other}: gone after ${slowestMs.toFixed(0)} ms at most\n`);
      },
      30_000 + starts * 5000,
    );
  });
});

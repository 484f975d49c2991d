import { describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { type DdsEndpointOptions, type DdsReaderHandle, ddsBuilt, loadDds } from '../../../native/index.ts';
import { CdrWriter, ddsServiceTopics, ddsServiceTypes, qosProfiles } from '../../../src/ros2/index.ts';
import { freeDomain } from './free-domain.ts';

const built = ddsBuilt('cyclone');

describe('An answer over Cyclone DDS', () => {
  const type = 'std_srvs/srv/SetBool';
  const common: Omit<DdsEndpointOptions, 'topic' | 'type'> = {
    ...{ ...qosProfiles.standard, userData: '', maxBytes: 4096, queue: 10, maxBlockingMs: 0 },
  };

  it.skipIf(!built)(
    `waits for the reader of who asked, though another client is there${built ? '' : ' (skipped: the addon is not built)'}`,
    async () => {
      const environment = { ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, 'cyclone'), domain: freeDomain() };
      const { domain, configuration } = environment;
      const node = DdsNode.open({ environment });
      let asked = 0;
      const server = node.serve('/light/enable', type, ({ data }) => {
        asked += 1;
        return { success: data, message: '' };
      });
      const topics = ddsServiceTopics(server.topic);
      const types = ddsServiceTypes(type);
      const { DdsParticipant, DdsReader, DdsWriter } = loadDds('cyclone');
      const participant = new DdsParticipant({ domain, configuration, userData: '' });
      const ends: { close(): void }[] = [];
      /** As the two topics of one client of rmw_cyclonedds. */
      const client = (number: number) => {
        const userData = `clientid=1.2.3.4.5.6.7.8.9.a.b.c.0.0.0.${number};`;
        const heard: number[] = [];
        let servers = 0;
        const listen = () => {
          const reader: DdsReaderHandle = new DdsReader(
            participant,
            { ...common, topic: topics.reply, type: types.response, userData },
            () => {
              const { samples = [], events = [] } = reader.take() ?? {};
              for (const { kind, count } of events) if (kind === 'matched') servers = count;
              for (const { id, bytes } of samples) {
                heard.push(bytes[4] ?? 0);
                reader.release(id);
              }
            },
          );
          ends.push(reader);
        };
        const ask = async () => {
          const options = { ...common, topic: topics.request, type: types.request, userData };
          const writer = new DdsWriter(participant, options, () => {});
          ends.push(writer);
          await vi.waitFor(() => expect(writer.matched()).toBe(1), { timeout: 30_000, interval: 10 });
          const request = new CdrWriter();
          request.uint64(BigInt(number));
          request.uint64(1n);
          request.boolean(true);
          writer.write(request.finish());
        };
        return { heard, listen, ask, servers: () => servers };
      };
      try {
        const manager = client(1);
        manager.listen();
        await vi.waitFor(() => expect(manager.servers()).toBe(1), { timeout: 30_000, interval: 10 });
        const tool = client(2);
        await tool.ask();
        await vi.waitFor(() => expect(asked).toBe(1), { timeout: 30_000, interval: 10 });
        // Its announcement came late.
        tool.listen();
        await vi.waitFor(() => expect(tool.heard).toEqual([2]), { timeout: 30_000, interval: 10 });
        await manager.ask();
        await vi.waitFor(() => expect(manager.heard).toContain(1), { timeout: 30_000, interval: 10 });
      } finally {
        for (const end of ends) end.close();
        participant.close();
        node.close();
      }
    },
  );
});

describe('A call over Cyclone DDS', () => {
  it.skipIf(!built)(
    `says who calls, so that a service holds its answer back until it can reach us${built ? '' : ' (skipped: the addon is not built)'}`,
    async () => {
      const environment = { ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, 'cyclone'), domain: freeDomain() };
      const { domain, configuration } = environment;
      const node = DdsNode.open({ environment });
      const observer = new (loadDds('cyclone').DdsParticipant)({ domain, configuration, userData: '' });
      try {
        const calls = [1, 2].map(() => node.call('/nobody', 'std_srvs/srv/Trigger', {}, 30_000));
        void Promise.allSettled(calls);
        const callers = () =>
          observer
            .writersOf('rq/nobodyRequest', 4)
            .map(({ userData }) => /^(clientid=[0-9a-f.]+);typehash=/.exec(userData)?.[1]);
        await vi.waitFor(() => expect(callers()).toHaveLength(2), { timeout: 30_000, interval: 25 });
        expect(new Set(callers()).size).toBe(2);
        for (const caller of callers()) expect(caller?.split('.')).toHaveLength(16);
      } finally {
        observer.close();
        node.close();
      }
    },
  );
});

import { describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt, loadDds } from '../../../native/index.ts';
import {
  CdrWriter,
  ddsType,
  graphType,
  type ParticipantEntities,
  qosProfiles,
  writeParticipantEntities,
} from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { freeDomain } from './free-domain.ts';

const built = ddsBuilt('cyclone');

/** Within one process Cyclone DDS hands over what is written before `write` returns: the event loop has no turn meanwhile. */
describe('What the graph says while the event loop is held up', () => {
  it.skipIf(!built)(
    `is known afterwards, and nobody who says too much pushes out others${built ? '' : ' (skipped: the addon is not built)'}`,
    { timeout: 60_000 },
    async () => {
      const environment = { ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }), domain: freeDomain() };
      const { domain, configuration } = environment;
      const { DdsParticipant, DdsWriter } = loadDds('cyclone');
      const log = new RecordingLog();
      const warnings = () => log.at('warn').filter(([message]) => message.startsWith('More was announced'));
      const node = DdsNode.open({ environment, log });
      const common = { userData: '', maxBytes: 0, queue: 0, maxBlockingMs: 0 };
      const ends: { close(): void }[] = [];
      const participant = () => {
        const participant = new DdsParticipant({ domain, configuration, userData: 'enclave=/;' });
        const open = (topic: string, type: string, depth: number) => {
          const writer = new DdsWriter(
            participant,
            { ...common, ...qosProfiles.latched, topic, type: ddsType(type), depth },
            () => {},
          );
          ends.push(writer);
          return writer;
        };
        const camera = open('rt/camera', 'sensor_msgs/msg/Image', 1);
        const graph = open('ros_discovery_info', graphType, 2);
        ends.push(participant);
        const announce = (name: string, guid = participant.guid()) => {
          const own = { namespace: '/', name, readers: [], writers: [camera.guid()] };
          const told: ParticipantEntities = { participant: guid, nodes: [own] };
          expect(graph.write(writeParticipantEntities(new CdrWriter(), told, 16))).toBe(true);
        };
        return { announce, other: (number: number) => participant.guid().fill(number, 12) };
      };
      const publishers = () => node.publishers('/camera').map((each) => each.node);
      try {
        const one = participant();
        const loud = participant();
        await vi.waitFor(() => expect(node.publishers('/camera')).toHaveLength(2), 30_000);
        for (let number = 0; number < 150; number += 1) loud.announce(`n${number}`, loud.other(number));
        one.announce('first');
        loud.announce('loud');
        await vi.waitFor(() => expect(publishers().sort()).toEqual(['/first', '/loud']), 30_000);
        expect(warnings()).toEqual([]);
        one.announce('second');
        for (let number = 0; number < 3000; number += 1) loud.announce('louder');
        await vi.waitFor(() => expect(publishers().sort()).toEqual(['/louder', '/second']), 30_000);
        expect(warnings()).toHaveLength(1);
      } finally {
        for (const end of ends) end.close();
        node.close();
      }
    },
  );
});

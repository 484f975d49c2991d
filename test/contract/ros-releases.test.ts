import { afterEach, describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../device/dds/index.ts';
import { type DdsReaderHandle, ddsBuilt, loadDds, type Middleware } from '../../native/index.ts';
import {
  CdrWriter,
  ddsType,
  type GidSize,
  graphType,
  qosProfiles,
  readAnnouncement,
  writeParticipantEntities,
} from '../../src/ros2/index.ts';
import { RecordingLog } from '../fakes/recording-log.ts';
import { freeDomain } from '../integration/ros2/free-domain.ts';

/*
 * Beside participants that announce a node as ROS 2 Humble does, and as newer releases do. What they heard is what their own nodes
 * would have; what those make of it was seen with a Humble and a Jazzy built from source (docs/evidence/ros2.md).
 */

const closing: { close(): void }[] = [];
afterEach(() => {
  for (const each of closing.splice(0).reverse()) each.close();
});

/** A participant with one node, whose Gids have this size, and what it heard of `goshawk`. */
function speaker(middleware: Middleware, domain: string, size: GidSize, name: string) {
  const addon = loadDds(middleware);
  const environment = rosEnvironment({ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' }, middleware);
  const participant = new addon.DdsParticipant({
    ...{ domain: environment.domain, configuration: environment.configuration, userData: 'enclave=/;' },
  });
  const heard: { size: GidSize | undefined; names: readonly string[] }[] = [];
  const common = {
    ...{ ...qosProfiles.latched, topic: 'ros_discovery_info', type: ddsType(graphType), userData: '' },
    maxBlockingMs: 0,
  };
  const reader: DdsReaderHandle = new addon.DdsReader(
    participant,
    { ...common, depth: 32, maxBytes: 1 << 20, queue: 64 },
    () => {
      for (const { id, bytes } of reader.take()?.samples ?? []) {
        const told = readAnnouncement(bytes);
        const names = told?.nodes.map((node) => node.name) ?? [];
        if (names.includes('goshawk')) heard.push({ size: told?.gidSize, names });
        reader.release(id);
      }
    },
  );
  const writer = new addon.DdsWriter(participant, { ...common, maxBytes: 0, queue: 0 }, () => {});
  const nodes = [{ namespace: '/', name, readers: [], writers: [] }];
  writer.write(writeParticipantEntities(new CdrWriter(), { participant: participant.guid(), nodes }, size));
  let open = true;
  const each = {
    /** The last ones that it heard of ours. */
    last: (count: number) => heard.slice(-count),
    /** As a program that is killed: without a last word. */
    close: () => {
      if (!open) return;
      open = false;
      reader.close();
      writer.close();
      participant.close();
    },
  };
  closing.push(each);
  return each;
}

const long = { size: 24, names: ['goshawk'] };
const short = { size: 16, names: ['goshawk'] };
const shortBesideHumble = { size: 16, names: ['_goshawk', 'goshawk'] };

describe.each(['cyclone', 'fastdds'] as const)('A node over %s that no release is named to', (middleware) => {
  const here = ddsBuilt(middleware);
  const why = here ? '' : ' (skipped: the addon is not built)';
  const within = { timeout: 60_000, interval: 20 };

  it.skipIf(!here)(
    `announces itself as its neighbours understand it: Humble, both, newer ones${why}`,
    async () => {
      const domain = String(freeDomain());
      const log = new RecordingLog();
      const node = DdsNode.open({
        ...{ middleware, log },
        environment: rosEnvironment({ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' }, middleware),
      });
      closing.push(node);
      const names = () => node.neighbours().map((each) => each.node);

      const humble = speaker(middleware, domain, 24, 'old');
      await vi.waitFor(() => expect(names()).toEqual(['/old']), within);
      await vi.waitFor(() => expect(humble.last(1)).toEqual([long]), within);

      const jazzy = speaker(middleware, domain, 16, 'new');
      await vi.waitFor(() => expect(names().sort()).toEqual(['/new', '/old']), within);
      for (const each of [humble, jazzy])
        await vi.waitFor(() => expect(each.last(2)).toEqual([long, shortBesideHumble]), within);
      // Not before the neighbours kept to it.
      const warnings = () => log.at('warn').map(([message]) => message);
      await vi.waitFor(() => expect(warnings()).toHaveLength(1), within);
      expect(warnings()).toEqual([expect.stringContaining('Humble and of newer releases share this graph')]);

      humble.close();
      await vi.waitFor(() => expect(names()).toEqual(['/new']), within);
      await vi.waitFor(() => expect(jazzy.last(2)).toEqual([short, short]), within);
      // Whoever comes now hears nothing that was said to Humble.
      const later = speaker(middleware, domain, 16, 'later');
      await vi.waitFor(() => expect(later.last(2)).toEqual([short, short]), within);
    },
  );

  it.skipIf(!here)(
    `is not taken for one of Humble by another one of Goshawk that was here before${why}`,
    async () => {
      const domain = String(freeDomain());
      const environment = rosEnvironment({ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' }, middleware);
      const open = (name: string) => {
        const node = DdsNode.open({ middleware, environment, name: { namespace: '/', name } });
        closing.push(node);
        return { node, names: () => node.neighbours().map((each) => each.node) };
      };
      const jazzy = speaker(middleware, domain, 16, 'new');
      const first = open('goshawk');
      await vi.waitFor(() => expect(first.names()).toEqual(['/new']), within);
      await vi.waitFor(() => expect(jazzy.last(1)).toEqual([short]), within);
      // Before it hears of others it announces itself as one of Humble would.
      const second = open('second');
      await vi.waitFor(() => expect(first.names().sort()).toEqual(['/new', '/second']), within);
      await vi.waitFor(() => expect(second.names().sort()).toEqual(['/goshawk', '/new']), within);
      const before = jazzy.last(100).length;
      first.node.advertise('/x', 'std_msgs/msg/Header', qosProfiles.standard);
      await vi.waitFor(() => expect(jazzy.last(100).length).toBeGreaterThan(before), within);
      expect(jazzy.last(100)).not.toContainEqual(shortBesideHumble);
      expect(jazzy.last(1)).toEqual([short]);
    },
  );
});

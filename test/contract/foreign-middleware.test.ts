import { afterEach, describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../device/dds/index.ts';
import { ddsBuilt, loadDds, type Middleware } from '../../native/index.ts';
import { CdrWriter, ddsServiceTopics, ddsServiceTypes, qosProfiles } from '../../src/ros2/index.ts';
import { RecordingLog } from '../fakes/recording-log.ts';
import { freeDomain } from '../integration/ros2/free-domain.ts';

const pairs = [
  { ours: 'cyclone', theirs: 'fastdds', product: 'Fast DDS', adapter: 'fastdds' },
  { ours: 'fastdds', theirs: 'cyclone', product: 'Cyclone DDS', adapter: 'dds' },
] as const satisfies readonly { ours: Middleware; theirs: Middleware; product: string; adapter: string }[];

const closing: { close(): void }[] = [];
afterEach(() => {
  for (const each of closing.splice(0).reverse()) each.close();
});

const domain = String(freeDomain());
const environmentOf = (middleware: Middleware) =>
  rosEnvironment({ ROS_DOMAIN_ID: domain, ROS_LOCALHOST_ONLY: '1' }, middleware);

function join(middleware: Middleware, name: string, log = new RecordingLog()): DdsNode {
  const node = DdsNode.open({
    ...{ middleware, environment: environmentOf(middleware), name: { namespace: '/', name }, log },
  });
  closing.push(node);
  return node;
}

/** Sends what a client of this middleware does: with 16 octets in front that name it, or without. */
function ask(middleware: Middleware, service: string): void {
  const addon = loadDds(middleware);
  const { domain: number, configuration } = environmentOf(middleware);
  const participant = new addon.DdsParticipant({ domain: number, configuration, userData: 'enclave=/;' });
  const topic = ddsServiceTopics(service).request;
  const type = ddsServiceTypes('std_srvs/srv/SetBool').request;
  const bytes = new CdrWriter();
  if (middleware === 'cyclone') {
    bytes.uint64(0x1234n);
    bytes.uint64(1n);
  }
  bytes.boolean(true);
  const message = bytes.finish();
  const common = { ...qosProfiles.standard, userData: '', maxBytes: 4096, queue: 10, maxBlockingMs: 0 };
  const writer = new addon.DdsWriter(participant, { ...common, topic, type }, () => {});
  // Again and again: Cyclone DDS may miss the first message of a Fast DDS writer that it has just found.
  const timer = setInterval(() => writer.matched() > 0 && writer.write(message), 100);
  closing.push({ close: () => clearInterval(timer) });
  closing.push(participant, writer);
}

describe.each(pairs)('A node over $ours beside one over $theirs', ({ ours, theirs, product, adapter }) => {
  const here = ddsBuilt(ours) && ddsBuilt(theirs);
  const why = here ? '' : ' (skipped: one of the two addons is not built)';

  it.skipIf(!here)(`knows what its neighbour speaks, and says once what the two can’t do${why}`, async () => {
    const log = new RecordingLog();
    const node = join(ours, 'own', log);
    const other = join(theirs, 'neighbour');
    await vi.waitFor(() => expect(node.neighbours()).toEqual([{ node: '/neighbour', product }]), 20_000);
    other.advertise('/more', 'sensor_msgs/msg/Image', qosProfiles.standard);
    other.close();
    await vi.waitFor(() => expect(node.neighbours()).toEqual([]), 20_000);
    const told = log.at('info').filter(([message]) => message.includes('another middleware'));
    expect(told).toEqual([
      [expect.any(String), expect.objectContaining({ node: '/neighbour', speaks: product })],
    ]);
  });

  it.skipIf(!here)(
    `answers no client of the other, and neither misreads it nor calls it damaged${why}`,
    async () => {
      const log = new RecordingLog();
      const node = join(ours, 'asked', log);
      let called = 0;
      node.serve('~/enable', 'std_srvs/srv/SetBool', () => {
        called += 1;
        return { success: true, message: '' };
      });
      ask(theirs, '/asked/enable');
      await vi.waitFor(() => expect(log.at('warn')).not.toEqual([]), 20_000);
      // Of many, the first is told.
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(log.at('warn')).toHaveLength(1);
      expect(log.at('warn')[0]).toEqual([
        'A service was called through another middleware and gives no answer',
        expect.objectContaining({
          service: '/asked/enable',
          client: product,
          remedy: expect.stringContaining(`--ros ${adapter}`),
        }),
      ]);
      expect(called).toBe(0);
    },
  );
});

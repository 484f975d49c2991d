import { afterEach, describe, expect, it, vi } from 'vitest';
import { DdsNode, rosEnvironment } from '../../../device/dds/index.ts';
import { buildReport, ddsBuilt } from '../../../native/index.ts';
import { freeDomain } from './free-domain.ts';

const built = ddsBuilt('fastdds');
const why = built ? '' : ' (skipped: the addon is not built)';
/** The variable is newer. */
const isOld = buildReport().some(({ name, detail }) => name === 'fastdds' && detail.includes('Fast DDS 2.6'));

const closing: DdsNode[] = [];
afterEach(() => {
  for (const node of closing.splice(0)) node.close();
  vi.unstubAllEnvs();
});

describe('Nodes over Fast DDS that keep to this machine', () => {
  // Fast DDS by itself asks four processes: of seven the last would not find each other.
  it.skipIf(!built || isOld).each([
    ['SHM', 2],
    ['DEFAULT', 7],
    ['UDPv4', 7],
  ])(`find each other with FASTDDS_BUILTIN_TRANSPORTS=%s, %i of them${why}`, async (transports, count) => {
    vi.stubEnv('FASTDDS_BUILTIN_TRANSPORTS', transports);
    const environment = { ...rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, 'fastdds'), domain: freeDomain() };
    const nodes = Array.from({ length: count }, (_, at) =>
      DdsNode.open({ middleware: 'fastdds', environment, name: { namespace: '/', name: `node${at}` } }),
    );
    closing.push(...nodes);
    const found = () => nodes.map((node) => node.neighbours().length);
    await vi.waitFor(() => expect(found()).toEqual(nodes.map(() => count - 1)), 120_000);
  });
});

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt } from '../../../native/index.ts';
import { freeDomain } from './free-domain.ts';

const addon = path.join(import.meta.dirname, '../../../native/build/out/goshawk_dds.node');

/** As an agent of 100 cameras: each publishes its results and hears a camera. */
const program = `
const [, addon, domain, configuration] = process.argv;
const { DdsParticipant, DdsReader, DdsWriter } = require(addon);
const participant = new DdsParticipant({ domain: Number(domain), configuration, userData: '' });
const common = { type: 'arm_msgs::msg::dds_::State_', userData: '', reliability: 'best_effort', durability: 'volatile', depth: 1 };
const open = [];
for (let at = 0; at < 100; at += 1) {
  const options = { ...common, topic: 'rt/camera' + at, maxBlockingMs: 0 };
  open.push(new DdsWriter(participant, { ...options, maxBytes: 0, queue: 0 }, () => {}));
  open.push(new DdsReader(participant, { ...options, maxBytes: 1000, queue: 1 }, () => {}));
}
for (const each of open) each.close();
participant.close();
process.stdout.write(open.length + ' endpoints');
`;

/** Far above what 200 endpoints need, far below what a machine of tests has. */
const mostMemoryKb = 4 << 20;

describe('Many readers and writers of one type over Cyclone DDS', () => {
  const built = ddsBuilt('cyclone');
  it.skipIf(!built)(
    `fit in the memory${built ? '' : ' (skipped: the addon is not built)'}`,
    {
      timeout: 120_000,
    },
    () => {
      const { configuration } = rosEnvironment({ ROS_LOCALHOST_ONLY: '1' }, 'cyclone');
      const { stdout } = spawnSync(
        'bash',
        // Where the limit can't be set nothing is run.
        [
          ...['-c', `ulimit -v ${mostMemoryKb} && exec "$@"`, 'bash'],
          ...[process.execPath, '-e', program, addon, String(freeDomain()), configuration],
        ],
        { encoding: 'utf8' },
      );
      expect(stdout).toBe('200 endpoints');
    },
  );
});

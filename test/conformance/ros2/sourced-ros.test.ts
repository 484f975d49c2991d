import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recorded, recordedFile } from './recorded.ts';

/*
 * The recorded values through the ROS 2 that is sourced, with rclpy: what it writes is what was recorded, or the record is of another
 * release. Padding behind the last field is left out: serializers differ in it.
 */
const distribution = process.env.ROS_DISTRO ?? '';
const why = distribution === '' ? ' (skipped: no ROS 2 is sourced: ROS_DISTRO is not set)' : '';

describe.skipIf(why !== '')(`The ROS 2 that is sourced${why}`, () => {
  it('writes the recorded values as they were recorded', () => {
    const script = path.join(import.meta.dirname, 'serialize.py');
    const { status, stdout, stderr } = spawnSync('python3', [script, recordedFile], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const written = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')),
    );
    const bare = (hex: string) => hex.replace(/(00)*$/, '');
    for (const [name, { type, hex }] of Object.entries(recorded.messages)) {
      // The least installation of ROS 2 has no vision_msgs and no bond.
      if (written[name] === 'missing' && /^(vision_msgs|bond)\//.test(type)) continue;
      expect(bare(written[name] ?? ''), `${name}, ${type}`).toBe(bare(hex));
    }
  }, 60_000);
});

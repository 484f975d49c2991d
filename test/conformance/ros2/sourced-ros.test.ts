import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recorded, recordedByRclpy, recordedFiles } from './recorded.ts';

/*
 * The recorded values through the ROS 2 that is sourced, with rclpy: what it writes is what was recorded, or the record is of another
 * release. Padding behind the last field is left out: serializers differ in it.
 */
const distribution = process.env.ROS_DISTRO ?? '';
const why = distribution === '' ? ' (skipped: no ROS 2 is sourced: ROS_DISTRO is not set)' : '';

describe.skipIf(why !== '')(`The ROS 2 that is sourced${why}`, () => {
  it.each(recordedFiles)(
    'writes the recorded values of %s as they were recorded',
    (file) => {
      const script = path.join(import.meta.dirname, 'serialize.py');
      const { status, stdout, stderr } = spawnSync('python3', [script, file], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      const written = Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split(' ')),
      );
      const bare = (hex: string) => hex.replace(/(00)*$/, '');
      const { messages } = file.endsWith('rclpy.json') ? recordedByRclpy : recorded;
      for (const [name, { type, hex }] of Object.entries(messages)) {
        // The least installation of ROS 2 has no vision_msgs and no bond, and goshawk_msgs is to be built.
        if (written[name] === 'missing' && /^(vision_msgs|bond|goshawk_msgs)\//.test(type)) continue;
        // Types are described from Iron on.
        if (distribution === 'humble' && type.startsWith('type_description_interfaces/')) continue;
        expect(bare(written[name] ?? ''), `${name}, ${type}`).toBe(bare(hex));
      }
    },
    60_000,
  );
});

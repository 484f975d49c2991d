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
/** The least installation of ROS 2 has no vision_msgs and no bond, and goshawk_msgs is to be built. */
const mayLack =
  distribution === 'humble'
    ? // Types are described from Iron on.
      /^(vision_msgs|bond|goshawk_msgs|type_description_interfaces)\//
    : /^(vision_msgs|bond|goshawk_msgs)\//;

interface Written {
  readonly complaint: string;
  readonly lines: Readonly<Record<string, string>>;
}

function written(file: string): Written {
  if (why !== '') return { complaint: '', lines: {} };
  const script = path.join(import.meta.dirname, 'serialize.py');
  const { status, stdout, stderr } = spawnSync('python3', [script, file], { encoding: 'utf8' });
  const lines = Object.fromEntries(stdout.split('\n').map((line) => line.split(' ')));
  return { complaint: status === 0 ? '' : stderr, lines };
}

const bare = (hex: string) => hex.replace(/(00)*$/, '');

describe(`The ROS 2 that is sourced${why}`, () => {
  describe.each(recordedFiles)('writes as they were recorded, of %s,', (file) => {
    const { messages } = file.endsWith('rclpy.json') ? recordedByRclpy : recorded;
    if (why !== '') {
      it.skip(`all ${Object.keys(messages).length} values${why}`, () => {});
      return;
    }
    const { complaint, lines } = written(file);
    it('what can be asked for', () => {
      expect(complaint).toBe('');
    });
    for (const [name, { type, hex }] of Object.entries(messages)) {
      const lacks =
        lines[name] === 'missing' && mayLack.test(type)
          ? ` (skipped: ${type.split('/')[0]} is not there)`
          : '';
      it.skipIf(lacks !== '')(`${name}, ${type}${lacks}`, () => {
        expect(bare(lines[name] ?? '')).toBe(bare(hex));
      });
    }
  });
});

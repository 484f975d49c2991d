import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const packages = path.join(import.meta.dirname, '../../../deploy/ros2');
const answers = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;

/** Where the ROS 2 that was sourced has this package. */
const prefixOf = (name: string) =>
  (process.env.AMENT_PREFIX_PATH ?? '')
    .split(':')
    .find((prefix) => prefix !== '' && existsSync(path.join(prefix, 'share', name)));

function whyNot(needed: string): string {
  if (!answers('colcon', 'list', '--help')) return ' (skipped: colcon is not here)';
  if (prefixOf('ament_cmake') === undefined)
    return ' (skipped: no ROS 2 is sourced: AMENT_PREFIX_PATH has no ament_cmake)';
  return prefixOf(needed) === undefined ? ` (skipped: the ROS 2 that is sourced has no ${needed})` : '';
}

/** Debian's package python3-catkin-pkg is for Debian's Python, whatever else is on the PATH. */
const python = ['python3', '/usr/bin/python3'].find((each) => answers(each, '-c', 'import catkin_pkg'));
const noCatkin = python === undefined ? ' (skipped: python3-catkin-pkg is not here)' : '';

describe('package.xml', () => {
  it.skipIf(noCatkin !== '').each(['goshawk_ros', 'goshawk_msgs'])(
    `of %s keeps to the rules of format 3${noCatkin}`,
    (name) => {
      const check =
        'import sys; from catkin_pkg.package import parse_package; warned = []; parse_package(sys.argv[1], warnings=warned); print(warned)';
      const { stdout, stderr } = spawnSync(
        python ?? '',
        ['-W', 'ignore', '-c', check, path.join(packages, name)],
        {
          encoding: 'utf8',
        },
      );
      expect([stdout.trim(), stderr]).toEqual(['[]', '']);
    },
  );
});

describe('colcon', () => {
  const build = (name: string) => {
    const folder = temporaryFolder();
    cpSync(path.join(packages, name), path.join(folder, 'src', name), { recursive: true });
    const args = ['--log-base', 'log', 'build', '--merge-install', '--executor', 'sequential'];
    const { status, stderr } = spawnSync('colcon', [...args, '--packages-select', name], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, stderr, install: path.join(folder, 'install') };
  };

  const noRos = whyNot('ament_cmake');
  it.skipIf(noRos !== '')(
    `builds goshawk_ros: a node for ros2 run, a launch file and parameters${noRos}`,
    () => {
      const { status, install, stderr } = build('goshawk_ros');
      expect(status, stderr).toBe(0);
      for (const file of [
        'lib/goshawk_ros/goshawk_node',
        'share/goshawk_ros/launch/goshawk.launch.py',
        'share/goshawk_ros/config/goshawk.yaml',
        'share/goshawk_ros/package.xml',
        'share/ament_index/resource_index/packages/goshawk_ros',
      ])
        expect(existsSync(path.join(install, file)), file).toBe(true);
    },
    120_000,
  );

  const noGenerators = whyNot('rosidl_default_generators');
  it.skipIf(noGenerators !== '')(
    `builds goshawk_msgs, whose type hashes are those that we announce${noGenerators}`,
    async () => {
      const { typeHashes } = await import('../../../src/ros2/index.ts');
      const { status, install, stderr } = build('goshawk_msgs');
      expect(status, stderr).toBe(0);
      for (const name of ['PerceptionInfo', 'ModelEvent', 'SynchronizedDetections'] as const) {
        const description = path.join(install, `share/goshawk_msgs/msg/${name}.json`);
        const { type_hashes: hashes } = JSON.parse(readFileSync(description, 'utf8'));
        const own = hashes.find(
          (each: { type_name: string }) => each.type_name === `goshawk_msgs/msg/${name}`,
        );
        expect(own.hash_string).toBe(typeHashes[`goshawk_msgs/msg/${name}`]);
      }
      expect(existsSync(path.join(install, 'share/goshawk_msgs/typescript/index.d.ts'))).toBe(true);
    },
    600_000,
  );
});

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterOfMost, adapterOrder, type InstalledRos } from '../../../../src/runtime/ros/adapter-order.ts';
import { installedRos } from '../../../../src/runtime/ros/installed-ros.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const jazzy = { distribution: 'jazzy', middlewares: ['rmw_cyclonedds_cpp', 'rmw_fastrtps_cpp'] };
const humble = { distribution: 'humble', middlewares: ['rmw_cyclonedds_cpp'] };

describe('The order in which adapters are tried', () => {
  it.each<[string, Record<string, string>, readonly InstalledRos[], string, string]>([
    [
      'Fast DDS where the variable says so',
      { RMW_IMPLEMENTATION: 'rmw_fastrtps_cpp' },
      [humble],
      'fastdds rclnodejs',
      'RMW_IMPLEMENTATION is rmw_fastrtps_cpp',
    ],
    [
      'its dynamic sister',
      { RMW_IMPLEMENTATION: 'rmw_fastrtps_dynamic_cpp' },
      [],
      'fastdds rclnodejs',
      'RMW_IMPLEMENTATION is rmw_fastrtps_dynamic_cpp',
    ],
    [
      'Cyclone DDS where the variable says so',
      { RMW_IMPLEMENTATION: 'rmw_cyclonedds_cpp' },
      [jazzy],
      'dds rclnodejs',
      'RMW_IMPLEMENTATION is rmw_cyclonedds_cpp',
    ],
    [
      'rcl for what we have no addon for',
      { RMW_IMPLEMENTATION: 'rmw_zenoh_cpp' },
      [jazzy],
      'rclnodejs',
      'RMW_IMPLEMENTATION is rmw_zenoh_cpp',
    ],
    [
      'the default of the ROS 2 that is there',
      {},
      [jazzy],
      'fastdds rclnodejs dds',
      'ROS 2 jazzy is installed, whose nodes speak rmw_fastrtps_cpp',
    ],
    [
      'the one that it has',
      {},
      [humble],
      'dds rclnodejs fastdds',
      'ROS 2 humble is installed, whose nodes speak rmw_cyclonedds_cpp',
    ],
    [
      'that of the sourced one of two',
      { ROS_DISTRO: 'humble' },
      [jazzy, humble],
      'dds rclnodejs fastdds',
      'ROS 2 humble is installed, whose nodes speak rmw_cyclonedds_cpp',
    ],
    ['dds without any', { RMW_IMPLEMENTATION: '' }, [], 'dds rclnodejs fastdds', 'pictures need no copy'],
  ])('is %s', (_, environment, installed, order, why) => {
    expect(adapterOrder(environment, installed)).toMatchObject({
      ...{ order: order.split(' '), why },
      lookAround: why === 'pictures need no copy',
    });
  });

  it.each<[string, string]>([
    ['rmw_zenoh_cpp', 'zenoh-bridge-ros2dds'],
    ['rmw_connextdds', 'or take --ros dds'],
    ['rmw_gurumdds_cpp', 'or take --ros dds'],
    ['rmw_fastrtps_cpp', 'or take --ros dds'],
    ['rmw_cyclonedds_cpp', 'or take --ros fastdds'],
    ['rmw_cyclone_cpp', 'Check how it is written: known are rmw_cyclonedds_cpp'],
    ['constructor', 'Check how it is written'],
  ])('without anything that speaks %s the remedy says %s', (middleware, said) => {
    const { named, order } = adapterOrder({ RMW_IMPLEMENTATION: middleware }, [jazzy]);
    expect(named).toMatchObject({ middleware, remedy: expect.stringContaining(said) });
    expect(order).toContain('rclnodejs');
  });

  it.each<[readonly string[], string | undefined]>([
    [[], undefined],
    [['Fast DDS', 'Fast DDS', 'Cyclone DDS'], 'fastdds'],
    [['Cyclone DDS', 'RTI Connext DDS'], 'dds'],
    [['Cyclone DDS', 'Fast DDS'], undefined],
  ])('of neighbours through %j is %s', (products, expected) => {
    expect(adapterOfMost(products)).toBe(expected);
  });
});

describe('The ROS 2 of a machine', () => {
  it('is found with its middlewares, and not with parts of them', () => {
    const folder = temporaryFolder();
    const files = {
      jazzy: [
        'librmw_fastrtps_cpp.so',
        'librmw_fastrtps_shared_cpp.so',
        'librmw_dds_common.so',
        'librmw_cyclonedds_cpp.so',
      ],
      humble: ['librmw_cyclonedds_cpp.so', 'librcl.so'],
      empty: [],
    };
    for (const [distribution, names] of Object.entries(files)) {
      mkdirSync(path.join(folder, distribution, 'lib'), { recursive: true });
      for (const name of names) writeFileSync(path.join(folder, distribution, 'lib', name), '');
    }
    expect(installedRos({}, folder)).toEqual([jazzy, humble]);
    expect(installedRos({}, path.join(folder, 'nowhere'))).toEqual([]);
  });

  it('is the sourced one first, built where it may, with one prefix for each package or one for all', () => {
    const folder = temporaryFolder();
    const prefix = (name: string, ...files: readonly string[]) => {
      mkdirSync(path.join(folder, name, 'lib'), { recursive: true });
      for (const file of files) writeFileSync(path.join(folder, name, 'lib', file), '');
      return path.join(folder, name);
    };
    const prefixes = [
      prefix('my_robot'),
      prefix('rmw_fastrtps_cpp', 'librmw_fastrtps_cpp.so'),
      prefix('install', 'librmw_cyclonedds_cpp.so', 'librmw_fastrtps_cpp.so'),
    ];
    const sourced = { AMENT_PREFIX_PATH: prefixes.join(':'), ROS_DISTRO: 'jazzy' };
    const nowhere = path.join(folder, 'nowhere');
    expect(installedRos(sourced, nowhere)).toEqual([jazzy]);
    expect(adapterOrder(sourced, installedRos(sourced, nowhere))).toMatchObject({
      why: 'ROS 2 jazzy is installed, whose nodes speak rmw_fastrtps_cpp',
      lookAround: false,
    });
    const unnamed = { AMENT_PREFIX_PATH: prefixes[2] };
    expect(adapterOrder(unnamed, installedRos(unnamed, nowhere)).why).toContain('ROS 2 of the environment');
    expect(installedRos({ AMENT_PREFIX_PATH: '' }, nowhere)).toEqual([]);
    expect(installedRos({ AMENT_PREFIX_PATH: prefixes[0] }, nowhere)).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateRosArguments } from '../../../src/runtime/ros/read-ros-arguments.ts';
import { parseRosSource } from '../../../src/runtime/ros/ros-spec.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const root = path.join(import.meta.dirname, '../../..');
const packages = path.join(root, 'deploy/ros2');
const fixtures = path.join(root, 'test/fixtures/ros-launch');
const text = (...parts: string[]) => readFileSync(path.join(packages, ...parts), 'utf8');
const launchFile = path.join(packages, 'goshawk_ros/launch/goshawk.launch.py');

const answers = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const noPython = answers('python3', '--version') ? '' : ' (skipped: python3 is not here)';
const noCmake =
  answers('cmake', '--version') && answers('cc', '--version') ? '' : ' (skipped: cmake is not here)';

/** What the launch file would start, with a stand-in for ROS 2's launch. */
function launched(...given: string[]) {
  const { status, stdout, stderr } = spawnSync(
    'python3',
    [path.join(fixtures, 'command.py'), launchFile, ...given],
    {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: fixtures, PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  return status === 0 ? (JSON.parse(stdout) as string[]) : stderr.trim();
}

describe('The packages for ROS 2', () => {
  it.each(['goshawk_ros', 'goshawk_msgs'])('%s has this project’s version and licence', (name) => {
    const manifest = text(name, 'package.xml');
    const { version, license } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(manifest).toContain(`<name>${name}</name>`);
    expect(manifest).toContain(`<version>${version}</version>`);
    expect(manifest).toContain(`<license>${license}</license>`);
    expect(text(name, 'CMakeLists.txt')).toMatch(new RegExp(`project\\(${name}\\b`));
  });

  const interfaces = ['msg', 'srv', 'action'].flatMap((kind) =>
    readdirSync(path.join(packages, 'goshawk_msgs', kind)).map((file) => ({ kind, file })),
  );
  const parts: Record<string, readonly string[]> = {
    ...{ msg: [''], srv: ['_Request', '_Response'], action: ['_Goal', '_Result', '_Feedback'] },
  };
  const words: Record<string, string> = {
    ...{ string: 'string', bool: 'boolean', float32: 'number', uint8: 'number', uint32: 'number' },
    ...{ uint64: 'bigint | number', 'std_msgs/Header': 'Header', 'string[]': 'readonly string[]' },
    'vision_msgs/Detection2DArray[]': 'readonly Detection2DArray[]',
    'sensor_msgs/CompressedImage': 'CompressedImage',
  };

  it('make every message, service and action that is there', () => {
    const made = text('goshawk_msgs/CMakeLists.txt').match(/\w+\/\w+\.(msg|srv|action)(?=")/g);
    expect(made?.sort()).toEqual(interfaces.map(({ kind, file }) => `${kind}/${file}`).sort());
  });

  it.each(interfaces)('have the fields of $kind/$file in their types for TypeScript', ({ kind, file }) => {
    const types = text('goshawk_msgs/typescript/index.d.ts');
    const sections = text('goshawk_msgs', kind, file).split(/^---$/m);
    expect(sections).toHaveLength(parts[kind]?.length ?? 0);
    for (const [index, section] of sections.entries()) {
      const fields = section
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
        .filter(({ length }) => length === 2)
        .map(([type = '', name]) => `  readonly ${name}: ${words[type]};\n`);
      const name = file.replace(`.${kind}`, parts[kind]?.[index] ?? '');
      expect(types).toContain(`export interface ${name} {\n${fields.join('')}}`);
    }
  });

  it('name the Debian package for rosdep', () => {
    expect(text('rosdep.yaml')).toMatch(
      /^goshawk:\n {2}debian: \[goshawk-agent\]\n {2}ubuntu: \[goshawk-agent\]$/m,
    );
    expect(text('goshawk_ros/package.xml')).toContain('<exec_depend>goshawk</exec_depend>');
  });

  it('have parameters that goshawk run takes at its start', async () => {
    const file = path.join(packages, 'goshawk_ros/config/goshawk.yaml');
    const line = ['node', 'goshawk', 'run', '--ros-args', '-r', '__ns:=/robot1', '--params-file', file];
    expect(await translateRosArguments(line)).toEqual([
      ...['node', 'goshawk', 'run', '--ros-node', '/robot1/goshawk'],
      ...['--score', '0.25', '--iou', '0.45'],
    ]);
  });

  it.skipIf(noCmake !== '')(
    `are configured by CMake and installed where ros2 run and ros2 launch look${noCmake}`,
    () => {
      const folder = temporaryFolder();
      const [stub, build, out] = ['ament', 'build', 'out'].map((name) => path.join(folder, name)) as [
        string,
        string,
        string,
      ];
      mkdirSync(stub);
      // As much of ament_cmake as the package uses.
      writeFileSync(path.join(stub, 'ament_cmakeConfig.cmake'), 'function(ament_package)\nendfunction()\n');
      const cmake = (...args: string[]) => spawnSync('cmake', args, { encoding: 'utf8' });
      const configured = cmake(
        ...['-S', path.join(packages, 'goshawk_ros'), '-B', build, `-Dament_cmake_DIR=${stub}`],
        `-DCMAKE_INSTALL_PREFIX=${out}`,
      );
      expect(configured.stderr).toBe('');
      expect(cmake('--install', build).status).toBe(0);
      const node = path.join(out, 'lib/goshawk_ros/goshawk_node');
      expect(statSync(node).mode & 0o111).not.toBe(0);
      for (const file of ['launch/goshawk.launch.py', 'config/goshawk.yaml'])
        expect(existsSync(path.join(out, 'share/goshawk_ros', file)), file).toBe(true);
    },
  );
});

describe.skipIf(noPython !== '')(`The launch file${noPython}`, () => {
  it('starts a node that publishes, with as little as its model', () => {
    expect(launched('model:=/models/street')).toEqual([
      ...['goshawk', 'run', '--model', '/models/street', '--source', 'ros:/camera/image_raw'],
      ...['--publish', 'ros', '--ros', 'auto'],
      ...['--ros-args', '-r', '__node:=goshawk', '-r', '__ns:=/'],
    ]);
  });

  it('asks for its model, and knows no other names than it declares', () => {
    expect(launched()).toBe('missing: model');
    expect(launched('model:=m', 'modle:=m')).toBe('not declared: modle');
  });

  it('refuses parameters that are not there, which launch_ros would pass over', () => {
    const file = path.join(packages, 'goshawk_ros/config/goshawk.yaml');
    expect(launched('model:=m', `params_file:=${file}`)).toContain(file);
    expect(launched('model:=m', 'params_file:=/nowhere/p.yaml')).toMatch(
      'no such params_file: /nowhere/p.yaml',
    );
  });

  it.each(['True', ' true ', '1'])('takes %j for true', (on) => {
    const command = launched('model:=m', `managed:=${on}`, `bond:=${on}`, `use_sim_time:=${on}`);
    for (const each of ['--no-ros-auto-activate', '--ros-bond', 'use_sim_time:=true'])
      expect(command).toContain(each);
  });

  it('takes False and 0 for false', () => {
    const command = launched('model:=m', 'managed:=False', 'bond:=0', 'use_sim_time:=FALSE');
    expect(command).toEqual(launched('model:=m'));
  });

  it.each([
    ['managed', 'yes'],
    ['bond', ''],
    ['use_sim_time', '2'],
  ])('refuses %s:=%s, which is neither', (name, given) => {
    const refused = launched('model:=m', `${name}:=${given}`);
    expect(refused).toContain(`RuntimeError: ${name} is neither true nor false: '${given}'`);
  });

  it('passes on names, QoS, adapter, life cycle and parameters, as goshawk run takes them', async () => {
    const command = launched(
      ...[
        'model:=m',
        'node:=/eyes',
        'namespace:=/robot1/',
        'adapter:=fastdds',
        'managed:=true',
        'bond:=true',
      ],
      ...[
        'use_sim_time:=true',
        'image:=/cam',
        'image_qos:=reliability=reliable&depth=10',
        'image_more:=depth_topic=/depth',
      ],
      ...['remap:=~/detections:=/detections ~/info:=/info', 'arguments:=-p score_threshold:=0.4'],
      'qos:=detections?depth=1 tracks?depth=2',
    );
    expect(await translateRosArguments(['node', ...command])).toEqual([
      ...['node', 'goshawk', 'run', '--model', 'm'],
      ...['--source', 'ros:/cam?reliability=reliable&depth=10&depth_topic=/depth'],
      ...['--publish', 'ros', '--ros', 'fastdds', '--ros-qos', 'detections?depth=1,tracks?depth=2'],
      ...['--no-ros-auto-activate', '--ros-bond', '--ros-node', '/robot1/eyes'],
      ...['--ros-remap', '~/detections:=/detections,~/info:=/info', '--score', '0.4', '--ros-sim-time'],
    ]);
    const source = command[command.indexOf('--source') + 1] ?? '';
    expect(parseRosSource(source)).toMatchObject({ topic: '/cam', depth: { topic: '/depth' } });
  });
});

describe('goshawk_node of the package', () => {
  it('is goshawk run in its own process, with all that ros2 run gave it', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'goshawk'), '#!/bin/sh\necho "$$ $*"\n', { mode: 0o755 });
    const node = path.join(packages, 'goshawk_ros/scripts/goshawk_node');
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { pid, stdout } = spawnSync(node, ['--model', 'my bundle', '--ros-args'], {
      encoding: 'utf8',
      env,
    });
    expect(stdout).toBe(`${pid} run --publish ros --model my bundle --ros-args\n`);
  });
});

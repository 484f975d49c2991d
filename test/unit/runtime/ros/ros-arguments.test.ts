import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateRosArguments } from '../../../../src/runtime/ros/read-ros-arguments.ts';
import { parametersOf } from '../../../../src/runtime/ros/ros-arguments.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const translate = async (line: string) => (await translateRosArguments(line.split(' '))).join(' ');

describe('The arguments of ROS', () => {
  it.each<[string, string]>([
    ['run --model b', 'run --model b'],
    ['run --ros-args', 'run'],
    ['run --ros-args -r __node:=eyes', 'run --ros-node /eyes'],
    ['run --ros-args -r __ns:=/robot1', 'run --ros-node /robot1/goshawk'],
    [
      'run --ros-args --remap goshawk:__node:=eyes -r __ns:=robot1 -- --json',
      'run --json --ros-node /robot1/eyes',
    ],
    [
      'run --ros-args -r ~/detections:=/detections --log-level info -r /a:=/b --disable-rosout-logs',
      'run --log info --ros-remap ~/detections:=/detections,/a:=/b',
    ],
    [
      'run --ros-args -p score_threshold:=0.4 -p goshawk:iou_threshold:=0.5 -p other:score_threshold:=0.9',
      'run --score 0.4 --iou 0.5',
    ],
    [
      'run --ros-args -p classes:=[car,truck] -p enabled:=true -p use_sim_time:=false',
      'run --classes car,truck',
    ],
    ['run --ros-args -p classes:=[]', 'run'],
    ['run --ros-args --log-level DEBUG', 'run --log debug'],
    ['agent --config c --ros-args --log-level fatal', 'agent --config c --log fatal'],
    ['run --ros-args --log-level goshawk:=debug --log-level warn', 'run --log debug'],
    ['run --ros-args --log-level rcl:=debug --log-level other.goshawk:=error', 'run'],
    [
      'run --ros-args -r __ns:=/robot1 --log-level robot1:=error --log-level goshawk:=debug',
      'run --log error --ros-node /robot1/goshawk',
    ],
    ['run --ros-args -p use_sim_time:=true', 'run --ros-sim-time'],
    ['agent --config c --ros-args -r __ns:=/r1', 'agent --config c --ros-node /r1/goshawk'],
    [
      'agent --config c --ros-args -p front.classes:=[car] -p use_sim_time:=true',
      'agent --config c --ros-parameter front.classes:=["car"] --ros-parameter use_sim_time:=true',
    ],
  ])('%s is %s', async (line, expected) => {
    expect(await translate(line)).toBe(expected);
  });

  it.each<[string, string]>([
    ['run --ros-args -r', '-r needs a value'],
    ['run --ros-args --log-level loud', '"loud" is not a level of a log'],
    ['run --ros-args --log-level goshawk:=', '"goshawk:=" is not a name:=value'],
    ['run --ros-args -r a=b', '"a=b" is not a name:=value'],
    ['run --ros-args --enclave /x', '--enclave is unknown'],
    ['run --ros-args -p colour:=red', 'There is no parameter colour'],
    ['run --ros-args -p score_threshold:=high', 'can\'t be "high"'],
    ['run --ros-args -p use_sim_time:=maybe', 'use_sim_time can\'t be "maybe"'],
    ['run --ros-args --params-file /nowhere/p.yaml', '/nowhere/p.yaml'],
  ])('%s is refused', async (line, sentence) => {
    await expect(translate(line)).rejects.toThrow(sentence);
  });

  it('take parameters from a file as ros2 param dump writes it, and the last word counts', async () => {
    const file = path.join(temporaryFolder(), 'p.yaml');
    writeFileSync(
      file,
      '/goshawk:\n  ros__parameters:\n    classes: []\n    enabled: true\n    iou_threshold: 0.45\n    score_threshold: 0.3\n',
    );
    expect(await translate(`run --ros-args --params-file ${file} -p score_threshold:=0.6`)).toBe(
      'run --iou 0.45 --score 0.6',
    );
    expect(await translate(`run --ros-args -r __node:=eyes --params-file ${file}`)).toBe(
      'run --ros-node /eyes',
    );
  });
});

describe('A file of parameters for all nodes of a robot', () => {
  const written = (text: string) => {
    const file = path.join(temporaryFolder(), 'robot.yaml');
    writeFileSync(file, text);
    return file;
  };

  it('is passed over where it speaks of what only others have', async () => {
    const file = written(
      '/**:\n  ros__parameters:\n    use_sim_time: true\n    robot_base_frame: base\n    qos_overrides: {/tf: {depth: 1}}\n',
    );
    expect(await translate(`run --ros-args --params-file ${file}`)).toBe('run --ros-sim-time');
    expect(await translate(`agent --ros-args --params-file ${file}`)).toBe(
      'agent --ros-parameter use_sim_time:=true',
    );
  });

  it('names the cameras of an agent', async () => {
    const file = written('/**:\n  ros__parameters:\n    front: {classes: [car], speed: 3}\n');
    expect(await translate(`agent --ros-args --params-file ${file}`)).toBe(
      'agent --ros-parameter front.classes:=["car"]',
    );
  });

  it('is refused where it speaks to this node of what it does not have, or of a value that it cannot have', async () => {
    const own = written('/goshawk:\n  ros__parameters:\n    scoer_threshold: 0.4\n');
    await expect(translate(`run --ros-args --params-file ${own}`)).rejects.toThrow(
      'no parameter scoer_threshold',
    );
    const any = written('/**:\n  ros__parameters:\n    score_threshold: high\n');
    await expect(translate(`run --ros-args --params-file ${any}`)).rejects.toThrow('can\'t be "high"');
  });
});

describe('Parameters of a file', () => {
  it.each<[string, unknown, Record<string, unknown>]>([
    ['of the node by its full name', { '/robot1/eyes': { ros__parameters: { a: 1 } } }, { a: 1 }],
    ['of namespaces that are nested', { robot1: { eyes: { ros__parameters: { a: 1 } } } }, { a: 1 }],
    ['of any node', { '/**': { ros__parameters: { a: 1 } } }, { a: 1 }],
    ['of any node in one namespace', { '/robot1/*': { ros__parameters: { a: 1 } } }, { a: 1 }],
    ['of any namespace', { '/**/eyes': { ros__parameters: { a: 1 } } }, { a: 1 }],
    [
      'of another node: none',
      { '/robot2/eyes': { ros__parameters: { a: 1 } }, eyes: { ros__parameters: { a: 2 } } },
      {},
    ],
    [
      'that are nested have names with points',
      { '/**': { ros__parameters: { front: { a: 1 }, b: [2] } } },
      { 'front.a': 1, b: [2] },
    ],
    ['of what is no map: none', ['x'], {}],
  ])('%s', (_, document, expected) => {
    expect(parametersOf(document, '/robot1/eyes')).toEqual(expected);
  });
});

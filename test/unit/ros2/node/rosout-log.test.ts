import { beforeEach, describe, expect, it } from 'vitest';
import { qosProfiles, type RosLogLine, RosoutLog, readLogLine } from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

let clock: FakeClock;
let inner: RecordingLog;
let log: RosoutLog;
let heard: RosLogLine[];
let graph: FakeRosGraph;

beforeEach(() => {
  clock = new FakeClock();
  inner = new RecordingLog();
  log = new RosoutLog(inner, clock);
  heard = [];
  graph = new FakeRosGraph();
  graph.join({ namespace: '/', name: 'console' }).subscribe({
    ...{
      topic: '/rosout',
      type: 'rcl_interfaces/msg/Log',
      qos: qosProfiles.rosout,
      maxBytes: 4096,
      queue: 100,
    },
    onMessage: ({ bytes, release }) => {
      heard.push(readLogLine(bytes));
      release();
    },
  });
});

const attach = () => log.attach(graph.join({ namespace: '/robot1', name: 'goshawk' }));

describe('A log on /rosout', () => {
  it.each([
    ['debug', ['detail', 'news', 'odd', 'broken']],
    ['warn', ['odd', 'broken']],
    ['fatal', []],
  ] as const)('has the lines from %s on, where that is its level', async (least, expected) => {
    log = new RosoutLog(inner, clock, least);
    attach();
    const child = log.child({});
    child.debug('detail');
    child.info('news');
    log.warn('odd');
    log.error('broken');
    await settle();
    expect(heard.map(({ message }) => message)).toEqual(expected);
  });

  it('has the lines from info on, once there is a node, and those of its children', async () => {
    log.warn('before');
    attach();
    log.debug('detail');
    log.info('joined', { through: 'a fake', depth: 5 });
    log.child({ camera: 'front' }).error('gone', { more: { nested: true } });
    await settle();
    expect(heard.map(({ level, name, message }) => [level, name, message])).toEqual([
      [20, 'robot1.goshawk', 'joined through=a fake depth=5'],
      [40, 'robot1.goshawk', 'gone camera=front'],
    ]);
    expect(inner.lines).toHaveLength(4);
  });

  it('has no secret, no endless line and no flood', async () => {
    attach();
    log.info('connected', { password: 'rosebud', apiKey: 'x', accessToken: 'y', user: 'ann' });
    log.info('a'.repeat(5000));
    for (let line = 0; line < 100; line += 1) log.warn('again');
    await settle();
    expect(heard[0]?.message).toBe('connected user=ann');
    expect(heard[1]?.message).toHaveLength(1000);
    expect(heard).toHaveLength(20);
    clock.advance(1000);
    log.warn('later');
    await settle();
    expect(heard.at(-1)?.message).toBe('later');
    expect(inner.lines).toHaveLength(103);
  });

  it('ends with the node', async () => {
    attach();
    log.detach();
    log.error('nobody hears it');
    await settle();
    expect([heard, inner.lines.length]).toEqual([[], 1]);
  });
});

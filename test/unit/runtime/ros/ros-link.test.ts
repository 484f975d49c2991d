import { describe, expect, it } from 'vitest';
import { defaultCameraSettings } from '../../../../src/perception/index.ts';
import {
  type BondStatus,
  CdrWriter,
  qosProfiles,
  readBondStatus,
  readDiagnostics,
  readParameterEvent,
  typeHashes,
  writeClock,
} from '../../../../src/ros2/index.ts';
import { manage } from '../../../../src/runtime/ros/manage.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { identityOf } from '../../../fakes/fake-pipeline.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { link, machine, noDds, noRcl } from './link-under-test.ts';

describe('What reaches ROS 2', () => {
  it('is dds by itself, and the reason is told', async () => {
    const { opened, adapters } = machine({});
    const { log, link: ros } = link({ adapters });
    await ros.source('ros:/camera', 'front', undefined);
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(['dds']);
    expect(log.at('info')).toContainEqual([
      'joined the ROS 2 graph',
      { through: 'a fake', why: 'automatic: pictures need no copy' },
    ]);
    await ros.close();
  });

  it('is rclnodejs where dds is not built, and the reason is told', async () => {
    const { opened, adapters } = machine({ dds: noDds });
    const { log, link: ros } = link({ adapters });
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(['rclnodejs']);
    expect(log.at('info')[0]?.[1]).toMatchObject({
      why: 'automatic: pictures need no copy (not there: The addon is not built.)',
    });
    await ros.close();
  });

  it('is what RMW_IMPLEMENTATION names', async () => {
    const { opened, adapters } = machine({});
    const { log, link: ros } = link({ adapters, environment: { RMW_IMPLEMENTATION: 'rmw_fastrtps_cpp' } });
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(['fastdds']);
    expect(log.at('info')[0]?.[1]).toMatchObject({
      why: 'automatic: RMW_IMPLEMENTATION is rmw_fastrtps_cpp',
    });
    await ros.close();
  });

  it.each<[string, string]>([
    ['rmw_zenoh_cpp', 'zenoh-bridge-ros2dds'],
    ['rmw_fastrtps_cpp', 'take --ros dds'],
    ['rmw_cyclone_cpp', 'Check how it is written'],
  ])('is refused where RMW_IMPLEMENTATION names %s and nothing speaks it', async (middleware, remedy) => {
    const { opened, adapters } = machine({ fastdds: noDds, rclnodejs: noRcl });
    const { link: ros } = link({ adapters, environment: { RMW_IMPLEMENTATION: middleware } });
    await expect(ros.sinks(['front'], 'plain')).rejects.toMatchObject({
      code: 'ros-middleware',
      message: expect.stringContaining(
        `RMW_IMPLEMENTATION names ${middleware}, which no adapter of this machine speaks.`,
      ),
      remedy: expect.stringContaining(remedy),
    });
    expect(opened).toEqual([]);
    await ros.close();
  });

  it('that was asked for beside Zenoh is joined, with a warning', async () => {
    const { opened, adapters } = machine({});
    const environment = { RMW_IMPLEMENTATION: 'rmw_zenoh_cpp' };
    const { log, link: ros } = link({ adapters, adapter: 'dds', environment });
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(['dds']);
    expect(log.at('warn')[0]?.[0]).toContain('nodes that speak Zenoh are not reached');
    await ros.close();
  });

  it.each<[string, readonly string[], readonly string[], string]>([
    ['stays where nobody is there', [], ['dds'], 'pictures need no copy'],
    [
      'stays where they speak as we do',
      ['Cyclone DDS', 'Cyclone DDS', 'Fast DDS'],
      ['dds'],
      'pictures need no copy',
    ],
    ['changes to what most of them speak', ['Fast DDS'], ['dds', 'fastdds'], 'its neighbours speak so'],
    ['stays where nobody knows what they speak', ['an unknown middleware'], ['dds'], 'pictures need no copy'],
  ])('without a ROS 2 on the machine looks who is there, and %s', async (_, products, expected, why) => {
    const { opened, adapters } = machine(
      {},
      new FakeRosGraph(products.map((product) => ({ node: '/other', product }))),
    );
    const { log, link: ros } = link({ adapters });
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(expected);
    expect(log.at('info')[0]?.[1]).toMatchObject({ why: `automatic: ${why}` });
    await ros.close();
  });

  it('stays where what the neighbours speak is not built', async () => {
    const graph = new FakeRosGraph([{ node: '/other', product: 'Fast DDS' }]);
    const { opened, adapters } = machine({ fastdds: noDds }, graph);
    const { link: ros } = link({ adapters });
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(['dds']);
    await ros.close();
  });

  it('is what was asked for', async () => {
    const { opened, adapters } = machine({});
    const { log, link: ros } = link({ adapters, adapter: 'rclnodejs' });
    await ros.sinks(['front'], 'plain');
    expect(opened).toEqual(['rclnodejs']);
    expect(log.at('info')[0]?.[1]).toMatchObject({ why: '--ros rclnodejs' });
    await ros.close();
  });

  it('is nothing where neither is there, and both remedies are named', async () => {
    const { link: ros } = link({
      adapters: machine({ dds: noDds, rclnodejs: noRcl, fastdds: noDds }).adapters,
    });
    await expect(ros.sinks(['front'], 'plain')).rejects.toMatchObject({
      code: 'ros-missing',
      message:
        "No adapter of this machine reaches ROS 2. dds: The addon is not built. rclnodejs: rclnodejs can't be loaded. fastdds: The addon is not built.",
      remedy: 'Either Build it. Or Source ROS 2. Or Build it.',
    });
    await ros.close();
  });

  it('does not hide a mistake in the settings behind the other adapter', async () => {
    for (const has of [
      { dds: new Error('no such domain') },
      { dds: noDds, rclnodejs: new Error('no such domain') },
    ]) {
      const { link: ros } = link({ adapters: machine(has).adapters });
      await expect(ros.sinks(['front'], 'plain')).rejects.toThrow('no such domain');
      await ros.close();
    }
  });

  it('that is asked for and is not there is an error', async () => {
    const { link: ros } = link({ adapters: machine({ dds: noDds }).adapters, adapter: 'dds' });
    await expect(ros.sinks(['front'], 'plain')).rejects.toMatchObject({ code: 'dds-not-built' });
    await ros.close();
  });

  it('names its node, remaps its topics and serves its settings', async () => {
    const { adapters, graph } = machine({});
    const { link: ros } = link({ adapters, node: '/robot1/eyes', remap: ['~/front/enable:=/lights'] });
    let settings = defaultCameraSettings;
    const pipeline = {
      identity: { model: 'street', labels: [] },
      settings: () => settings,
      configure: (_: string, change: object) => {
        settings = { ...settings, ...change };
      },
      isOn: () => settings.enabled,
    };
    await ros.control(pipeline, ['front']);
    expect(await graph.call('/lights', 'std_srvs/srv/SetBool', { data: false })).toMatchObject({
      success: true,
    });
    expect(settings.enabled).toBe(false);
    const listed = await graph.call('/robot1/eyes/list_parameters', 'rcl_interfaces/srv/ListParameters', {
      prefixes: [],
      depth: 0,
    });
    expect(listed?.result.names).toContain('front.score_threshold');
    await ros.close();
  });

  it('says of a camera that it is off, and not that it gives nothing', async () => {
    const { adapters, graph } = machine({});
    const time = new FakeClock();
    const { link: ros } = link({ adapters, clock: time });
    const said: string[] = [];
    graph.join({ namespace: '/', name: 'robot' }).subscribe({
      ...{ topic: '/diagnostics', type: 'diagnostic_msgs/msg/DiagnosticArray' },
      ...{ qos: qosProfiles.standard, maxBytes: 1 << 16, queue: 9 },
      onMessage: ({ bytes, release }) => {
        said.push(...readDiagnostics(bytes).statuses.map(({ name, message }) => `${name}: ${message}`));
        release();
      },
    });
    await ros.sinks(['front', 'rear'], 'plain');
    const settings = () => defaultCameraSettings;
    const isOn = (camera: string) => camera === 'rear';
    const identityOfIt = { model: 'street', labels: [] };
    await ros.control({ identity: identityOfIt, settings, configure: () => {}, isOn }, ['front', 'rear']);
    time.advance(9000);
    await settle();
    expect(said.slice(-2)).toEqual(['goshawk: front: off', 'goshawk: rear: no result for 9.0 s']);
    await ros.close();
  });

  it.each(['~/detections', '~/detections:=', ':=/a', 'a:=b:=c'])(
    'the remapping %s is refused',
    async (rule) => {
      const { link: ros } = link({ adapters: machine({}).adapters, remap: [rule] });
      await expect(ros.sinks(['front'], 'plain')).rejects.toMatchObject({
        code: 'ros-remap',
        message: `"${rule}" is not a remapping.`,
      });
      await ros.close();
    },
  );
});

describe('The QoS of what is published', () => {
  it('is what was asked for', async () => {
    const { adapters, graph } = machine({});
    const { link: ros } = link({ adapters, qos: ['detections?reliability=best_effort'] });
    await ros.sinks(['front'], 'plain');
    const problems: string[] = [];
    graph.join({ namespace: '/', name: 'other' }).subscribe({
      topic: '/goshawk/front/detections',
      type: 'vision_msgs/msg/Detection2DArray',
      qos: qosProfiles.standard,
      maxBytes: 1,
      queue: 1,
      onMessage: () => {},
      onProblem: (problem) => problems.push(problem.message),
    });
    await Promise.resolve();
    expect(problems[0]).toContain('a publisher offers best effort');
    await ros.close();
  });
});

describe('use_sim_time', () => {
  it('stamps what the node says by /clock, and is a parameter of the node', async () => {
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters, simTime: true });
    const robot = graph.join({ namespace: '/', name: 'robot' });
    const told: bigint[] = [];
    robot.subscribe({
      ...{ topic: '/parameter_events', type: 'rcl_interfaces/msg/ParameterEvent' },
      ...{ qos: qosProfiles.parameterEvents, maxBytes: 65_536, queue: 8 },
      onMessage: (message) => {
        told.push(readParameterEvent(message.bytes).stampNs);
        message.release();
      },
    });
    await ros.source('ros:/camera', 'front', undefined);
    robot
      .advertise('/clock', 'rosgraph_msgs/msg/Clock', qosProfiles.sensorData)
      .publish(writeClock(new CdrWriter(), 42n));
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await ros.control(
      {
        identity: { model: 'street', labels: ['car'] },
        settings: () => defaultCameraSettings,
        configure: () => {},
        isOn: () => true,
      },
      ['front'],
    );
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(told).toEqual([42n]);
    const names = ['use_sim_time'];
    expect(
      await graph.call('/goshawk/get_parameters', 'rcl_interfaces/srv/GetParameters', { names }),
    ).toEqual({ values: [{ type: 'bool', value: true }] });
    await ros.close();
  });
});

describe('The types of the node', () => {
  const type = 'type_description_interfaces/srv/GetTypeDescription';
  const service = '/goshawk/get_type_description';
  const typeName = 'rosgraph_msgs/msg/Clock';
  const typeHash = typeHashes[typeName];

  it('are described to who asks by name and hash, and other types and hashes are refused', async () => {
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters });
    await ros.sinks(['front'], 'plain');
    const known = await graph.call(service, type, { typeName, typeHash });
    expect(known).toMatchObject({
      successful: true,
      description: {
        type_description: { type_name: typeName, fields: [{ name: 'clock' }] },
        referenced_type_descriptions: [{ type_name: 'builtin_interfaces/msg/Time' }],
      },
    });
    for (const [asked, reason] of [
      [{ typeName: 'std_msgs/msg/Char', typeHash }, 'The type std_msgs/msg/Char is not used here.'],
      [{ typeName: '__proto__', typeHash }, 'The type __proto__ is not used here.'],
      [
        { typeName, typeHash: 'RIHS01_0' },
        `The hash of ${typeName} is ${typeHash} here, not the one asked for.`,
      ],
    ] as const) {
      expect(await graph.call(service, type, asked)).toEqual({ successful: false, reason });
    }
    await ros.close();
  });

  it('are left to a library that describes them itself', async () => {
    const { graph, adapters } = machine({});
    const dds: typeof adapters.dds = async (options) =>
      Object.assign(await adapters.dds(options), { describesTypes: true });
    const { link: ros } = link({ adapters: { ...adapters, dds } });
    await ros.sinks(['front'], 'plain');
    expect(await graph.call(service, type, { typeName, typeHash })).toBeUndefined();
    await ros.close();
  });
});

describe('A node that is activated', () => {
  it('says so once, with its name, what reaches the graph, its topics and its model', async () => {
    const { adapters } = machine({});
    const { log, link: ros } = link({ adapters, node: '/robot1/eyes' });
    await ros.sinks(['camera', 'front'], 'plain');
    const nothing = async () => {};
    const steps = { configure: nothing, activate: nothing, deactivate: nothing, cleanup: nothing };
    const work = { ...steps, shutdown: nothing, recover: nothing, identity: () => identityOf('sha256:a') };
    await manage(ros, work, true);
    const { model, version } = identityOf('sha256:a');
    expect(log.at('info').filter(([message]) => message === 'The node is active')).toEqual([
      [
        'The node is active',
        {
          ...{ node: '/robot1/eyes', through: 'a fake', model: `${model} ${version}` },
          topics: '/robot1/eyes/detections /robot1/eyes/front/detections',
        },
      ],
    ]);
    await ros.close();
  });
});

describe('The bond of a node in the graph', () => {
  it('says that it ends when the node leaves, and its timer does not hold the process', async () => {
    const time = new FakeClock();
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters, clock: time, bond: true });
    const heard: BondStatus[] = [];
    graph.join({ namespace: '/', name: 'manager' }).subscribe({
      ...{ topic: '/bond', type: 'bond/msg/Status', qos: qosProfiles.standard, maxBytes: 4096, queue: 9 },
      onMessage: ({ bytes, release }) => {
        heard.push(readBondStatus(bytes));
        release();
      },
    });
    const nothing = async () => {};
    const work = { configure: nothing, activate: nothing, deactivate: nothing, cleanup: nothing };
    const node = await ros.manage({ ...work, shutdown: nothing, recover: nothing });
    for (const label of ['configure', 'activate']) expect(await node.request({ id: 0, label })).toBe(true);
    await ros.close();
    await settle();
    expect(heard.map(({ active }) => active)).toEqual([true, false]);
    expect(heard[0]?.instanceId).toMatch(/^[0-9a-f-]{36}$/);
    expect(time.pending).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { MissingError } from '../../../../src/base/index.ts';
import { defaultCameraSettings } from '../../../../src/perception/index.ts';
import { qosProfiles, type RosNode } from '../../../../src/ros2/index.ts';
import type { RosAdapters } from '../../../../src/runtime/ros/join-graph.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const clock = new FakeClock();
const noDds = new MissingError('dds-not-built', 'The addon is not built.', 'Build it.');
const noRcl = new MissingError('rclnodejs-missing', "rclnodejs can't be loaded.", 'Source ROS 2.');

function machine(
  has: { readonly dds?: unknown; readonly fastdds?: unknown; readonly rclnodejs?: unknown },
  graph = new FakeRosGraph(),
) {
  const opened: string[] = [];
  const open =
    (adapter: keyof RosAdapters) =>
    async (options: Parameters<RosAdapters['dds']>[0]): Promise<RosNode> => {
      if (has[adapter] !== undefined) throw has[adapter];
      opened.push(adapter);
      return graph.join(options.name ?? { namespace: '/', name: 'goshawk' }, options.remap);
    };
  return {
    opened,
    graph,
    adapters: { dds: open('dds'), fastdds: open('fastdds'), rclnodejs: open('rclnodejs') },
  };
}

function link(over: Partial<ConstructorParameters<typeof RosLink>[0]>) {
  const log = new RecordingLog();
  return { log, link: new RosLink({ clock, log, environment: {}, installed: [], lookAroundMs: 0, ...over }) };
}

describe('What reaches ROS 2', () => {
  it('is dds by itself, and the reason is told', async () => {
    const { opened, adapters } = machine({});
    const { log, link: ros } = link({ adapters });
    await ros.source('ros:/camera', 'front', undefined);
    await ros.sinks(['front']);
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
    await ros.sinks(['front']);
    expect(opened).toEqual(['rclnodejs']);
    expect(log.at('info')[0]?.[1]).toMatchObject({
      why: 'automatic: pictures need no copy (not there: The addon is not built.)',
    });
    await ros.close();
  });

  it('is what RMW_IMPLEMENTATION names', async () => {
    const { opened, adapters } = machine({});
    const { log, link: ros } = link({ adapters, environment: { RMW_IMPLEMENTATION: 'rmw_fastrtps_cpp' } });
    await ros.sinks(['front']);
    expect(opened).toEqual(['fastdds']);
    expect(log.at('info')[0]?.[1]).toMatchObject({
      why: 'automatic: RMW_IMPLEMENTATION is rmw_fastrtps_cpp',
    });
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
    await ros.sinks(['front']);
    expect(opened).toEqual(expected);
    expect(log.at('info')[0]?.[1]).toMatchObject({ why: `automatic: ${why}` });
    await ros.close();
  });

  it('stays where what the neighbours speak is not built', async () => {
    const graph = new FakeRosGraph([{ node: '/other', product: 'Fast DDS' }]);
    const { opened, adapters } = machine({ fastdds: noDds }, graph);
    const { link: ros } = link({ adapters });
    await ros.sinks(['front']);
    expect(opened).toEqual(['dds']);
    await ros.close();
  });

  it('is what was asked for', async () => {
    const { opened, adapters } = machine({});
    const { log, link: ros } = link({ adapters, adapter: 'rclnodejs' });
    await ros.sinks(['front']);
    expect(opened).toEqual(['rclnodejs']);
    expect(log.at('info')[0]?.[1]).toMatchObject({ why: '--ros rclnodejs' });
    await ros.close();
  });

  it('is nothing where neither is there, and both remedies are named', async () => {
    const { link: ros } = link({
      adapters: machine({ dds: noDds, rclnodejs: noRcl, fastdds: noDds }).adapters,
    });
    await expect(ros.sinks(['front'])).rejects.toMatchObject({
      code: 'ros-missing',
      message:
        "Nothing here reaches ROS 2. dds: The addon is not built. rclnodejs: rclnodejs can't be loaded. fastdds: The addon is not built.",
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
      await expect(ros.sinks(['front'])).rejects.toThrow('no such domain');
      await ros.close();
    }
  });

  it('that is asked for and is not there is an error', async () => {
    const { link: ros } = link({ adapters: machine({ dds: noDds }).adapters, adapter: 'dds' });
    await expect(ros.sinks(['front'])).rejects.toMatchObject({ code: 'dds-not-built' });
    await ros.close();
  });

  it('names its node, remaps its topics and serves its settings', async () => {
    const { adapters, graph } = machine({});
    const { link: ros } = link({ adapters, node: '/robot1/eyes', remap: ['~/enable:=/lights'] });
    let settings = defaultCameraSettings;
    const pipeline = {
      identity: { model: 'street', labels: [] },
      settings: () => settings,
      configure: (_: string, change: object) => {
        settings = { ...settings, ...change };
      },
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
    expect(listed?.result.names).toContain('score_threshold');
    await ros.close();
  });

  it.each(['~/detections', '~/detections:=', ':=/a', 'a:=b:=c'])(
    'the remapping %s is refused',
    async (rule) => {
      const { link: ros } = link({ adapters: machine({}).adapters, remap: [rule] });
      await expect(ros.sinks(['front'])).rejects.toMatchObject({
        code: 'ros-remap',
        message: `"${rule}" is no remapping.`,
      });
      await ros.close();
    },
  );
});

describe('The QoS of what is published', () => {
  it('is what was asked for', async () => {
    const { adapters, graph } = machine({});
    const { link: ros } = link({ adapters, qos: ['detections?reliability=best_effort'] });
    await ros.sinks(['front']);
    const problems: string[] = [];
    graph.join({ namespace: '/', name: 'other' }).subscribe({
      topic: '/goshawk/detections',
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

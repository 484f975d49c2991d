import { expect } from 'vitest';
import { serveControl } from '../../../src/adapters/ros2/index.ts';
import { defaultCameraSettings } from '../../../src/perception/index.ts';
import { qosProfiles, readParameterEvent } from '../../../src/ros2/index.ts';
import { clock, identity, type RosScene } from './scene.ts';

/** Services and parameters. */
export function servicePromises({ contract, join }: RosScene): void {
  contract('answers a service, and refuses what it could not answer', async (graph) => {
    const node = await join(graph, 'goshawk');
    let asked: boolean | undefined;
    node.serve('~/enable', 'std_srvs/srv/SetBool', ({ data }) => {
      if (asked === undefined) {
        asked = data;
        throw new Error('not yet');
      }
      asked = data;
      return { success: data, message: 'fahrrad-ü' };
    });
    expect(await graph.setBool('/goshawk/enable', true)).toEqual({ success: false, message: 'not yet' });
    expect(asked).toBe(true);
    expect(await graph.setBool('/goshawk/enable', true)).toEqual({ success: true, message: 'fahrrad-ü' });
    expect(await graph.setBool('/goshawk/enable', false)).toEqual({ success: false, message: 'fahrrad-ü' });
  });

  contract('asks a service of another node, and says where none answers', async (graph) => {
    const robot = await join(graph, 'robot');
    const heard: boolean[] = [];
    robot.serve('~/lights', 'std_srvs/srv/SetBool', ({ data }) => {
      heard.push(data);
      return { success: data, message: data ? 'on' : 'off' };
    });
    robot.serve('/dock', 'std_srvs/srv/Trigger', async () => ({ success: false, message: 'no dock' }));
    robot.serve('/stop', 'std_srvs/srv/Empty', () => ({}));
    const node = await join(graph, 'goshawk');
    const [on, off] = await Promise.all([
      node.call('/robot/lights', 'std_srvs/srv/SetBool', { data: true }, 20_000),
      node.call('/robot/lights', 'std_srvs/srv/SetBool', { data: false }, 20_000),
    ]);
    expect([on.message, off.message]).toEqual(['on', 'off']);
    expect(heard.sort()).toEqual([false, true]);
    expect(await node.call('/dock', 'std_srvs/srv/Trigger', {}, 20_000)).toMatchObject({
      ...{ success: false, message: 'no dock' },
    });
    await node.call('/stop', 'std_srvs/srv/Empty', {}, 20_000);
    const state = { id: 3, label: 'active' };
    robot.serve('/driver/get_state', 'lifecycle_msgs/srv/GetState', async () => ({ state }));
    expect(await node.call('/driver/get_state', 'lifecycle_msgs/srv/GetState', {}, 20_000)).toEqual({
      state,
    });
    await expect(node.call('/nobody', 'std_srvs/srv/Trigger', {}, 300)).rejects.toMatchObject({
      code: 'ros-call-unanswered',
    });
  });

  contract(
    'answers every one of many calls at once, also where it takes its time for them',
    async (graph) => {
      const calls = Array.from({ length: 30 }, (_, at) => at);
      const robot = await join(graph, 'robot');
      let asked = 0;
      let go = () => {};
      const everyOneAsked = new Promise<void>((resolve) => {
        go = resolve;
      });
      robot.serve('~/lights', 'std_srvs/srv/SetBool', async ({ data }) => {
        asked += 1;
        if (asked === calls.length) go();
        await everyOneAsked;
        return { success: data, message: '' };
      });
      const node = await join(graph, 'goshawk');
      const answers = await Promise.all(
        calls.map((at) => node.call('/robot/lights', 'std_srvs/srv/SetBool', { data: at % 3 === 0 }, 60_000)),
      );
      expect(answers.map(({ success }) => success)).toEqual(calls.map((at) => at % 3 === 0));
    },
  );

  contract('lets a camera be switched off and on, and tells what changed', async (graph) => {
    const node = await join(graph, 'goshawk');
    let settings = defaultCameraSettings;
    const heard: string[] = [];
    (await join(graph, 'listener')).subscribe({
      topic: '/parameter_events',
      type: 'rcl_interfaces/msg/ParameterEvent',
      qos: qosProfiles.parameterEvents,
      maxBytes: 10_000,
      queue: 10,
      onMessage: ({ bytes, release }) => {
        const { node: from, changed } = readParameterEvent(bytes);
        heard.push(
          ...changed.map(({ name, value }) => `${from} ${name} ${'value' in value ? value.value : ''}`),
        );
        release();
      },
    });
    const endpoints = serveControl({
      node,
      clock,
      cameras: ['front'],
      pipeline: {
        identity,
        settings: () => settings,
        configure: (_, change) => {
          settings = { ...settings, ...change };
        },
      },
    });
    expect(await graph.setBool('/goshawk/front/enable', false)).toEqual({
      success: true,
      message: 'front is off',
    });
    expect(settings.enabled).toBe(false);
    expect(await graph.setBool('/goshawk/front/enable', true)).toEqual({
      success: true,
      message: 'front is on',
    });
    expect(settings.enabled).toBe(true);
    // Set by another side: nobody asked the node.
    settings = { ...settings, scoreThreshold: 0.75 };
    await expect.poll(() => heard, { timeout: 5000 }).toContain('/goshawk front.score_threshold 0.75');
    for (const endpoint of endpoints) endpoint.close();
  });
}

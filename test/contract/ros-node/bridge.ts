import { expect } from 'vitest';
import { parseBridge, RosBridge } from '../../../src/adapters/ros2/index.ts';
import {
  CdrWriter,
  qosProfiles,
  serveTypeDescriptions,
  serviceTypeHashes,
  typeHashes,
  writeBool,
  writeDiagnostics,
  writeLabelInfo,
} from '../../../src/ros2/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { clock, header, type RosScene, until } from './scene.ts';

/** What the bridge expects. */
export function bridgePromises({ closing, contract, join }: RosScene): void {
  contract('tells what a robot says of itself, and calls what may be called', async (graph) => {
    const robot = await join(graph, 'robot');
    const stopped = robot.advertise('/e_stop', 'std_msgs/msg/Bool', qosProfiles.sensorData);
    const parts = robot.advertise(
      '/diagnostics',
      'diagnostic_msgs/msg/DiagnosticArray',
      qosProfiles.standard,
    );
    robot.serve('/dock', 'std_srvs/srv/Trigger', () => ({ success: true, message: 'docked' }));
    const bridge = new RosBridge({
      node: await join(graph, 'goshawk'),
      clock,
      reportEvent: () => {},
      bridge: parseBridge({
        topics: {
          stopped: {
            ...{ topic: '/e_stop', type: 'std_msgs/msg/Bool', fields: ['data'] },
            ...{ reduce: 'latest', least: 0, everySeconds: 1 },
          },
        },
        services: { dock: { service: '/dock', type: 'std_srvs/srv/Trigger' } },
        diagnostics: true,
      }),
    });
    closing.push(() => bridge.close());
    await until(() => stopped.subscribers() === 1 && parts.subscribers() === 1);
    const status = { name: 'motor', level: 2, message: 'hot', hardwareId: '', values: {} };
    const readings: unknown[] = [];
    await until(() => {
      stopped.publish(writeBool(new CdrWriter(), true));
      parts.publish(writeDiagnostics(new CdrWriter(), header, [status]));
      readings.push(...bridge.readings().filter(({ field }) => field !== undefined));
      return readings.length > 0 && bridge.report()?.parts === 1;
    });
    expect(readings[0]).toEqual({ name: 'stopped', field: 'data', value: 1 });
    expect(await bridge.call({ service: 'dock' })).toEqual({ success: true, message: 'docked' });
  });

  contract(
    'calls a service by its definition, with values of every kind, and knows who serves it',
    async (graph) => {
      const robot = await join(graph, 'robot');
      const asked: unknown[] = [];
      robot.serve('~/list', 'rcl_interfaces/srv/ListParameters', (request) => {
        asked.push(request);
        return { result: { names: [...request.prefixes, 'größe'], prefixes: [] } };
      });
      robot.serve('~/get', 'rcl_interfaces/srv/GetParameters', ({ names }) => ({
        values: names.map((each) => ({ type: 'double' as const, value: each.length / 4 })),
      }));
      const node = await join(graph, 'goshawk');
      await until(() => node.servers('/robot/list').length === 2 && node.servers('/robot/get').length === 2);
      const { request, response } = serviceTypeHashes['rcl_interfaces/srv/ListParameters'];
      expect(node.servers('/robot/list')).toEqual([
        { type: 'rcl_interfaces/srv/ListParameters_Request', typeHash: request },
        { type: 'rcl_interfaces/srv/ListParameters_Response', typeHash: response },
      ]);
      expect(node.servers('/robot')).toEqual([]);
      const bridge = new RosBridge({
        ...{ node, clock, reportEvent: () => {} },
        bridge: parseBridge({
          services: {
            list: {
              service: '/robot/list',
              type: 'rcl_interfaces/srv/ListParameters',
              request: { depth: 2 },
            },
            get: { service: '/robot/get', type: 'rcl_interfaces/srv/GetParameters' },
            wrong: { service: '/robot/get', type: 'rcl_interfaces/srv/SetParameters' },
          },
        }),
      });
      closing.push(() => bridge.close());
      expect(await bridge.call({ service: 'list', request: { prefixes: ['a', 'ü.b'] } })).toEqual({
        ...{
          message: '',
          reply: { result: { names: ['a', 'ü.b', 'größe'], prefixes: [] } },
        },
      });
      expect(asked).toEqual([{ prefixes: ['a', 'ü.b'], depth: 2 }]);
      const { reply } = await bridge.call({ service: 'get', request: { names: ['x', 'xyz'] } });
      const values = [0.25, 0.75].map((value) => ({
        ...{ type: 3, bool_value: false, integer_value: 0, double_value: value, string_value: '' },
        ...{ byte_array_value: '', bool_array_value: [], integer_array_value: [] },
        ...{ double_array_value: [], string_array_value: [] },
      }));
      expect(reply).toEqual({ values });
      await expect(bridge.call({ service: 'wrong' })).rejects.toMatchObject({ code: 'ros-service-type' });
      expect(asked).toHaveLength(1);
    },
  );

  contract('reads a type that is not shipped as the node of its publisher describes it', async (graph) => {
    const robot = await join(graph, 'robot');
    if (robot.describesTypes !== true) serveTypeDescriptions(robot);
    const labels = robot.advertise('/labels', 'vision_msgs/msg/LabelInfo', qosProfiles.standard);
    const node = await join(graph, 'goshawk');
    await until(() => node.publishers('/labels').some((each) => each.node !== undefined));
    expect(node.publishers('/labels')).toEqual([
      {
        ...{ node: '/robot', type: 'vision_msgs/msg/LabelInfo' },
        typeHash: typeHashes['vision_msgs/msg/LabelInfo'],
      },
    ]);
    expect(node.publishers('/nothing')).toEqual([]);
    const log = new RecordingLog();
    const topics = {
      labels: {
        ...{ topic: '/labels', type: 'vision_msgs/msg/LabelInfo', fields: ['threshold'] },
        ...{ reduce: 'latest' as const, least: 0, everySeconds: 1 },
      },
      wrong: {
        ...{ topic: '/labels', type: 'vision_msgs/msg/VisionInfo', fields: ['method'] },
        ...{ reduce: 'changed' as const, least: 0, everySeconds: 1 },
      },
    };
    const bridge = new RosBridge({
      ...{ node, clock, log, bridge: parseBridge({ topics }), reportEvent: () => {} },
    });
    closing.push(() => bridge.close());
    await until(() => labels.subscribers() === 1);
    const writer = new CdrWriter();
    const classes = ['car', 'fahrrad-ü'].map((each, id) => ({ id, name: each }));
    const info = { header, threshold: 0.5, classes };
    const values: unknown[] = [];
    await until(() => {
      labels.publish(writeLabelInfo(writer, info));
      values.push(...bridge.readings().filter(({ value }) => value !== undefined));
      return values.length > 0;
    });
    expect(values[0]).toEqual({ name: 'labels', field: 'threshold', value: 0.5 });
    expect(log.at('warn').map(([, fields]) => fields?.reason)).toEqual([
      'The topic /labels carries vision_msgs/msg/LabelInfo, where ros.bridge names vision_msgs/msg/VisionInfo. Name the type that ros2 topic info prints.',
    ]);
    labels.close();
    await until(() => node.publishers('/labels').length === 0);
  });
}

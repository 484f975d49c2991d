import { afterEach, expect, it } from 'vitest';
import {
  parseBridge,
  RosBridge,
  RosDetectionSink,
  RosFrameSource,
  serveControl,
  TfListener,
} from '../../src/adapters/ros2/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { CancelledError } from '../../src/base/index.ts';
import { defaultCameraSettings, type Frame, type PerceptionResult } from '../../src/perception/index.ts';
import {
  CdrWriter,
  type MessageType,
  type Qos,
  qosProfiles,
  type RosNode,
  readDetections,
  readGoalStatuses,
  readModelEvent,
  readParameterEvent,
  readSwapFeedback,
  SwapAction,
  serveTypeDescriptions,
  serviceTypeHashes,
  typeHashes,
  writeBool,
  writeCompressedImage,
  writeDiagnostics,
  writeImage,
  writeLabelInfo,
  writeTransforms,
} from '../../src/ros2/index.ts';
import { RecordingLog } from '../fakes/recording-log.ts';
import type { GraphKind, TestGraph } from './ros2-graphs.ts';
import { suite } from './suite.ts';

const clock = new SystemClock();
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(condition()).toBe(true);
}

/** A node that keeps what comes on a topic. */
function listen(node: RosNode, topic: string, type: MessageType, qos: Qos = qosProfiles.standard) {
  const heard = { messages: [] as Uint8Array[], publishers: 0, tooLarge: 0, problems: [] as string[] };
  node.subscribe({
    topic,
    type,
    qos,
    maxBytes: 1 << 20,
    queue: 10,
    onMessage: ({ bytes, release }) => {
      heard.messages.push(Uint8Array.from(bytes));
      release();
    },
    onPublishers: (count) => {
      heard.publishers = count;
    },
    onLosses: ({ tooLarge }) => {
      heard.tooLarge = tooLarge;
    },
    onProblem: (problem) => heard.problems.push(problem.explain()),
  });
  return heard;
}

const header = { stampNs: 1_000_000_000n, frameId: 'optical' };
const picture = (stampNs: bigint, value: number) => ({
  header: { stampNs, frameId: 'optical' },
  width: 4,
  height: 2,
  encoding: 'rgb8',
  isBigendian: false,
  step: 12,
  data: new Uint8Array(24).fill(value),
});
const compressed = (first: number) =>
  writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data: Uint8Array.of(first, 2, 3) });

const identity = {
  model: 'street',
  version: '1',
  digest: `sha256:${'1'.repeat(64)}`,
  engine: 'none',
  precision: 'fp32',
  labels: [],
  inputWidth: 1,
  inputHeight: 1,
};

const result: PerceptionResult = {
  camera: 'front',
  sequence: 0,
  stampNs: 5n,
  frameId: 'optical',
  width: 4,
  height: 2,
  detections: [{ classId: 0, label: 'car', score: 0.5, box: { x1: 1, y1: 2, x2: 3, y2: 4 }, trackId: 9 }],
  identity,
  timings: { preprocessMs: 0, inferMs: 0, postprocessMs: 0 },
  candidates: 1,
  captureToPublishMs: 0,
};

/** What sources, sinks and services expect of any node of the ROS 2 graph. */
export function describeRosNode({ name, missing, seesNamesakes, open }: GraphKind): void {
  suite(`A node of the graph through ${name}`, missing, () => {
    const closing: (() => unknown)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });
    const join = async (graph: TestGraph, node: string, remap?: Readonly<Record<string, string>>) => {
      const joined = await graph.join(node, remap);
      closing.push(() => joined.close());
      return joined;
    };
    const start = async () => {
      const graph = await open();
      closing.push(() => graph.close());
      return graph;
    };
    const contract = (what: string, run: (graph: TestGraph) => Promise<void>) =>
      it(what, async () => run(await start()));

    contract('carries bytes as they are and in order, and counts both sides', async (graph) => {
      const camera = await join(graph, 'camera');
      const publisher = camera.advertise(
        '/a/compressed',
        'sensor_msgs/msg/CompressedImage',
        qosProfiles.standard,
      );
      const heard = listen(await join(graph, 'goshawk'), '/a/compressed', 'sensor_msgs/msg/CompressedImage');
      await until(() => publisher.subscribers() === 1 && heard.publishers === 1);
      const sent = [1, 2, 3].map(compressed);
      for (const bytes of sent) expect(publisher.publish(bytes)).toBe(true);
      await until(() => heard.messages.length === 3);
      expect(heard.messages.map((bytes) => bytes.subarray(0, sent[0]?.length))).toEqual(sent);
      publisher.close();
      publisher.close();
      await until(() => heard.publishers === 0);
      expect(publisher.publish(compressed(4))).toBe(false);
      expect(publisher.subscribers()).toBe(0);
    });

    contract('gives the last message to who comes later where it is transient local', async (graph) => {
      const node = await join(graph, 'goshawk');
      const state = node.advertise('~/latched', 'sensor_msgs/msg/CompressedImage', qosProfiles.latched);
      expect(state.publish(compressed(7))).toBe(true);
      const late = listen(
        await join(graph, 'late'),
        '/goshawk/latched',
        'sensor_msgs/msg/CompressedImage',
        qosProfiles.latched,
      );
      await until(() => late.messages.length === 1);
      expect(late.messages[0]?.subarray(0, compressed(7).length)).toEqual(compressed(7));
      state.close();
      state.close();
      expect(state.publish(compressed(8))).toBe(false);
    });

    contract('says which side asks what where the QoS does not fit', async (graph) => {
      (await join(graph, 'camera')).advertise(
        '/poor/compressed',
        'sensor_msgs/msg/CompressedImage',
        qosProfiles.sensorData,
      );
      const heard = listen(
        await join(graph, 'goshawk'),
        '/poor/compressed',
        'sensor_msgs/msg/CompressedImage',
      );
      await until(() => heard.problems.length > 0);
      expect(heard.problems[0]).toContain(
        'On /poor/compressed a publisher offers best effort while we, the subscriber, ask for reliable',
      );
      expect(heard.problems[0]).toContain('Let the publisher offer reliable');
    });

    contract('keeps a message that is too large from the subscriber, and goes on', async (graph) => {
      const publisher = (await join(graph, 'camera')).advertise(
        '/big/compressed',
        'sensor_msgs/msg/CompressedImage',
        qosProfiles.standard,
      );
      const heard = listen(
        await join(graph, 'goshawk'),
        '/big/compressed',
        'sensor_msgs/msg/CompressedImage',
      );
      await until(() => publisher.subscribers() === 1 && heard.publishers === 1);
      publisher.publish(
        writeCompressedImage(new CdrWriter(), { header, format: 'jpeg', data: new Uint8Array(2 << 20) }),
      );
      publisher.publish(compressed(9));
      await until(() => heard.messages.length === 1);
      expect(heard.messages[0]?.subarray(0, compressed(9).length)).toEqual(compressed(9));
      await until(() => heard.tooLarge === 1);
    });

    if (seesNamesakes) {
      contract('warns, once, where another node has its name', async (graph) => {
        const log = new RecordingLog();
        const first = await graph.join('eyes', {}, log);
        closing.push(() => first.close());
        await join(graph, 'eyes');
        await until(() => log.at('warn').length > 0);
        await join(graph, 'eyes');
        await join(graph, 'other');
        expect(log.at('warn')).toEqual([
          [
            'There is another ROS 2 node with our name',
            {
              node: '/eyes',
              remedy: 'Give each its own name: both publish on the same topics, and tools show only one.',
            },
          ],
        ]);
      });
    }

    contract('renames its topics as it was told', async (graph) => {
      const node = await join(graph, 'goshawk', { '~/detections': '/seen', '/goshawk/tracks': 'followed' });
      expect(node.topic('~/detections')).toBe('/seen');
      expect(node.topic('~/tracks')).toBe('/followed');
      const publisher = node.advertise(
        '~/detections',
        'vision_msgs/msg/Detection2DArray',
        qosProfiles.standard,
      );
      expect(publisher.topic).toBe('/seen');
      listen(await join(graph, 'other'), '/seen', 'vision_msgs/msg/Detection2DArray');
      await until(() => publisher.subscribers() === 1);
    });

    contract('answers goals of an action that was renamed under its new name', async (graph) => {
      const node = await join(graph, 'goshawk', { '~/swap_model': '/fleet/swap' });
      const served = new SwapAction({ node, clock, swap: async () => 'sha256:2' });
      closing.push(() => served.close());
      const watcher = await join(graph, 'watcher');
      const statuses = listen(
        watcher,
        '/fleet/swap/_action/status',
        'action_msgs/msg/GoalStatusArray',
        qosProfiles.latched,
      );
      const client = graph.swapClient('/fleet/swap');
      const goalId = '07'.repeat(16);
      expect(await client.send(goalId, { name: 'street', version: '' })).toBe(true);
      expect(await client.result(goalId)).toMatchObject({ status: 4, digest: 'sha256:2' });
      await until(() =>
        statuses.messages.some((bytes) => readGoalStatuses(bytes).some(({ status }) => status === 4)),
      );
    });

    contract('reads a camera whose topic says another type than it has, whenever it comes', async (graph) => {
      const robot = await join(graph, 'robot');
      const source = new RosFrameSource({
        ...{ node: await join(graph, 'goshawk'), clock, camera: 'front', topic: '/front/compressed' },
        qos: qosProfiles.standard,
      });
      const frames: string[] = [];
      await source.open({
        frame: (frame) => {
          frames.push(frame.encoding);
          frame.pixels.release();
        },
        fault: () => {},
        end: () => {},
      });
      closing.push(() => source.close());
      const raw = robot.advertise('/front/compressed', 'sensor_msgs/msg/Image', qosProfiles.standard);
      await until(() => raw.subscribers() === 1 && source.counts.publishers === 1);
      raw.publish(writeImage(new CdrWriter(), picture(1_000_000_000n, 1)));
      await until(() => frames.length === 1);
      raw.close();
      await until(() => source.counts.publishers === 0);
      const jpeg = robot.advertise(
        '/front/compressed',
        'sensor_msgs/msg/CompressedImage',
        qosProfiles.standard,
      );
      await until(() => jpeg.subscribers() === 1 && source.counts.publishers === 1);
      const data = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0, 0xff, 0xd9);
      const later = { stampNs: 2_000_000_000n, frameId: 'optical' };
      jpeg.publish(writeCompressedImage(new CdrWriter(), { header: later, format: 'jpeg', data }));
      await until(() => frames.length === 2);
      expect(frames).toEqual(['rgb8', 'jpeg']);
    });

    contract('hears of tf what moves, and what is static from before it listened', async (graph) => {
      const robot = await join(graph, 'robot');
      const link = (parent: string, child: string, stampNs: bigint, x: number) => ({
        ...{ parent, child, stampNs, translation: { x, y: 0, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } },
      });
      robot
        .advertise('/tf_static', 'tf2_msgs/msg/TFMessage', { ...qosProfiles.tfStatic, depth: 1 })
        .publish(writeTransforms(new CdrWriter(), [link('base', 'cam', 0n, 0.5)]));
      const moving = robot.advertise('/tf', 'tf2_msgs/msg/TFMessage', qosProfiles.tf);
      const listener = new TfListener(await join(graph, 'goshawk'), new RecordingLog());
      listener.open();
      closing.push(() => listener.close());
      await until(() => moving.subscribers() === 1);
      for (const [stampNs, x] of [
        [1_000n, 1],
        [2_000n, 3],
      ] as const)
        moving.publish(writeTransforms(new CdrWriter(), [link('odom', 'base', stampNs, x)]));
      await until(() => 'transform' in listener.lookup('odom', 'cam', 1_500n, 0n));
      expect(listener.lookup('odom', 'cam', 1_500n, 0n)).toMatchObject({
        transform: { translation: { x: 2.5 } },
      });
    });

    contract('answers a service, and goes on after one that it could not answer', async (graph) => {
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
      expect(await graph.setBool('/goshawk/enable', true, () => asked !== undefined)).toBeUndefined();
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
        await until(
          () => node.servers('/robot/list').length === 2 && node.servers('/robot/get').length === 2,
        );
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

    contract('swaps a model as an action: progress, one goal at a time, cancelled or not', async (graph) => {
      const action = '/goshawk/swap_model';
      const swaps: {
        report: (percent: number, cancellable: boolean) => void;
        end: (digest: string) => void;
        stopped: boolean;
      }[] = [];
      const served = new SwapAction({
        node: await join(graph, 'goshawk'),
        clock,
        swap: (_, report, signal) =>
          new Promise((end, fail) => {
            const one = {
              ...{ end, stopped: false },
              report: (percent: number, cancellable: boolean) =>
                report({ state: 'preparing', percent, cancellable }),
            };
            signal.addEventListener('abort', () => {
              one.stopped = true;
              fail(new CancelledError('The swap'));
            });
            swaps.push(one);
          }),
      });
      closing.push(() => served.close());
      const watcher = await join(graph, 'watcher');
      const type = 'goshawk_msgs/action/SwapModel_FeedbackMessage';
      const feedback = listen(watcher, `${action}/_action/feedback`, type);
      const statusType = 'action_msgs/msg/GoalStatusArray';
      const statuses = listen(watcher, `${action}/_action/status`, statusType, qosProfiles.latched);
      await until(() => feedback.publishers === 1 && statuses.messages.length > 0);
      const client = graph.swapClient(action);
      const [first, second] = [1, 2].map((octet) => `${octet}`.padStart(2, '0').repeat(16)) as [
        string,
        string,
      ];
      const goal = { name: 'straße', version: '2' };
      expect(await client.send(first, goal)).toBe(true);
      await until(() => swaps.length === 1);
      expect(await client.send(second, goal)).toBe(false);
      swaps[0]?.report(12, false);
      await until(() => feedback.messages.length === 1);
      expect(readSwapFeedback(feedback.messages[0] ?? new Uint8Array())).toEqual({
        goalId: first,
        feedback: { state: 'preparing', percent: 12 },
      });
      expect(await client.cancel(first)).toEqual([]);
      expect(swaps[0]?.stopped).toBe(false);
      const waiting = client.result(first);
      swaps[0]?.end('sha256:2');
      expect(await waiting).toEqual({ status: 4, ok: true, digest: 'sha256:2', reason: '' });

      expect(await client.send(second, goal)).toBe(true);
      await until(() => swaps.length === 2);
      expect(await client.cancel(second)).toEqual([second]);
      expect(swaps[1]?.stopped).toBe(true);
      expect(await client.result(second)).toMatchObject({ status: 5, ok: false });
      await until(() => {
        const last = readGoalStatuses(statuses.messages.at(-1) ?? new Uint8Array());
        return last.map(({ goalId, status }) => `${goalId} ${status}`).join() === `${first} 4,${second} 5`;
      });
    });

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
      expect(await graph.setBool('/goshawk/enable', false)).toEqual({
        success: true,
        message: 'front is off',
      });
      expect(settings.enabled).toBe(false);
      expect(await graph.setBool('/goshawk/enable', true)).toEqual({ success: true, message: 'front is on' });
      expect(settings.enabled).toBe(true);
      // Set by another side: nobody asked the node.
      settings = { ...settings, scoreThreshold: 0.75 };
      await expect.poll(() => heard, { timeout: 5000 }).toContain('/goshawk score_threshold 0.75');
      for (const endpoint of endpoints) endpoint.close();
    });

    contract(
      'brings pictures with stamp and frame_id, drops an old one, goes on after damaged ones, and again when its camera is back',
      async (graph) => {
        const camera = (await join(graph, 'camera')).advertise(
          '/cam/image',
          'sensor_msgs/msg/Image',
          qosProfiles.standard,
        );
        const source = new RosFrameSource({
          node: await join(graph, 'goshawk'),
          clock,
          camera: 'front',
          topic: '/cam/image',
          qos: qosProfiles.standard,
          maxBytes: 1 << 20,
        });
        const frames: Frame[] = [];
        const faults: string[] = [];
        await source.open({
          frame: (frame) => {
            frames.push(frame);
          },
          fault: (error) => faults.push(error.code),
          end: () => {},
        });
        closing.push(() => source.close());
        await until(() => camera.subscribers() === 1 && source.counts.publishers === 1);
        const writer = new CdrWriter();
        const send = (bytes: Uint8Array) => expect(camera.publish(bytes)).toBe(true);
        send(writeImage(writer, picture(1_000_000_000n, 1)));
        await until(() => frames.length > 0);
        const stamp = frames.at(-1)?.stampNs ?? 0n;
        send(Uint8Array.of(0, 1, 0, 0, 1, 2, 3));
        send(writeImage(writer, { ...picture(stamp + 1n, 2), step: 11 }));
        send(writeImage(writer, picture(stamp - 5n, 3)));
        send(new Uint8Array(2 << 20));
        send(writeImage(writer, picture(stamp + 2n, 4)));
        await until(() => frames.at(-1)?.stampNs === stamp + 2n);
        await until(() => faults.length >= 3);
        expect(faults.sort()).toEqual(['cdr-truncated', 'ros-image-size', 'ros-image-too-large']);
        expect(frames.at(-1)).toMatchObject({
          camera: 'front',
          frameId: 'optical',
          width: 4,
          height: 2,
          encoding: 'rgb8',
        });
        expect(Uint8Array.from(frames.at(-1)?.pixels.data ?? [])).toEqual(new Uint8Array(24).fill(4));
        expect(source.counts).toMatchObject({ damaged: 2, outOfOrder: 1, lost: 1 });
        camera.close();
        await until(() => source.counts.publishers === 0);
        const back = (await join(graph, 'camera_again')).advertise(
          '/cam/image',
          'sensor_msgs/msg/Image',
          qosProfiles.standard,
        );
        await until(() => back.subscribers() === 1 && source.counts.publishers === 1);
        expect(back.publish(writeImage(writer, picture(stamp + 3n, 5)))).toBe(true);
        await until(() => frames.at(-1)?.stampNs === stamp + 3n);
        for (const frame of frames) frame.pixels.release();
      },
    );

    contract('publishes detections, and the model event to who comes later', async (graph) => {
      const sink = new RosDetectionSink({ node: await join(graph, 'goshawk'), clock, cameras: ['front'] });
      closing.push(() => sink.close());
      const detections = listen(
        await join(graph, 'listener'),
        '/goshawk/detections',
        'vision_msgs/msg/Detection2DArray',
      ).messages;
      await until(() => {
        sink.publish(result);
        return detections.length > 0;
      });
      const read = readDetections(detections[0] ?? new Uint8Array());
      expect(read.header).toEqual({ stampNs: 5n, frameId: 'optical' });
      expect(read.detections[0]).toMatchObject({ id: '9', hypotheses: [{ classId: 'car', score: 0.5 }] });
      const events = listen(
        await join(graph, 'late'),
        '/goshawk/model_events',
        'goshawk_msgs/msg/ModelEvent',
        qosProfiles.latched,
      ).messages;
      await until(() => events.length > 0);
      expect(readModelEvent(events[0] ?? new Uint8Array())).toMatchObject({
        oldModel: '',
        newDigest: identity.digest,
      });
    });
  });
}

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { RosDetections3dSink, RosVisionInfoSink } from '../../../../src/adapters/ros2/index.ts';
import { MissingError } from '../../../../src/base/index.ts';
import {
  defaultCameraSettings,
  type Frame,
  type PerceptionResult,
} from '../../../../src/perception/index.ts';
import {
  type BondStatus,
  CdrWriter,
  type MessageType,
  qosProfiles,
  type RosNode,
  readBondStatus,
  readDetections3d,
  readDiagnostics,
  readLabelInfo,
  readParameterEvent,
  typeHashes,
  writeCameraInfo,
  writeClock,
  writeCompressedImage,
  writeImage,
  writeTransforms,
} from '../../../../src/ros2/index.ts';
import type { RosAdapters } from '../../../../src/runtime/ros/join-graph.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { greyPng } from '../../../fixtures/grey-png.ts';
import { identity } from '../../perception/fakes.ts';

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
    const { link: ros } = link({ adapters, node: '/robot1/eyes', remap: ['~/enable:=/lights'] });
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
    expect(listed?.result.names).toContain('score_threshold');
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
    await ros.sinks(['front'], 'plain');
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

describe('A camera', () => {
  const first = async (topic: string, type: MessageType, message: Uint8Array): Promise<Frame> => {
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters });
    const source = await ros.source(`ros:${topic}`, 'front', undefined);
    const frame = new Promise<Frame>((resolve, reject) => {
      void source.open({ frame: (each) => resolve(each), fault: reject, end: () => {} });
    });
    graph
      .join({ namespace: '/', name: 'robot' })
      .advertise(topic, type, qosProfiles.latched)
      .publish(Uint8Array.from(message));
    const came = await frame;
    const data = Uint8Array.from(came.pixels.data);
    came.pixels.release();
    await source.close();
    await ros.close();
    return { ...came, pixels: { data, release: () => {} } };
  };
  const header = { stampNs: 5n, frameId: 'optical' };

  it('may publish PNG, gray with 16 bits too', async () => {
    const grey = Uint16Array.from([0x0000, 0x8000, 0xffff, 0x4000]);
    const data = await sharp(grey, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const message = writeCompressedImage(new CdrWriter(), {
      header,
      format: 'mono16; png compressed ',
      data,
    });
    const frame = await first('/a/compressed', 'sensor_msgs/msg/CompressedImage', message);
    expect(frame).toMatchObject({ encoding: 'rgb8', width: 2, height: 2, step: 6, stampNs: 5n });
    expect(frame.pixels.data[0]).toBe(0);
    expect(frame.pixels.data[6]).toBe(255);
    expect(frame.pixels.data).toHaveLength(12);
  });

  it('may publish a mosaic of colours', async () => {
    const message = writeImage(new CdrWriter(), {
      ...{ header, width: 2, height: 2, step: 2, encoding: 'bayer_rggb8', isBigendian: false },
      data: Uint8Array.of(200, 100, 100, 50),
    });
    const frame = await first('/a', 'sensor_msgs/msg/Image', message);
    expect(frame).toMatchObject({ encoding: 'rgb8', width: 2, height: 2, step: 6 });
    expect([...frame.pixels.data]).toEqual([200, 100, 50, 200, 100, 50, 200, 100, 50, 200, 100, 50]);
  });
});

describe('A camera with depth', () => {
  it('gives detections in space while it is open, and tells what its results mean', async () => {
    const { graph, adapters } = machine({});
    const { link: ros } = link({ adapters });
    const spec = 'ros:/camera/image?depth_topic=/depth/image&to=base_link&xyz=1,0,0';
    const source = await ros.source(spec, 'front', undefined);
    const sinks = await ros.sinks(['front'], 'plain');
    const settings = { ...defaultCameraSettings, scoreThreshold: 0.5 };
    const identityOfIt = { model: 'street', labels: [] };
    await ros.control(
      { identity: identityOfIt, settings: () => settings, configure: () => {}, isOn: () => true },
      ['front'],
    );
    await source.open({ frame: () => {}, fault: () => {}, end: () => {} });
    const robot = graph.join({ namespace: '/', name: 'robot' });
    const soon = async () => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    };
    const tell = async (topic: string, type: MessageType, bytes: Uint8Array) => {
      robot.advertise(topic, type, qosProfiles.latched).publish(Uint8Array.from(bytes));
      await soon();
    };
    const header = { stampNs: 5n, frameId: 'optical' };
    const roi = { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: false };
    await tell(
      '/camera/camera_info',
      'sensor_msgs/msg/CameraInfo',
      writeCameraInfo(new CdrWriter(), {
        ...{ header, width: 4, height: 4, distortionModel: '', d: [], r: new Array(9).fill(0) },
        ...{ k: [4, 0, 1.5, 0, 4, 1.5, 0, 0, 1], p: new Array(12).fill(0), binningX: 0, binningY: 0, roi },
      }),
    );
    const depth = async () =>
      tell(
        '/depth/image',
        'sensor_msgs/msg/Image',
        writeImage(new CdrWriter(), {
          ...{ header, width: 4, height: 4, step: 8, encoding: '16UC1', isBigendian: false },
          data: new Uint8Array(Uint16Array.from({ length: 16 }, () => 2000).buffer),
        }),
      );
    await depth();
    const seen: Uint8Array[] = [];
    const listen = (topic: string, type: MessageType) =>
      robot.subscribe({
        ...{ topic, type, qos: qosProfiles.latched, maxBytes: 1 << 16, queue: 9 },
        onMessage: (message) => {
          seen.push(Uint8Array.from(message.bytes));
          message.release();
        },
      });
    const street = identity('street', ['car']);
    const publish = async () => {
      const result = {
        ...{ camera: 'front', ...header, width: 4, height: 4, identity: street },
        detections: [{ classId: 0, label: 'car', score: 0.9, box: { x1: 0, y1: 0, x2: 4, y2: 4 } }],
      } as unknown as PerceptionResult;
      // The others look at more of a result than there is of this one.
      for (const sink of sinks)
        if (sink instanceof RosDetections3dSink || sink instanceof RosVisionInfoSink) sink.publish(result);
      await soon();
    };
    await publish();
    listen('/goshawk/label_info', 'vision_msgs/msg/LabelInfo');
    await soon();
    expect(readLabelInfo(seen[0] ?? new Uint8Array())).toMatchObject({ threshold: 0.5 });
    robot.subscribe({
      ...{ topic: '/goshawk/detections_3d', type: 'vision_msgs/msg/Detection3DArray' },
      ...{ qos: qosProfiles.standard, maxBytes: 1 << 16, queue: 9 },
      onMessage: (message) => {
        seen.push(Uint8Array.from(message.bytes));
        message.release();
      },
    });
    await soon();
    await publish();
    const located = readDetections3d(seen[1] ?? new Uint8Array());
    expect(located).toMatchObject({
      header: { frameId: 'base_link' },
      objects: [{ label: 'car', center: { x: 1, y: 0, z: 2 } }],
    });
    await source.close();
    await publish();
    expect([seen.length, graph.held]).toEqual([2, 0]);
    await ros.close();
  });

  it.each([
    ['raw', '/depth/image'],
    ['compressed', '/depth/image/compressedDepth'],
  ])(
    'gives a result whose depth (%s) and transform come after it, and waits for nothing after the end',
    async (kind, topic) => {
      const { graph, adapters } = machine({});
      const time = new FakeClock();
      const { link: ros } = link({ adapters, clock: time });
      const source = await ros.source(`ros:/camera/image?depth_topic=${topic}&to=odom`, 'front', undefined);
      const sinks = await ros.sinks(['front'], 'plain');
      await source.open({ frame: () => {}, fault: () => {}, end: () => {} });
      const robot = graph.join({ namespace: '/', name: 'robot' });
      const advertise = (name: string, type: MessageType) => robot.advertise(name, type, qosProfiles.latched);
      const infos = advertise('/camera/camera_info', 'sensor_msgs/msg/CameraInfo');
      const transforms = advertise('/tf', 'tf2_msgs/msg/TFMessage');
      const depths = advertise(
        topic,
        kind === 'raw' ? 'sensor_msgs/msg/Image' : 'sensor_msgs/msg/CompressedImage',
      );
      const header = { stampNs: 5n, frameId: 'optical' };
      const size = { width: 4, height: 4 };
      const roi = { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: false };
      infos.publish(
        writeCameraInfo(new CdrWriter(), {
          ...{ header, ...size, distortionModel: '', d: [], r: new Array(9).fill(0) },
          ...{ k: [4, 0, 1.5, 0, 4, 1.5, 0, 0, 1], p: new Array(12).fill(0), binningX: 0, binningY: 0, roi },
        }),
      );
      await time.pass(0);
      const publish = async (stampNs: bigint) => {
        const result = {
          ...{ camera: 'front', stampNs, frameId: 'optical', ...size, identity: identity('street', ['car']) },
          detections: [{ classId: 0, label: 'car', score: 0.9, box: { x1: 0, y1: 0, x2: 4, y2: 4 } }],
        } as unknown as PerceptionResult;
        for (const sink of sinks) if (sink instanceof RosDetections3dSink) sink.publish(result);
        await time.pass(0);
      };
      // Advertised with the first result.
      await publish(1n);
      const seen: ReturnType<typeof readDetections3d>[] = [];
      robot.subscribe({
        ...{ topic: '/goshawk/detections_3d', type: 'vision_msgs/msg/Detection3DArray' },
        ...{ qos: qosProfiles.standard, maxBytes: 1 << 16, queue: 9 },
        onMessage: (message) => {
          seen.push(readDetections3d(message.bytes));
          message.release();
        },
      });
      await time.pass(0);
      await publish(5n);
      const rotation = { x: 0, y: 0, z: 0, w: 1 };
      const there = { ...{ stampNs: 5n, parent: 'odom', child: 'optical' }, rotation };
      transforms.publish(writeTransforms(new CdrWriter(), [{ ...there, translation: { x: 7, y: 0, z: 0 } }]));
      await time.pass(0);
      expect(seen).toEqual([]);
      const png = greyPng(4, 4, new Array(16).fill(2000));
      depths.publish(
        kind === 'raw'
          ? writeImage(new CdrWriter(), {
              ...{ header, ...size, step: 8, encoding: '16UC1', isBigendian: false },
              data: new Uint8Array(Uint16Array.from({ length: 16 }, () => 2000).buffer),
            })
          : writeCompressedImage(new CdrWriter(), {
              ...{ header, format: '16UC1; compressedDepth png' },
              data: Uint8Array.from([...new Array(12).fill(0), ...png]),
            }),
      );
      await expect.poll(() => seen.length).toBe(1);
      expect(seen[0]).toMatchObject({
        header: { frameId: 'odom', stampNs: 5n },
        objects: [{ label: 'car', center: { x: 7, y: 0, z: 2 } }],
      });
      await publish(9n);
      await source.close();
      await ros.close();
      expect([seen.length, graph.held, time.pending]).toEqual([1, 0, 0]);
    },
  );

  it('hears tf while a camera needs it, once for all cameras, and forgets it where time jumps back', async () => {
    const { graph, adapters } = machine({});
    const { link: ros, log } = link({ adapters, simTime: true });
    const spec = 'ros:/camera/image?depth_topic=/depth/image&to=base_link';
    const left = await ros.source(spec, 'left', undefined);
    const right = await ros.source(spec, 'right', undefined);
    const robot = graph.join({ namespace: '/', name: 'robot' });
    const transforms = robot.advertise('/tf', 'tf2_msgs/msg/TFMessage', qosProfiles.tf);
    const times = robot.advertise('/clock', 'rosgraph_msgs/msg/Clock', qosProfiles.latched);
    const receiver = { frame: () => {}, fault: () => {}, end: () => {} };
    expect(transforms.subscribers()).toBe(0);
    await left.open(receiver);
    await right.open(receiver);
    await left.open(receiver);
    expect(transforms.subscribers()).toBe(1);
    for (const timeNs of [9n, 5n]) {
      times.publish(Uint8Array.from(writeClock(new CdrWriter(), timeNs)));
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
    const jumps = log.at('warn').filter(([sentence]) => sentence.startsWith('Time jumped back'));
    expect(jumps).toHaveLength(1);
    await left.close();
    expect(transforms.subscribers()).toBe(1);
    await right.close();
    expect(transforms.subscribers()).toBe(0);
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
    const node = await ros.manage({ ...work, shutdown: nothing });
    for (const label of ['configure', 'activate']) expect(await node.request({ id: 0, label })).toBe(true);
    await ros.close();
    await settle();
    expect(heard.map(({ active }) => active)).toEqual([true, false]);
    expect(heard[0]?.instanceId).toMatch(/^[0-9a-f-]{36}$/);
    expect(time.pending).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { RosCameraInfoSink, RosFrameSource } from '../../../../src/adapters/ros2/index.ts';
import type { PerceptionResult } from '../../../../src/perception/index.ts';
import {
  type CameraInfo,
  CdrWriter,
  qosProfiles,
  readCameraInfo,
  writeCameraInfo,
} from '../../../../src/ros2/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const info: CameraInfo = {
  header: { stampNs: 5n, frameId: 'optical' },
  ...{ height: 720, width: 1280, distortionModel: 'plumb_bob', d: [0.1, -0.2, 0, 0, 0.05] },
  ...{ k: [900, 0, 640, 0, 900, 360, 0, 0, 1], r: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
  ...{ p: [900, 0, 640, 0, 0, 900, 360, 0, 0, 0, 1, 0], binningX: 0, binningY: 0 },
  roi: { xOffset: 0, yOffset: 0, height: 0, width: 0, doRectify: true },
};
const bytesOf = (value: CameraInfo) => Uint8Array.from(writeCameraInfo(new CdrWriter(), value));
const soon = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

async function setUp(topic: string, infoTopic: string, remap: Record<string, string> = {}) {
  const graph = new FakeRosGraph();
  const log = new RecordingLog();
  const node = graph.join({ namespace: '/', name: 'goshawk' }, remap);
  const robot = graph.join({ namespace: '/', name: 'robot' });
  const publisher = robot.advertise(infoTopic, 'sensor_msgs/msg/CameraInfo', qosProfiles.standard);
  const source = new RosFrameSource({ node, clock: new FakeClock(), camera: 'front', topic, log });
  await source.open({ frame: () => {}, fault: () => {}, end: () => {} });
  await soon();
  const tell = async (bytes: Uint8Array) => {
    publisher.publish(bytes);
    await soon();
  };
  return { graph, log, node, robot, source, tell };
}

describe('The calibration of a camera', () => {
  it.each([
    ['/front/image_raw', '/front/camera_info', {}],
    ['/front/image_raw/compressed', '/front/camera_info', {}],
    ['/image', '/camera_info', {}],
    ['image', '/rear/camera_info', { image: '/rear/image' }],
  ])('of %s is heard on %s and kept', async (topic, infoTopic, remap) => {
    const { source, tell, graph } = await setUp(topic, infoTopic, remap as Record<string, string>);
    expect(source.cameraInfo).toBeUndefined();
    await tell(bytesOf(info));
    expect(source.cameraInfo).toEqual(info);
    await source.close();
    await tell(bytesOf({ ...info, width: 1 }));
    expect(source.cameraInfo).toEqual(info);
    expect(graph.held).toBe(0);
  });

  it('that can’t be read is told once and leaves the last one', async () => {
    const { source, tell, log, graph } = await setUp('/front/image', '/front/camera_info');
    await tell(bytesOf(info));
    await tell(bytesOf(info).subarray(0, 90));
    await tell(bytesOf(info).subarray(0, 90));
    expect(log.lines.filter(([, message]) => message === 'A camera_info can’t be read')).toHaveLength(1);
    expect(source.cameraInfo).toEqual(info);
    expect(graph.held).toBe(0);
  });

  it('has few coefficients, whatever it says', () => {
    const many = { ...info, d: new Array(65).fill(0) };
    expect(() => readCameraInfo(bytesOf(many))).toThrow(/d/);
  });

  it('is passed on with the stamp and frame of each result while somebody subscribes', async () => {
    const { source, tell, node, robot } = await setUp('/front/image', '/front/camera_info');
    const sink = new RosCameraInfoSink({
      ...{ node, cameras: ['front'] },
      cameraInfo: () => source.cameraInfo,
    });
    const heard: CameraInfo[] = [];
    const publish = async (stampNs: bigint, camera = 'front') => {
      sink.publish({ camera, stampNs, frameId: 'mast' } as PerceptionResult);
      await soon();
    };
    await publish(1n);
    robot.subscribe({
      ...{
        topic: '/goshawk/front/camera_info',
        type: 'sensor_msgs/msg/CameraInfo',
        qos: qosProfiles.sensorData,
      },
      ...{ maxBytes: 4096, queue: 2 },
      onMessage: (message) => {
        heard.push(readCameraInfo(message.bytes));
        message.release();
      },
    });
    await soon();
    // The camera has told nothing yet.
    await publish(2n);
    await tell(bytesOf(info));
    await publish(3n);
    await publish(4n, 'yard');
    expect(heard).toEqual([{ ...info, header: { stampNs: 3n, frameId: 'mast' } }]);
  });
});

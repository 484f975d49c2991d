import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { PrivacyRule } from '../../../../src/agent/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import {
  defaultCameraSettings,
  type Frame,
  type Image,
  type PerceptionResult,
} from '../../../../src/perception/index.ts';
import { CdrWriter, qosProfiles, readImage, writeDiagnostics } from '../../../../src/ros2/index.ts';
import {
  graphPicture,
  privateSnapshot,
  type Reload,
  rosBridge,
  serveRosAgent,
} from '../../../../src/runtime/device/ros-services.ts';
import { RosLink } from '../../../../src/runtime/ros/ros-link.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { identityOf } from '../../../fakes/fake-pipeline.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const side = 64;
/** White, but for a red spot where the person is. */
function image(): Image {
  const data = new Uint8Array(3 * side * side).fill(255);
  for (let y = 20; y < 40; y += 1) for (let x = 20; x < 40; x += 2) data.set([255, 0, 0], 3 * (y * side + x));
  return { width: side, height: side, step: 3 * side, encoding: 'rgb8', data };
}

const result = {
  ...{
    camera: 'front',
    width: side,
    height: side,
    identity: { ...identityOf('street'), labels: ['person', 'car'] },
  },
  detections: [{ classId: 0, label: 'person', score: 0.9, box: { x1: 20, y1: 20, x2: 40, y2: 40 } }],
} as unknown as PerceptionResult;

type Mode = 'plain' | 'blurred' | 'boxes';

const ruleOf = (viewer: Mode, graph?: Mode) =>
  new PrivacyRule({
    cameras: { front: { viewer, operator: 'plain', admin: 'plain', graph } },
    settings: () => defaultCameraSettings,
  });

function measured(data: Uint8Array, width: number) {
  const at = (x: number, y: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  const stripes = Array.from({ length: 10 }, (_, index) => at(22 + index, 30)[1] ?? 0);
  return { width, corner: at(2, 60), contrast: Math.max(...stripes) - Math.min(...stripes) };
}

async function seen(mode: Mode, annotated: boolean) {
  const jpeg = await privateSnapshot(ruleOf(mode))(image(), result, { annotated });
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return measured(data, info.width);
}

function linkOf(graph: FakeRosGraph, { clock = new FakeClock(), simTime = false } = {}): RosLink {
  const open = async () => graph.join({ namespace: '/', name: 'goshawk' });
  return new RosLink({
    ...{ clock, simTime, log: new RecordingLog(), adapter: 'dds' },
    adapters: { dds: open, fastdds: open, rclnodejs: open },
  });
}

/** What a node that subscribes to `~/annotated` of an agent gets. */
async function heard(rule: PrivacyRule): Promise<Uint8Array> {
  const graph = new FakeRosGraph();
  const ros = linkOf(graph);
  const sinks = await ros.sinks(['front'], graphPicture(rule));
  const first = new Promise<Uint8Array>((resolve) => {
    graph.join({ namespace: '/', name: 'other' }).subscribe({
      ...{ topic: '/goshawk/front/annotated', type: 'sensor_msgs/msg/Image', qos: qosProfiles.sensorData },
      ...{ maxBytes: 1 << 20, queue: 1 },
      onMessage: ({ bytes, release }) => {
        resolve(Uint8Array.from(bytes));
        release();
      },
    });
  });
  const { data, ...shape } = image();
  const pixels = { data, release: () => {} };
  const frame = { ...shape, pixels, camera: 'front', stampNs: 7n, frameId: 'front', sequence: 0 } as Frame;
  const told = { ...result, stampNs: 7n, frameId: 'front', timings: {}, candidates: 0 } as never;
  for (const sink of sinks) sink.publish(told, frame);
  const picture = readImage(await first);
  await ros.close();
  return Uint8Array.from(picture.data);
}

describe('A snapshot of an agent', () => {
  it.each([true, false])(
    'shows all to a device whose viewers may see it (annotated: %s)',
    async (annotated) => {
      const { width, corner, contrast } = await seen('plain', annotated);
      expect(width).toBe(side);
      expect(Math.min(...corner)).toBeGreaterThan(240);
      expect(contrast).toBeGreaterThan(60);
    },
  );

  it.each([true, false])(
    'hides persons where the strictest role may not see them (annotated: %s)',
    async (annotated) => {
      const { corner, contrast } = await seen('blurred', annotated);
      expect(Math.min(...corner)).toBeGreaterThan(240);
      expect(contrast).toBeLessThan(30);
    },
  );

  it.each([true, false])(
    'shows nothing of the picture where boxes alone may be seen (annotated: %s)',
    async (annotated) => {
      const { width, corner } = await seen('boxes', annotated);
      expect(width).toBe(side);
      expect(Math.max(...corner)).toBeLessThan(60);
    },
  );
});

describe('~/annotated of an agent', () => {
  it.each<[Mode, Mode | undefined, string]>([
    ['plain', undefined, 'all of the picture'],
    ['blurred', undefined, 'hides persons'],
    ['boxes', undefined, 'nothing of the picture'],
    ['boxes', 'plain', 'all of the picture'],
    ['plain', 'blurred', 'hides persons'],
  ])('where viewers may see %s, and the settings of the graph say %s: %s', async (viewer, graph, what) => {
    const { corner, contrast } = measured(await heard(ruleOf(viewer, graph)), side);
    if (what === 'nothing of the picture') expect(Math.max(...corner)).toBeLessThan(60);
    else expect(Math.min(...corner)).toBeGreaterThan(240);
    if (what === 'all of the picture') expect(contrast).toBeGreaterThan(60);
    else expect(contrast).toBeLessThan(30);
  });
});

describe('~/reload of an agent', () => {
  async function reloaded(reload: Reload | undefined) {
    const graph = new FakeRosGraph();
    const ros = linkOf(graph);
    const models = { allowed: async () => [], swap: async () => '' };
    await serveRosAgent(ros, models, () => reload);
    const answer = await graph.call('/goshawk/reload', 'std_srvs/srv/Trigger', {});
    await ros.close();
    return answer;
  }

  it('says what changed and what waits for a restart', async () => {
    const outcome = { applied: ['cameras.front.settings'], waiting: ['broker.url', 'ros.node'] };
    expect(await reloaded(async () => outcome)).toEqual({
      success: true,
      message: 'read again: cameras.front.settings changed; for a restart waits broker.url, ros.node',
    });
    expect((await reloaded(async () => ({ applied: [], waiting: [] })))?.message).toBe(
      'read again: nothing changed',
    );
  });

  it('says what is wrong with the file, and that it came too early', async () => {
    const problem = new InputError('settings', 'The file is wrong.', 'Mend it.');
    expect(await reloaded(async () => ({ applied: [], waiting: [], problem }))).toEqual({
      ...{ success: false, message: 'The file is wrong. Mend it.' },
    });
    expect((await reloaded(undefined))?.message).toContain('is still starting');
  });
});

describe('A fault of the robot', () => {
  it('began in the time of the machine, also where that of the node is simulated', async () => {
    const graph = new FakeRosGraph();
    const clock = new FakeClock(1_790_000_000_000);
    const ros = linkOf(graph, { clock, simTime: true });
    const settings = { topics: {}, services: {}, messages: [], diagnostics: true };
    const robot = await rosBridge(ros, settings, { clock, reportEvent: () => {} });
    const motor = graph
      .join({ namespace: '/', name: 'motor' })
      .advertise('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray', qosProfiles.standard);
    await settle();
    clock.advance(1000);
    const status = { name: 'motor', level: 2, message: 'hot', hardwareId: '', values: {} };
    motor.publish(writeDiagnostics(new CdrWriter(), { stampNs: 0n, frameId: '' }, [status]));
    await settle();
    clock.advance(4000);
    expect(robot?.report()?.problems).toMatchObject([{ name: 'motor', sinceMs: 1_790_000_001_000 }]);
    await ros.close();
  });
});

import { beforeEach, expect, test } from 'vitest';
import { nodeSumCrypto } from '../../../../src/adapters/crypto/index.ts';
import { type DriftHost, SumMember } from '../../../../src/agent/index.ts';
import { signals } from '../../../../src/drift/index.ts';
import { decodePayload, type HardFrame, metricNames, topics } from '../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeController, FakeDevice, modelOf } from '../../../fakes/fake-device.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';

const secret = [
  'score',
  'low_margin',
  'unknown_class',
  'score_ks',
  'class_misfit',
  'class_flips',
  'class_evidence',
  'score_evidence',
];
/** Made of all others, these among them. */
const mixed = ['isolation', 'mahalanobis'];
/** What a task says of its answers: scores, classes and texts. */
const answers = ['answer_1', 'answer_2', 'answer_3', 'answer_4', 'mix_distance'];
const withheld = [...secret, ...mixed, ...answers];
const all = signals.map(({ name }) => name);
const told = all.filter((name) => !withheld.includes(name));
const seen = [{ label: 'person', score: 0.9, box: [1, 2, 3, 4] as [number, number, number, number] }];
const frame: HardFrame = {
  ...{ id: '0-0', camera: 'front', timeMs: 1, reason: 'random', width: 4, height: 4, bytes: 9, blurred: [] },
  ...{ modelDigest: modelOf('a').digest, detections: seen },
  shadow: { modelDigest: modelOf('b').digest, detections: seen },
};
const host: DriftHost = {
  ...{ learning: false, answered: { right: 0, wrong: 0, none: 0 }, configure: () => {}, onChange: () => {} },
  statuses: () => ({
    front: {
      state: 'watching',
      watched: ['sensor'],
      signals: all.map((name) => ({ name, value: 1, deviations: 1 })),
    },
  }),
  readings: () => [
    {
      ...{ camera: 'front', incident: false, changedMs: 0, score: 0.1, alarms: [], frames: undefined },
      signals: all.map((name) => ({ name, deviations: 1 })),
    },
  ],
  challenge: async () => ({ answers: [[{ label: 'car', score: 0.9, box: [1, 2, 3, 4] }]] }),
  listFrames: async () => ({ frames: [frame], more: false, total: { count: 1, bytes: 9 } }),
  framePiece: async () => ({ size: 9, jpeg: '' }),
};

let clock: FakeClock;
let device: FakeDevice;
let controller: FakeController;

beforeEach(() => {
  clock = new FakeClock();
  const broker = new FakeBroker(clock);
  device = new FakeDevice(broker, clock);
  device.drift = host;
  controller = new FakeController(broker);
});

/** What a fleet could read of classes and scores in each message that may have them. */
async function read() {
  await device.start();
  await clock.pass(1_000);
  await device.agent.reportEvent({
    ...{ kind: 'drift.alarm', severity: 'warning', message: 'label shift', camera: 'front' },
    data: { incident: 1, signals: all.map((name) => ({ name, value: 1, deviations: 1 })) },
  });
  await clock.pass(400_000);
  const preview = {
    ...{ stampNs: '1', width: 4, height: 4, jpeg: Uint8Array.of(1), detections: seen },
    ...{ model: 'street', version: '1', captureToPublishMs: 1, roles: ['viewer' as const] },
  };
  await device.agent.sendPreview('front', preview);
  controller.call('frames', { limit: 20 });
  await settle();
  const picture = device.broker.log.find(({ topic }) => topic === topics.preview('d1', 'front'))!;
  const alarm = device.sent('events').find(({ kind }) => kind === 'drift.alarm');
  return {
    metrics: device
      .sent('state')
      .flatMap((state) => (state.online ? state.catalogue : []))
      .filter(({ name }) => name === metricNames.driftSignal)
      .map(({ labels }) => labels?.signal),
    reported: device
      .sent('reported')
      .at(-1)
      ?.drift?.front?.signals.map(({ name }) => name),
    alarm: (alarm!.data as { signals: { name: string }[] }).signals.map(({ name }) => name),
    preview: decodePayload('preview', picture.payload, picture.topic).detections,
    frames: (controller.responses.at(-1) as { result: unknown }).result,
  };
}

test('A device in sums tells nothing of classes and scores by drift, hard frames and live pictures', async () => {
  device.sums = new SumMember({ device: 'd1', clock, keys: nodeSumCrypto, leastDevices: 3 });
  const { metrics, reported, alarm, preview, frames } = await read();
  expect(new Set(metrics)).toEqual(new Set(told));
  expect([reported, alarm, preview]).toEqual([told, told, []]);
  expect(frames).toMatchObject({
    frames: [{ ...frame, detections: [], shadow: { ...frame.shadow, detections: [] } }],
  });
});

test('Another one tells them', async () => {
  const { metrics, reported, alarm, preview, frames } = await read();
  expect(new Set(metrics)).toEqual(new Set(all));
  expect([reported, alarm, preview]).toEqual([all, all, seen]);
  expect(frames).toMatchObject({ frames: [frame] });
});

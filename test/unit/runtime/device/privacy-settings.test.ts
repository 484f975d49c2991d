import { describe, expect, it } from 'vitest';
import { encodeHidden, encodePreview } from '../../../../src/adapters/sharp/index.ts';
import { HardFrameRecorder } from '../../../../src/agent/drift/frames/hard-frame-recorder.ts';
import { usualFrameSettings } from '../../../../src/agent/drift/frames/policy.ts';
import {
  type CameraPrivacy,
  isPrivateLabel,
  PreviewSink,
  usualPrivacy,
} from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { type CameraSettings, type Image, Pipeline } from '../../../../src/perception/index.ts';
import { privacyRule } from '../../../../src/runtime/device/privacy.ts';
import { graphPicture } from '../../../../src/runtime/device/ros-services.ts';
import { privatePicture } from '../../../../src/runtime/device/streams.ts';
import { ResultStreams, StreamCounts } from '../../../../src/streams/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { FakeSource } from '../../perception/fakes.ts';
import { board, brightest, contrastIn, persons, seen } from './board.ts';

/** Every picture that leaves a device which is set so by its fleet, by outlet. */
async function pictures(
  settings: Partial<CameraSettings>,
  knows: readonly string[] = ['car', 'person'],
  own: Partial<CameraPrivacy> = {},
) {
  const clock = new FakeClock();
  const privacy = { ...usualPrivacy, ...own };
  const { rule, findings } = privacyRule({ privacy, cameras: { front: {} } } as never, {
    clock,
    live: () => pipeline,
  });
  const out: Record<string, (Image | Uint8Array)[]> = {
    preview: [],
    'hard frame': [],
    graph: [],
    stream: [],
  };
  const preview = new PreviewSink({ encode: encodePreview, log: silentLog, clock, privacy: rule });
  preview.attach({
    previewDue: () => ({ maxWidth: 320, viewers: ['viewer', 'operator', 'admin'] }),
    sendPreview: async (_, { jpeg }) => void out.preview!.push(jpeg),
  });
  const frames = new HardFrameRecorder({
    ...{ clock, log: silentLog, random: () => 0, encode: encodeHidden, privacy: rule, reportEvent: () => {} },
    store: {
      ...{ open: async () => [], remove: async () => {} },
      write: async (_, jpeg) => void out['hard frame']!.push(jpeg),
      meta: () => Promise.reject(new Error('none')),
      piece: () => Promise.reject(new Error('none')),
    },
  });
  await frames.open();
  frames.configure('front', { ...usualFrameSettings, keep: true, blur: true });
  const redact = graphPicture(rule);
  const streams = new ResultStreams(
    [
      {
        ...{ name: 'foxglove', to: '', selection: {}, counts: new StreamCounts() },
        outlet: {
          take: () => {},
          wantsPicture: () => ({ fps: 60, maxWidth: 320 }),
          picture: ({ jpeg }) => void out.stream!.push(Buffer.from(jpeg, 'base64')),
          close: async () => {},
        },
      },
    ],
    { makePicture: privatePicture(rule), log: silentLog },
  );
  const drawn: Promise<unknown>[] = [];
  const detector = new FakeDetector('a', '1', () => seen.filter(({ label }) => knows.includes(label)));
  Object.assign(detector, { identity: { ...detector.identity, labels: knows } });
  const pipeline = new Pipeline({
    ...{ detector, clock, seeks: { label: isPrivateLabel, threshold: (camera) => rule.hideScore(camera) } },
    sinks: [
      findings,
      preview,
      streams,
      {
        publish(result, frame) {
          frames.alarm('front');
          frames.publish(result, frame, 0.5);
          const image = { ...board, data: Uint8Array.from(frame.pixels.data) };
          drawn.push(redact(image, result).then((picture) => out.graph!.push(picture)));
        },
      },
    ],
  });
  const source = new FakeSource('front');
  await pipeline.add(source);
  await pipeline.start();
  pipeline.configure('front', settings);
  for (let sequence = 0; sequence < 2; sequence++) {
    const stampNs = BigInt(sequence + 1) * 1_000_000_000n;
    void source.receiver?.frame({
      ...{ ...board, camera: 'front', sequence, stampNs, frameId: 'front' },
      pixels: { data: board.data, release() {} },
    });
    await clock.pass(1_000);
    await Promise.all(drawn);
    await settle();
  }
  await expect.poll(() => out.preview!.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await expect.poll(() => out.stream!.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await frames.close();
  await pipeline.close();
  return out;
}

const all = { scoreThreshold: 1, iouThreshold: 0, maxDetections: 1, classes: ['car'] };
const settingsOfAFleet: readonly Partial<CameraSettings>[] = [
  {},
  { scoreThreshold: 0.999 },
  { scoreThreshold: 1 },
  { iouThreshold: 0 },
  { iouThreshold: 0.2 },
  { maxDetections: 1 },
  { classes: ['car'] },
  { classes: ['nothing'] },
  { nodes: [{ name: 'detect', settings: all }] },
  { nodes: [{ name: 'detect', every: 2 }] },
  { nodes: [{ name: 'detect' }, { name: 'other', slot: 'other' }] },
  all,
];

describe('Persons on pictures of a device that blurs them', () => {
  it.each(settingsOfAFleet)('are not shown whatever its fleet sets: %j', async (settings) => {
    for (const [outlet, shown] of Object.entries(await pictures(settings)))
      for (const picture of shown)
        for (const person of persons)
          expect([outlet, (await contrastIn(picture, person)) < 100]).toEqual([outlet, true]);
  });

  it('are not shown by a model that knows no persons', async () => {
    const { preview, graph, stream, 'hard frame': kept } = await pictures({}, ['car']);
    expect(kept).toEqual([]);
    for (const picture of [...preview!, ...graph!, ...stream!])
      expect(await contrastIn(picture, persons[0]!)).toBeLessThan(40);
  });

  it('leave the rest of the picture to be seen', async () => {
    const { preview, graph, stream, 'hard frame': kept } = await pictures({ scoreThreshold: 0.999 });
    const car = { x1: 200, y1: 60, x2: 300, y2: 120 };
    for (const shown of [preview, graph, stream, kept]) {
      expect(shown!.length).toBeGreaterThan(0);
      expect(await contrastIn(shown![0]!, car)).toBeGreaterThan(200);
    }
  });
});

describe('The score from which a device hides persons', () => {
  it('is its own: a lower one hides who is doubtful, whatever its fleet reports', async () => {
    const {
      preview,
      graph,
      stream,
      'hard frame': kept,
    } = await pictures({ scoreThreshold: 0.999 }, undefined, {
      hideScore: 0.25,
    });
    for (const picture of [...preview!, ...graph!, ...stream!, ...kept!])
      for (const person of persons) expect(await contrastIn(picture, person)).toBeLessThan(100);
  });

  it('is its own: a higher one shows what is too doubtful to be a person', async () => {
    const doubtful = { x1: 105, y1: 60, x2: 150, y2: 150 };
    const { preview, graph, stream, 'hard frame': kept } = await pictures({}, undefined, { hideScore: 0.5 });
    for (const picture of [...preview!, ...graph!, ...stream!, ...kept!]) {
      expect(await contrastIn(picture, persons[0]!)).toBeLessThan(100);
      expect(await contrastIn(picture, { ...doubtful, x1: 112 })).toBeGreaterThan(200);
    }
  });
});

describe('What a device masks', () => {
  /** The lower right quarter. */
  const masks = [
    [
      [0.5, 0.5],
      [1, 0.5],
      [1, 1],
      [0.5, 1],
    ],
  ] as const;
  const modes = ['plain', 'blurred'] as const;

  it.each(modes)('is black in every picture that leaves it, also where the rule is %s', async (mode) => {
    const own = { viewer: mode, operator: mode, admin: mode, frames: mode, masks };
    const { preview, graph, stream, 'hard frame': kept } = await pictures({}, undefined, own);
    const shown = [...preview!, ...graph!, ...stream!, ...kept!];
    expect(shown.length).toBeGreaterThanOrEqual(4);
    for (const picture of shown) {
      expect(await brightest(picture, { x1: 160, y1: 90, x2: 320, y2: 180 })).toBeLessThan(16);
      expect(await brightest(picture, { x1: 200, y1: 8, x2: 300, y2: 56 })).toBeGreaterThan(200);
    }
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { type PreviewPicture, PreviewSink, PrivacyRule } from '../../../src/agent/index.ts';
import type { DuePreview } from '../../../src/agent/preview-leases.ts';
import type { PictureMode } from '../../../src/agent/privacy.ts';
import { withheldPreview } from '../../../src/agent/statistics/index.ts';
import {
  defaultCameraSettings,
  type Frame,
  type Image,
  type PerceptionResult,
} from '../../../src/perception/index.ts';
import type { Preview } from '../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';
import { identityOf } from '../../fakes/fake-pipeline.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const pixels = Uint8Array.from([1, 2, 3, 4, 5, 6]);
const frame: Frame = {
  ...{ camera: 'front', sequence: 1, stampNs: 5n, frameId: 'front', width: 2, height: 1, step: 6 },
  ...{ encoding: 'rgb8', pixels: { data: pixels, release() {} } },
};

function resultWith(boxes: number): PerceptionResult {
  const box = { x1: 1, y1: 2, x2: 3, y2: 4 };
  const detections = Array.from({ length: boxes }, () => ({ classId: 0, label: 'car', score: 0.5, box }));
  return {
    ...{ camera: 'front', sequence: 1, stampNs: 5n, frameId: 'front', width: 2, height: 1 },
    ...{ detections, identity: identityOf('d', '7'), captureToPublishMs: 12 },
  } as unknown as PerceptionResult;
}

describe('Live pictures', () => {
  let due: DuePreview | undefined;
  let sent: Preview[];
  let encoded: Image[];
  let pictures: PreviewPicture[];
  let privacy: PrivacyRule;
  let finish: (jpeg: Uint8Array) => void;
  let fail: (error: Error) => void;
  let log: RecordingLog;
  let sink: PreviewSink;
  let clock: FakeClock;
  let maxFps: number | undefined;

  beforeEach(() => {
    due = { maxWidth: 320, viewers: ['viewer'] };
    sent = [];
    encoded = [];
    pictures = [];
    privacy = new PrivacyRule({ cameras: {}, settings: () => defaultCameraSettings });
    log = new RecordingLog();
    clock = new FakeClock();
    maxFps = undefined;
    renew();
  });

  const renew = () => {
    sink = new PreviewSink({
      ...{ log, clock },
      maxFps: () => maxFps,
      privacy,
      encode: (image, limits) => {
        pictures.push(limits);
        encoded.push(image);
        return new Promise((resolve, reject) => {
          finish = resolve;
          fail = reject;
        });
      },
    });
  };

  const attach = () =>
    sink.attach({ previewDue: () => due, sendPreview: async (_, preview) => void sent.push(preview) });

  const person = () => {
    const result = resultWith(1);
    const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
    const detections = [{ classId: 1, label: 'person', score: 0.9, box }, ...result.detections];
    return { ...result, width: 100, height: 100, detections };
  };

  it('are of what the model of main sees: another one may not know whom to hide', async () => {
    attach();
    sink.publish({ ...resultWith(1), slot: 'plate' }, frame);
    expect(encoded).toEqual([]);
    sink.publish({ ...resultWith(1), slot: 'main' }, frame);
    expect(encoded).toHaveLength(1);
  });

  it('show what further nodes found lately, what was found in boxes, and what classifiers said', async () => {
    attach();
    const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
    const of = (node: string, label: string) =>
      ({
        ...resultWith(0),
        ...{ node, slot: node, further: true, detections: [{ classId: 0, label, score: 0.9, box }] },
      }) as PerceptionResult;
    sink.publish(of('signs', 'sign'), frame);
    clock.advance(900);
    sink.publish(of('lights', 'light'), frame);
    clock.advance(200);
    expect(encoded).toEqual([]);
    const [car] = resultWith(1).detections;
    const child = { ...car!, label: 'wheel', node: 'wheels', box };
    const attributes = [{ node: 'colour', label: 'red', score: 0.8 }];
    sink.publish({ ...resultWith(1), detections: [{ ...car!, attributes, children: [child] }] }, frame);
    finish(Uint8Array.of(1));
    await settle();
    expect(sent[0]?.detections).toEqual([
      { label: 'car', score: 0.5, box: [1, 2, 3, 4], attributes: [{ label: 'red', score: 0.8 }] },
      { label: 'wheel', score: 0.5, box: [0, 0, 1, 1] },
      { label: 'light', score: 0.9, box: [0, 0, 1, 1] },
    ]);
  });

  it('have what zones and lines counted, and not where they are', async () => {
    attach();
    const zones = [{ name: 'gate', points: [], inside: 2, entered: 9, left: 7 }];
    const lines = [{ name: 'door', points: [], in: 3, out: 1 }];
    sink.publish({ ...resultWith(0), rules: { zones, lines, events: [] } }, frame);
    finish(Uint8Array.of(1));
    await settle();
    expect(sent[0]?.rules).toEqual({
      zones: { gate: { inside: 2, entered: 9 } },
      lines: { door: { in: 3, out: 1 } },
    });
    expect(withheldPreview(sent[0]!)).not.toHaveProperty('rules');
  });

  it('hide persons for everybody unless the device says otherwise, and say so', async () => {
    attach();
    sink.publish(person(), frame);
    expect(pictures).toEqual([
      { maxWidth: 320, hidden: [{ x1: 0, y1: 0, x2: 1.1, y2: 1.1 }], masks: [], flat: false },
    ]);
    finish(Uint8Array.of(1));
    await settle();
    expect(sent).toMatchObject([{ privacy: 'blurred', roles: ['viewer'] }]);
  });

  it('are one for each way to see them, for the roles that see them so', async () => {
    privacy = new PrivacyRule({
      cameras: { front: { viewer: 'boxes', operator: 'blurred', admin: 'plain' } },
      settings: () => defaultCameraSettings,
    });
    renew();
    attach();
    due = { maxWidth: 320, viewers: ['admin', 'viewer', 'operator'] };
    sink.publish(person(), frame);
    for (let i = 0; i < 3; i++) {
      finish(Uint8Array.of(i));
      await settle();
    }
    expect(sent.map(({ privacy, roles }) => [privacy, roles])).toEqual([
      ['plain', ['admin']],
      ['boxes', ['viewer']],
      ['blurred', ['operator']],
    ]);
    expect(pictures.map(({ flat, hidden }) => [flat, hidden.length])).toEqual([
      [false, 0],
      [true, 0],
      [false, 1],
    ]);
  });

  it('have outlines of what a model of segmentation finds, but not of what their picture hides', async () => {
    attach();
    const cells = { x: 10, y: 10, cellWidth: 20, cellHeight: 20, columns: 2, rows: 2 };
    const box = { x1: 0, y1: 0, x2: 90, y2: 90 };
    const mask = { ...cells, values: Uint8Array.of(255, 255, 255, 255) };
    const detections = ['car', 'person'].map((label) => ({ classId: 0, label, score: 0.9, box, mask }));
    const masksFor = async (viewer: PictureMode) => {
      privacy = new PrivacyRule({
        cameras: { front: { viewer, operator: viewer, admin: viewer } },
        settings: () => defaultCameraSettings,
      });
      renew();
      attach();
      sink.publish({ ...resultWith(0), width: 100, height: 100, detections }, frame);
      finish(Uint8Array.of(1));
      await settle();
      return sent
        .at(-1)
        ?.detections.flatMap(({ label, mask: rings }) => (rings === undefined ? [] : [label]));
    };
    expect(await masksFor('plain')).toEqual(['car', 'person']);
    const ring = sent.at(-1)?.detections[0]?.mask?.[0] ?? [];
    expect(ring.length).toBeGreaterThanOrEqual(8);
    expect(ring.every((value) => Number.isInteger(value) && value >= 0 && value <= 90)).toBe(true);
    expect(await masksFor('blurred')).toEqual(['car']);
    expect(await masksFor('boxes')).toEqual([]);
  });

  it('are made as often as the ladder lets them', async () => {
    attach();
    maxFps = 0.5;
    for (let second = 0; second < 10; second++) {
      sink.publish(resultWith(1), frame);
      finish?.(Uint8Array.of(0xff));
      await settle();
      clock.advance(1000);
    }
    expect(sent).toHaveLength(5);
  });

  it('are not made before there is an agent, nor while none is due', () => {
    sink.publish(resultWith(1), frame);
    attach();
    due = undefined;
    sink.publish(resultWith(1), frame);
    expect(encoded).toEqual([]);
  });

  it('are of pixels that were copied, with the boxes of that frame', async () => {
    attach();
    sink.publish(resultWith(300), { ...frame, pixels: { data: Uint8Array.from(pixels), release() {} } });
    expect(encoded[0]?.data).toEqual(pixels);
    expect(encoded[0]?.data).not.toBe(pixels);
    finish(Uint8Array.from([9]));
    await settle();
    expect(sent).toMatchObject([{ stampNs: '5', width: 2, height: 1, model: 'street', version: '7' }]);
    expect(sent[0]?.detections).toHaveLength(200);
    expect(sent[0]?.detections[0]).toEqual({ label: 'car', score: 0.5, box: [1, 2, 3, 4] });
    expect(sent[0]?.jpeg).toEqual(Uint8Array.from([9]));
  });

  it('keep the copy apart from the frame, which ends with the call', () => {
    attach();
    const data = Uint8Array.from(pixels);
    sink.publish(resultWith(1), { ...frame, pixels: { data, release() {} } });
    data.fill(0);
    expect(encoded[0]?.data).toEqual(pixels);
  });

  it('are made one at a time, and go on after one that failed', async () => {
    attach();
    sink.publish(resultWith(1), frame);
    sink.publish(resultWith(1), frame);
    expect(encoded).toHaveLength(1);
    fail(new Error('no memory'));
    await settle();
    expect(log.at('warn')).toEqual([['No live picture', { camera: 'front', reason: 'no memory' }]]);
    sink.publish(resultWith(1), frame);
    expect(encoded).toHaveLength(2);
  });
});

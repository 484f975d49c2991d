import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import type { Bundle, Manifest } from '../../../../src/model/index.ts';
import type { Detection, Detector } from '../../../../src/perception/index.ts';
import { BundleCheck } from '../../../../src/runtime/device/bundle-check.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const running = new AbortController().signal;
const car: Detection = { classId: 0, label: 'car', score: 0.9, box: { x1: 10, y1: 10, x2: 30, y2: 30 } };

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goshawk-check-'));
  await mkdir(join(folder, 'golden'));
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } }).jpeg();
  await writeFile(join(folder, 'golden/000.jpg'), await picture.toBuffer());
  await writeFile(
    join(folder, 'golden/golden.json'),
    JSON.stringify({
      schema: 1,
      strongScore: 0.4,
      weakScore: 0.2,
      iou: 0.5,
      nmsIou: 0.45,
      minAgreement: { fp32: 0.95 },
      frames: [{ file: 'golden/000.jpg', detections: [{ label: 'car', score: 0.9, box: [10, 10, 30, 30] }] }],
    }),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function bundle(more: Partial<Manifest>): Bundle {
  const file = { path: 'fp32.onnx', digest, size: 1 };
  const manifest: Manifest = {
    schema: 1,
    name: 'toy',
    version: '1.0.0',
    task: 'detection',
    licence: 'Apache-2.0',
    labels: ['car'],
    input: {
      ...{ tensor: 'images', width: 64, height: 64, layout: 'nchw', dtype: 'float32', colorOrder: 'rgb' },
      ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], fit: 'center', pad: 114 },
    } as Manifest['input'],
    output: { decoder: 'yolov5', tensors: ['output'] },
    variants: [{ kind: 'fp32', file, accuracy: { dataset: 'd', images: 10, map: 0.4, ap50: 0.6 } }],
    provenance: { sourceDigest: digest, createdBy: 'test', createdAt: '2026-01-01T00:00:00Z' },
    ...more,
  };
  return { digest, manifest, location: folder };
}

function detector(found: readonly Detection[], milliseconds = 1): Detector & { calls: number } {
  return {
    calls: 0,
    capacity: 1,
    identity: {
      ...{ model: 'toy', version: '1.0.0', digest, engine: 'onnxruntime-node', precision: 'fp32' },
      ...{ labels: ['car'], inputWidth: 64, inputHeight: 64 },
    },
    async detect() {
      this.calls += 1;
      const timings = { preprocessMs: 0, inferMs: milliseconds, postprocessMs: 0 };
      return { detections: found, candidates: found.length, timings };
    },
    async close() {},
  };
}

const golden = { attachments: [{ path: 'golden/golden.json', digest, size: 1 }] };

async function refusal(work: Promise<void>): Promise<string> {
  return work.then(
    () => 'passed',
    (error: unknown) => (error instanceof GoshawkError ? error.code : String(error)),
  );
}

describe('The check before a model goes live', () => {
  const check = new BundleCheck();

  it('lets a bundle without promises pass, and asks the detector nothing', async () => {
    const idle = detector([]);
    expect(await refusal(check.check(bundle({}), idle, running))).toBe('passed');
    expect(idle.calls).toBe(0);
  });

  it('passes an engine that finds what fp32 found', async () => {
    expect(await refusal(check.check(bundle(golden), detector([car]), running))).toBe('passed');
  });

  it.each([
    ['finds nothing', []],
    ['finds it elsewhere', [{ ...car, box: { x1: 40, y1: 40, x2: 60, y2: 60 } }]],
    ['calls it something else', [{ ...car, label: 'cat' }]],
    [
      'finds much more',
      [car, ...Array.from({ length: 9 }, (_, i) => ({ ...car, box: { ...car.box, x1: i, x2: i + 3 } }))],
    ],
  ])('refuses an engine that %s', async (_what, found) => {
    expect(await refusal(check.check(bundle(golden), detector(found), running))).toBe('golden-parity');
  });

  it('holds the board to the latency budget', async () => {
    const budget = { budgets: { p95LatencyMs: 20 } };
    expect(await refusal(check.check(bundle(budget), detector([], 19), running))).toBe('passed');
    expect(await refusal(check.check(bundle(budget), detector([], 21), running))).toBe('budget-latency');
  });

  it('holds the agent to the memory budget', async () => {
    expect(await refusal(check.check(bundle({ budgets: { memoryBytes: 1 } }), detector([]), running))).toBe(
      'budget-memory',
    );
    expect(
      await refusal(check.check(bundle({ budgets: { memoryBytes: 1e12 } }), detector([]), running)),
    ).toBe('passed');
  });

  it('ends when the order was taken back', async () => {
    const stopped = AbortSignal.abort();
    expect(await refusal(check.check(bundle(golden), detector([car]), stopped))).toBe('cancelled');
  });
});

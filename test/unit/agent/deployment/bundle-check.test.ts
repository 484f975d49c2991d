import { describe, expect, it } from 'vitest';
import { BundleCheck } from '../../../../src/agent/index.ts';
import { GoshawkError } from '../../../../src/base/index.ts';
import type { Bundle, Manifest } from '../../../../src/model/index.ts';
import type { Detection, Detector } from '../../../../src/perception/index.ts';
import { FakeGoldenFiles } from '../../../fakes/fake-golden-files.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const running = new AbortController().signal;
const car: Detection = { classId: 0, label: 'car', score: 0.9, box: { x1: 10, y1: 10, x2: 30, y2: 30 } };

function bundle(more: Partial<Manifest>): Bundle {
  return { digest, manifest: tinyManifest({ labels: ['car'], ...more }), location: '/bundle' };
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
  const check = new BundleCheck({ golden: new FakeGoldenFiles(), memoryBytes: () => 1e8 });

  it('counts the memory of the new model alone, also while the old one still serves', async () => {
    let held = 3e9;
    const both = new BundleCheck({ golden: new FakeGoldenFiles(), memoryBytes: () => held });
    const before = both.heldBytes();
    held += 4e8;
    const of = (memoryBytes: number) =>
      refusal(both.check(bundle({ budgets: { memoryBytes } }), detector([]), running, before));
    expect([await of(5e8), await of(3e8)]).toEqual(['passed', 'budget-memory']);
  });

  it('does not judge memory where it was not measured before', async () => {
    expect(await refusal(check.check(bundle({ budgets: { memoryBytes: 1 } }), detector([]), running))).toBe(
      'passed',
    );
  });

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

  it('holds an engine to the accuracy that the golden set asks for', async () => {
    // Agreement forgives boxes that are a little off; accuracy at high overlaps does not.
    const off = { ...car, box: { x1: 10, y1: 10, x2: 30, y2: 25 } };
    const asking = (least: number) =>
      new BundleCheck({
        golden: new FakeGoldenFiles(2, { fp32: 0.95 }, { fp32: least }),
        memoryBytes: () => 1e8,
      });
    const of = (least: number, found: Detection) =>
      refusal(asking(least).check(bundle(golden), detector([found]), running));
    expect(await of(0.95, car)).toBe('passed');
    expect(await of(0.95, off)).toBe('budget-map');
    expect(await of(0.5, off)).toBe('passed');
  });

  it('measures memory before it decodes golden pictures, which are not the model', async () => {
    let held = 3e8;
    const files = new FakeGoldenFiles();
    const picture = files.picture.bind(files);
    files.picture = (of, file) => {
      held += 5e8;
      return picture(of, file);
    };
    const grows = new BundleCheck({ golden: files, memoryBytes: () => held });
    const work = grows.check(bundle({ ...golden, budgets: { memoryBytes: 4e8 } }), detector([car]), running);
    expect(await refusal(work)).toBe('passed');
    expect(held).toBeGreaterThan(4e8);
  });

  it('holds the board to the latency budget', async () => {
    const budget = { budgets: { p95LatencyMs: 20 } };
    expect(await refusal(check.check(bundle(budget), detector([], 19), running))).toBe('passed');
    expect(await refusal(check.check(bundle(budget), detector([], 21), running))).toBe('budget-latency');
  });

  it('holds the agent to the memory budget', async () => {
    const budget = (memoryBytes: number) => bundle({ budgets: { memoryBytes } });
    expect(await refusal(check.check(budget(1e8 - 1), detector([]), running, 0))).toBe('budget-memory');
    expect(await refusal(check.check(budget(1e8), detector([]), running, 0))).toBe('passed');
  });

  it('ends when the order was taken back', async () => {
    const stopped = AbortSignal.abort();
    expect(await refusal(check.check(bundle(golden), detector([car]), stopped))).toBe('cancelled');
  });
});

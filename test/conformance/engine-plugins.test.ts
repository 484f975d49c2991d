import { afterEach, describe, expect, it } from 'vitest';
import { type DetectorHandle, loadNative } from '../../native/index.ts';
import { headOf } from '../fixtures/head.ts';
import {
  expectedLeft,
  grey,
  inOwnProcess,
  leftEdge,
  nameOf,
  onnxruntimeEngine,
  openDetector,
  openEngine,
  referenceEngine,
  settings,
  spec,
  tensorrtEngine,
} from './engine-models.ts';
import { missingPlugin, titled } from './native-build.ts';

/** What every engine behind the C ABI must do alike; TensorRT on a device that has it. */
const isolated = [referenceEngine, tensorrtEngine].map(inOwnProcess);
for (const engine of [referenceEngine, onnxruntimeEngine, tensorrtEngine, ...isolated]) {
  const why = missingPlugin(engine.name);
  // What is slow on a CPU takes a GPU a millisecond or two: too short to be caught at work.
  const itWhenSlow = it.skipIf(engine.name === 'tensorrt');
  const slowly = (title: string) =>
    engine.name === 'tensorrt' ? `${title} (skipped: a GPU is too fast for it)` : title;

  describe.skipIf(why !== undefined)(titled(`engine plugin ${nameOf(engine)}`, why), () => {
    const open: DetectorHandle[] = [];
    afterEach(async () => {
      for (const detector of open.splice(0)) await loadNative().closeDetector(detector);
    });
    const detectorFor: typeof openDetector = async (...args) => {
      const detector = await openDetector(...args);
      open.push(detector);
      return detector;
    };

    it('tells names, types and shapes of its tensors, -1 for what is dynamic', async () => {
      const native = loadNative();
      const fixed = await openEngine(engine, 'fixed');
      expect(native.describeEngine(fixed).tensors).toEqual([
        { name: 'images', dtype: 'float32', input: true, dims: [1, 3, 64, 64] },
        { name: 'output', dtype: 'float32', input: false, dims: [1, 4, 7] },
      ]);
      expect(JSON.parse(native.describeEngine(fixed).engine)).toMatchObject({ engine: engine.name });
      native.closeEngine(fixed);
      const dynamic = await openEngine(engine, 'dynamic');
      expect(native.describeEngine(dynamic).tensors.map(({ dims }) => dims)).toEqual([
        [-1, 3, -1, -1],
        [1, -1, 7],
      ]);
      native.closeEngine(dynamic);
    });

    it('gives boxes in pixels of the frame', async () => {
      const detector = await detectorFor(engine, 'fixed');
      const frame = { ...grey(4), data: new Uint8Array(128 * 64).fill(4), width: 128, step: 128 };
      const result = await loadNative().detect(detector, frame, settings).result;
      const rows = [...result.detections].map((value) => Math.round(value * 100) / 100);
      expect(rows).toEqual([0, 0.9, 38, 27, 58, 37, 1, 0.8, 72, 7, 88, 13]);
      expect(result).toMatchObject({ candidates: 2, invalid: 0 });
      expect(result.inferMs).toBeGreaterThan(0);
    });

    it('fixes a dynamic shape when the detector is made', async () => {
      const detector = await detectorFor(engine, 'dynamic');
      expect(await leftEdge(detector, 7)).toBe(expectedLeft(7));
    });

    it('fills a float16 input', async () => {
      const input = { ...spec().input, dtype: 'float16' } as const;
      const detector = await detectorFor(engine, 'half', { input });
      // The reference engine adds only float32 pixels.
      const shift = engine.name === 'reference' ? 0 : 9;
      expect(await leftEdge(detector, 9)).toBe(expectedLeft(shift));
    });

    it('keeps the frames of several slots apart', async () => {
      const detector = await detectorFor(engine, 'fixed', { slots: 3, queue: 60 });
      const levels = Array.from({ length: 40 }, (_, i) => i);
      const lefts = await Promise.all(levels.map((level) => leftEdge(detector, level)));
      expect(lefts).toEqual(levels.map(expectedLeft));
    });

    it('refuses a file that is not there, is cut off, or is no model', async () => {
      const native = loadNative();
      const at = async (model: string) => {
        const handle = await openEngine({ ...engine, model: () => model }, 'fixed');
        native.closeEngine(handle);
      };
      await expect(at('/nowhere/model')).rejects.toMatchObject({ code: 'native-not-found' });
      // TensorRT takes bytes that are no plan for one of another version, or says that they are damaged.
      const code =
        engine.name === 'tensorrt' ? expect.stringMatching(/corrupt|incompatible/) : 'native-corrupt';
      await expect(at(await engine.model('torn'))).rejects.toMatchObject({ code });
      await expect(at(await engine.model('foreign'))).rejects.toMatchObject({ code });
    });

    it.each([
      ['an output that the head does not fit', { head: headOf('yolov8', 2) }, 'native-model-output'],
      [
        'an output that is not there',
        { head: headOf('yolov5', 2, { tensor: 'boxes' }) },
        'native-model-output',
      ],
      ['an input that is not there', { input: { ...spec().input, tensor: 'x' } }, 'native-model-input'],
      ['an input of another size', { input: { ...spec().input, width: 32 } }, 'native-model-input'],
      ['an input of another type', { input: { ...spec().input, dtype: 'uint8' } }, 'native-model-input'],
    ] as const)('refuses %s', async (_, change, code) => {
      await expect(openDetector(engine, 'fixed', change)).rejects.toMatchObject({ code });
    });

    it('refuses a frame shorter than its header says, and goes on', async () => {
      const detector = await detectorFor(engine, 'fixed');
      const short = { ...grey(1), data: new Uint8Array(64 * 64 - 1) };
      expect(() => loadNative().detect(detector, short, settings)).toThrow(
        expect.objectContaining({ code: 'native-bad-frame' }),
      );
      expect(await leftEdge(detector, 3)).toBe(expectedLeft(3));
    });

    itWhenSlow(
      slowly('refuses what is neither room nor queue for'),
      async () => {
        const detector = await detectorFor(engine, 'slow', {
          slots: 1,
          queue: 1,
          timeoutMs: 30_000,
          warmUp: false,
        });
        const first = leftEdge(detector, 1);
        const second = leftEdge(detector, 2);
        await expect(leftEdge(detector, 3)).rejects.toMatchObject({ code: 'native-busy' });
        expect(await Promise.all([first, second])).toEqual([expectedLeft(1), expectedLeft(2)]);
        // Two whole runs of a network that is slow on purpose, on a machine that may be busy.
      },
      30_000,
    );

    itWhenSlow(slowly('cancels a frame that waits and one that runs, and goes on'), async () => {
      const native = loadNative();
      const detector = await detectorFor(engine, 'slow', { timeoutMs: 30_000, warmUp: false });
      const running = native.detect(detector, grey(1), settings);
      const waiting = native.detect(detector, grey(2), settings);
      const outcome = Promise.allSettled([running.result, waiting.result]);
      expect(native.cancel(detector, waiting.id)).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(native.cancel(detector, running.id)).toBe(true);
      const reasons = (await outcome).map((r) => (r.status === 'rejected' ? r.reason.code : 'done'));
      expect(reasons).toEqual(['cancelled', 'cancelled']);
      expect(native.cancel(detector, running.id)).toBe(false);
      expect(await leftEdge(detector, 5)).toBe(expectedLeft(5));
    });

    it('settles every frame when it is closed while busy, and takes none afterwards', async () => {
      const native = loadNative();
      const detector = await openDetector(engine, 'slow', { slots: 2, queue: 4, warmUp: false });
      const frames = [1, 2, 3, 4, 5].map((level) => native.detect(detector, grey(level), settings).result);
      const outcome = Promise.allSettled(frames);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await native.closeDetector(detector)).toBe(true);
      const states = (await outcome).map((r) => (r.status === 'rejected' ? r.reason.code : 'done'));
      expect(states.slice(2)).toEqual(['cancelled', 'cancelled', 'cancelled']);
      for (const state of states) expect(['done', 'cancelled']).toContain(state);
      expect(() => native.detect(detector, grey(1), settings)).toThrow(
        expect.objectContaining({ code: 'native-closed' }),
      );
      expect(await native.closeDetector(detector)).toBe(true);
    });

    itWhenSlow(slowly('gives a timed-out frame its answer in time, and the slot back later'), async () => {
      const detector = await detectorFor(engine, 'slow', { timeoutMs: 40, warmUp: false });
      await expect(leftEdge(detector, 1)).rejects.toMatchObject({ code: 'native-timeout' });
    });
  });
}

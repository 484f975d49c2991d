import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadNative, type NativeImage } from '../../native/index.ts';
import {
  expectedLeft,
  grey,
  inOwnProcess,
  leftEdge,
  nameOf,
  onnxruntimeEngine,
  openDetector,
  referenceEngine,
  settings,
  tensorrtEngine,
} from './engine-models.ts';
import { missingPlugin, titled } from './native-build.ts';

/** Several frames in one run of the network, where its first dimension is free. */
for (const engine of [referenceEngine, onnxruntimeEngine, tensorrtEngine, inOwnProcess(onnxruntimeEngine)]) {
  const why = missingPlugin(engine.name);

  describe.skipIf(why !== undefined)(titled(`batches on ${nameOf(engine)}`, why), () => {
    it('give every frame the detections that it has alone', async () => {
      const native = loadNative();
      const alone = await openDetector(engine, 'batch');
      const together = await openDetector(engine, 'batch', { maxBatch: 4, maxWaitMs: 20, queue: 16 });
      const frames = fc.array(
        fc.record({ level: fc.integer({ min: 0, max: 40 }), width: fc.integer({ min: 1, max: 150 }) }),
        { minLength: 1, maxLength: 11 },
      );
      await fc.assert(
        fc.asyncProperty(frames, async (some) => {
          const images = some.map(({ level, width }): NativeImage => {
            const data = new Uint8Array(width * 64).fill(level);
            return { ...grey(level), data, width, step: width };
          });
          const one: unknown[] = [];
          for (const image of images)
            one.push((await native.detect(alone, image, settings).result).detections);
          const results = await Promise.all(
            images.map((image) => native.detect(together, image, settings).result),
          );
          expect(results.map(({ detections }) => detections)).toEqual(one);
        }),
        { numRuns: 30, seed: 7 },
      );
      await native.closeDetector(alone);
      await native.closeDetector(together);
    });

    it('leave the others in peace when one frame is cancelled or damaged', async () => {
      const native = loadNative();
      const detector = await openDetector(engine, 'batch', { maxBatch: 3, maxWaitMs: 2000, queue: 8 });
      const first = native.detect(detector, grey(3), settings);
      const damaged: NativeImage = { ...grey(0), data: new Uint8Array(40), encoding: 'jpeg' };
      const cancelled = native.detect(detector, grey(4), settings);
      const outcome = Promise.allSettled([first.result, cancelled.result]);
      native.cancel(detector, cancelled.id);
      const broken = native.detect(detector, damaged, settings).result.catch((error: unknown) => error);
      expect(await leftEdge(detector, 5)).toBe(expectedLeft(5));
      expect(await broken).toMatchObject({ code: expect.stringMatching(/^native-(bad|no)-jpeg$/) });
      expect((await outcome).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      await native.closeDetector(detector);
    });

    it('wait no longer than they may', async () => {
      const detector = await openDetector(engine, 'batch', { maxBatch: 4, maxWaitMs: 5 });
      expect(await leftEdge(detector, 2)).toBe(expectedLeft(2));
      await loadNative().closeDetector(detector);
    });

    it('are refused where the number of frames is fixed', async () => {
      await expect(openDetector(engine, 'fixed', { maxBatch: 2 })).rejects.toMatchObject({
        code: 'native-model-input',
      });
    });
  });
}

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type DetectorHandle, loadNative, type NativeImage } from '../../native/index.ts';
import { grey, openDetector, referenceEngine, settings } from './engine-models.ts';
import { missingPlugin, titled } from './native-build.ts';

const why = missingPlugin('reference');

/** A promise that is not settled holds a handle. */
function handleBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return getHeapStatistics().used_global_handles_size;
}

const short: NativeImage = { ...grey(1), data: new Uint8Array(10) };

function refuse(detector: DetectorHandle, image: NativeImage, thumbnail?: Uint8Array): void {
  expect(() => loadNative().detect(detector, image, settings, thumbnail)).toThrow();
}

describe.skipIf(why !== undefined)(titled('A frame that is refused before it is under way', why), () => {
  it.each([
    ['for its size', (detector: DetectorHandle) => refuse(detector, short)],
    ['for what comes with it', (detector: DetectorHandle) => refuse(detector, grey(1), new Uint8Array(3))],
  ])('%s leaves nothing behind', async (_, refused) => {
    const detector = await openDetector(referenceEngine, 'fixed');
    for (let i = 0; i < 100; i++) refused(detector);
    const before = handleBytes();
    const count = 5000;
    for (let i = 0; i < count; i++) refused(detector);
    // A handle is 32 bytes: less than one in ten may have stayed, of whatever else goes on in the process.
    expect(handleBytes() - before).toBeLessThan((count * 32) / 10);
    await loadNative().closeDetector(detector);
  });

  it('because too many wait already leaves nothing behind, and those that wait get their results', async () => {
    const native = loadNative();
    const held = { queue: 1, timeoutMs: 0, warmUp: false };
    const detector = await openDetector(referenceEngine, 'fixed', held, { never_at: '1' });
    const first = native.detect(detector, grey(1), settings);
    const second = native.detect(detector, grey(2), settings);
    const cancelled = expect(first.result).rejects.toMatchObject({ code: 'cancelled' });
    const before = handleBytes();
    const count = 5000;
    for (let i = 0; i < count; i++) refuse(detector, grey(3));
    expect(handleBytes() - before).toBeLessThan((count * 32) / 10);
    expect(native.cancel(detector, first.id)).toBe(true);
    await cancelled;
    expect((await second.result).detections[2]).toBe(17);
    await native.closeDetector(detector);
  });

  it('and one that is under way settle exactly once each', async () => {
    const detector = await openDetector(referenceEngine, 'fixed', { queue: 8 });
    let settled = 0;
    let refused = 0;
    const under: Promise<unknown>[] = [];
    for (let i = 0; i < 200; i++) {
      try {
        const { result } = loadNative().detect(detector, grey(i % 9), settings);
        under.push(result.finally(() => (settled += 1)));
      } catch {
        refused += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await Promise.allSettled(under);
    expect(settled + refused).toBe(200);
    expect(settled).toBe(under.length);
    await loadNative().closeDetector(detector);
  });
});

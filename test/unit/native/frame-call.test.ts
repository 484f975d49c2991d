import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type DetectInNumbers, detectFrames } from '../../../native/frame-call.ts';
import { type DetectorHandle, planProcess } from '../../../native/index.ts';
import {
  expectedLeft,
  grey,
  openDetector,
  referenceEngine,
  settings,
} from '../../conformance/engine-models.ts';
import { missingPlugin, titled } from '../../conformance/native-build.ts';

const handle = {} as DetectorHandle;
const image = { data: new Uint8Array(12), width: 2, height: 2, step: 6, encoding: 'bgr8' };

describe('The call of a frame', () => {
  it('goes over in numbers and comes back as an object', async () => {
    const wanted = Uint8Array.of(1, 0);
    const seen: unknown[] = [];
    const [cells = 0] = new Float64Array(Uint8Array.of(200, 7, 0, 0, 0, 0, 0, 0).buffer);
    const [depths = 0] = new Float64Array(Float32Array.of(1.5, 2.5).buffer);
    const detect = detectFrames(async (_, pixels, call, mask) => {
      seen.push(pixels, [...call], mask);
      call[0] = 77;
      return Float64Array.of(
        9,
        1,
        0.5,
        7,
        0.25,
        2,
        1,
        3,
        1,
        1,
        1,
        ...[0, 0, 0],
        -1,
        8,
        3,
        0.9,
        10,
        20,
        30,
        40,
        7,
        8,
        0.5,
        ...[25, 30, 20, 10, 0.7],
        9,
        9,
        4,
        4,
        1,
        2,
        ...[0, 0, 8, 8, 2, 1],
        cells,
        depths,
      );
    });
    const { id, result } = detect(handle, image, { ...settings, multiLabel: true, wanted });
    expect(id).toBe(77);
    expect(seen).toEqual([image.data, [2, 2, 6, 1, 0.5, 0.45, 10, 1000, 1], wanted]);
    expect(await result).toEqual({
      detections: Float64Array.of(3, 0.9, 10, 20, 30, 40),
      embedding: Float64Array.of(-1, 8),
      points: Float64Array.of(7, 8, 0.5),
      masks: { shapes: Float64Array.of(9, 9, 4, 4, 1, 2), values: Uint8Array.of(200, 7) },
      rotated: Float64Array.of(25, 30, 20, 10, 0.7),
      depth: { shape: Float64Array.of(0, 0, 8, 8, 2, 1), values: Float32Array.of(1.5, 2.5) },
      candidates: 9,
      invalid: 1,
      preprocessMs: 0.5,
      inferMs: 7,
      postprocessMs: 0.25,
    });
  });

  it('refuses an unknown encoding, and passes on refusals of the addon', async () => {
    const refusing = detectFrames(() => Promise.reject(new Error('busy')));
    expect(() => refusing(handle, { ...image, encoding: 'bayer' }, settings)).toThrow(
      '"encoding" is "bayer"; known are rgb8, bgr8, mono8, nv12, yuyv, jpeg.',
    );
    await expect(refusing(handle, image, settings).result).rejects.toThrow('busy');
  });
});

const why = missingPlugin('reference');

describe.skipIf(why !== undefined)(titled('The addon', why), () => {
  it('refuses numbers that are not those of a call, and goes on', async () => {
    const raw = createRequire(import.meta.url)(planProcess().addon) as { readonly detect: DetectInNumbers };
    const detector = await openDetector(referenceEngine, 'fixed');
    const { data } = grey(4);
    const right = Float64Array.of(64, 64, 64, 2, 0.5, 0.5, 9, 9, 0);
    expect(() => raw.detect(detector, data, right.subarray(1))).toThrow(
      'third argument must be a Float64Array',
    );
    expect(() =>
      raw.detect(
        detector,
        data,
        Float64Array.from(right, (v, i) => (i === 3 ? 6 : v)),
      ),
    ).toThrow('There is no such encoding.');
    expect(() => raw.detect(detector, new Float64Array(9) as never, right)).toThrow(
      '"data" must be a Uint8Array.',
    );
    expect(() => raw.detect(detector, data, right, new Uint8Array(3))).toThrow('one byte per class');
    expect((await raw.detect(detector, data, right))[16]).toBe(expectedLeft(4));
  });
});

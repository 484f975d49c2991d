import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError, InputError } from '../../src/base/index.ts';
import {
  type Detector,
  defaultDetectionSettings,
  type Encoding,
  type Frame,
  thumbnail,
  thumbnailCells,
} from '../../src/perception/index.ts';
import { suite } from './suite.ts';

/**
 * What a pipeline expects of any detector. `make` gives one that sees one thing, its first label with a score of 0.9, in the
 * upper left quarter of every square picture.
 */
export function describeDetector(name: string, make: () => Promise<Detector>, missing?: string): void {
  suite(`A detector: ${name}`, missing, () => {
    let detector: Detector;

    beforeAll(async () => {
      detector = await make();
    });
    afterAll(() => detector?.close());

    it('says who it is', () => {
      const { identity, capacity } = detector;
      expect(identity.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      for (const word of [identity.model, identity.version, identity.engine, identity.precision])
        expect(word).not.toBe('');
      expect(identity.labels.length).toBeGreaterThan(0);
      expect(Math.min(identity.inputWidth, identity.inputHeight, capacity)).toBeGreaterThanOrEqual(1);
    });

    it('gives objects in pixels of the frame, with label, score and timings', async () => {
      for (const side of [32, 64, 200]) {
        const { detections, candidates, timings } = await detector.detect(frame({ side }), settings);
        expect(detections).toHaveLength(1);
        const [{ classId, label, score, box }] = detections as [(typeof detections)[number]];
        expect([classId, label]).toEqual([0, detector.identity.labels[0]]);
        expect(score).toBeCloseTo(0.9, 3);
        for (const [found, wanted] of [
          [box.x1, 0],
          [box.y1, 0],
          [box.x2, side / 2],
          [box.y2, side / 2],
        ] as const)
          expect(Math.abs(found - wanted)).toBeLessThan(0.01 * side);
        expect(candidates).toBeGreaterThanOrEqual(1);
        for (const ms of Object.values(timings)) expect(ms).toBeGreaterThanOrEqual(0);
      }
    });

    it.each(['rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv'] as const)('reads %s', async (encoding) => {
      const result = await detector.detect(frame({ encoding }), settings);
      expect(result.detections).toHaveLength(1);
      expect(result).not.toHaveProperty('thumbnail');
    });

    it.each(['rgb8', 'bgr8', 'mono8', 'nv12', 'yuyv'] as const)(
      'gives the thumbnail of a frame in %s where it is asked for',
      async (encoding) => {
        const given = frame({ encoding });
        for (const [i] of given.pixels.data.entries()) given.pixels.data[i] = (i * 2_654_435_761) >>> 24;
        const wanted = thumbnail({ ...given, data: given.pixels.data });
        const asked = { ...settings, thumbnail: true };
        expect((await detector.detect(given, asked)).thumbnail).toEqual(wanted);
      },
    );

    it('gives no thumbnail of a frame that is too narrow', async () => {
      const narrow = { ...frame(), width: 2, height: 8, step: 6 };
      const asked = { ...settings, thumbnail: true };
      expect(await detector.detect(narrow, asked)).not.toHaveProperty('thumbnail');
    });

    it('reads a compressed picture, and shows what the sensor saw', async () => {
      const { detections, thumbnail } = await detector.detect(frame({ encoding: 'jpeg', data: jpeg }), {
        ...settings,
        thumbnail: true,
      });
      expect(detections).toHaveLength(1);
      expect(thumbnail?.grey).toHaveLength(thumbnailCells);
    });

    it('keeps to the settings of every frame', async () => {
      const of = async (change: Partial<typeof settings>) =>
        (await detector.detect(frame(), { ...settings, ...change })).detections.length;
      const label = detector.identity.labels[0]!;
      expect(await of({ scoreThreshold: 0.95 })).toBe(0);
      expect(await of({ classes: ['no such thing'] })).toBe(0);
      expect(await of({ classes: ['no such thing', label] })).toBe(1);
      expect(await of({ maxDetections: 1 })).toBe(1);
      expect(await of({})).toBe(1);
    });

    it('neither changes the pixels of a frame nor gives them back', async () => {
      const given = frame({ value: 77 });
      await detector.detect(given, settings);
      expect(given.released).toBe(0);
      expect(new Set(given.pixels.data)).toEqual(new Set([77]));
    });

    it.each<[string, () => Frame, string]>([
      ['shorter than its header says', () => frame({ data: new Uint8Array(10) }), 'frame-short'],
      ['empty', () => frame({ side: 0 }), 'frame-size'],
      ['of rows that are too short', () => ({ ...frame(), step: 5 }), 'frame-step'],
    ])('refuses a frame that is %s in words, and goes on', async (_, broken, code) => {
      const refusal = await detector.detect(broken(), settings).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(InputError);
      expect(refusal).toMatchObject({ code, remedy: expect.stringMatching(/./) });
      expect((await detector.detect(frame(), settings)).detections).toHaveLength(1);
    });

    it('refuses a compressed picture that is cut off, and goes on', async () => {
      for (const data of [jpeg.subarray(0, 100), Uint8Array.of(1, 2, 3)]) {
        const broken = detector.detect(frame({ encoding: 'jpeg', data }), settings);
        // The frame is at fault, not the detector: whoever watches over engines tells them apart by this.
        await expect(broken).rejects.toBeInstanceOf(InputError);
      }
      expect((await detector.detect(frame(), settings)).detections).toHaveLength(1);
    });

    it('answers every one of more frames than it works on at once with its own', async () => {
      const sides = [32, 64, 96, 128, 160, 192, 224, 256];
      const results = await Promise.all(sides.map((side) => detector.detect(frame({ side }), settings)));
      expect(results.map(({ detections }) => Math.round(detections[0]?.box.x2 ?? 0))).toEqual(
        sides.map((side) => side / 2),
      );
    });

    describe('that is closed', () => {
      it('finishes running work first, accepts no more, and can be closed twice', async () => {
        const one = await make();
        const settled: string[] = [];
        const work = [1, 2, 3].map(() =>
          one.detect(frame(), settings).then(
            () => settled.push('done'),
            (error: unknown) => {
              expect(error).toBeInstanceOf(CancelledError);
              settled.push('cancelled');
            },
          ),
        );
        await one.close();
        expect(settled).toHaveLength(work.length);
        await one.close();
        await expect(one.detect(frame(), settings)).rejects.toBeInstanceOf(CancelledError);
      });
    });
  });
}

const settings = defaultDetectionSettings;
const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer();

const bytesPerPixel: Readonly<Record<Encoding, number>> = {
  ...{ rgb8: 3, bgr8: 3, mono8: 1, nv12: 1.5, yuyv: 2, jpeg: 0 },
};

/** A square picture of one value, which counts how often it was given back. */
function frame(
  options: { side?: number; encoding?: Encoding; data?: Uint8Array; value?: number } = {},
): Frame & { released: number } {
  const { side = 64, encoding = 'rgb8', value = 0 } = options;
  const data = options.data ?? new Uint8Array(side * side * bytesPerPixel[encoding]).fill(value);
  const step = encoding === 'nv12' ? side : side * bytesPerPixel[encoding];
  const made = {
    ...{ camera: 'front', sequence: 0, stampNs: 0n, frameId: 'front_optical', width: side, height: side },
    ...{ encoding, step, released: 0 },
    pixels: {
      data,
      release: () => {
        made.released += 1;
      },
    },
  };
  return made;
}

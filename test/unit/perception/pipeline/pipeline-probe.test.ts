import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { car } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

describe('Pipeline', () => {
  describe('asked about a frame of nobody’s camera', () => {
    const question = {
      ...{ stampNs: 0n, frameId: 'golden', width: 4, height: 2, step: 12 },
      encoding: 'rgb8' as const,
      data: new Uint8Array(24),
    };
    const settings = { scoreThreshold: 0.05, iouThreshold: 0.6, maxDetections: 7, classes: [] };

    it('gives the answer of the live detector only to the caller', async () => {
      const { detector, sink, pipeline } = await setUp();
      const asked = pipeline.probe(question, settings);
      await settle();
      expect(detector.open[0]!.settings).toMatchObject(settings);
      detector.open[0]!.answer([car(10)]);
      const { result, identity } = await asked;
      expect(result.detections).toEqual([car(10)]);
      expect(identity).toBe(detector.identity);
      expect(sink.results).toEqual([]);
      expect(pipeline.cameras).toEqual(['front']);
      expect(pipeline.stats().cameras.map(({ frames }) => frames.received)).toEqual([0]);
    });

    it('waits its turn between the frames of the cameras', async () => {
      const { detector, sink, pipeline, send } = await setUp();
      await send();
      const asked = pipeline.probe(question, settings);
      await settle();
      expect(detector.open).toHaveLength(1);
      detector.open[0]!.answer([]);
      await settle();
      expect(sink.results).toHaveLength(1);
      detector.open[0]!.answer([]);
      expect((await asked).result.detections).toEqual([]);
    });

    it('fails as a frame fails, and says so when the detector is stuck with it', async () => {
      const { detector, pipeline, clock, kinds } = await setUp();
      const broken = pipeline.probe(question, settings);
      await settle();
      detector.open[0]!.fail(new InputError('frame-size', 'Too small.', ''));
      await expect(broken).rejects.toMatchObject({ code: 'frame-size' });
      expect(kinds()).toEqual([]);
      const never = pipeline.probe(question, settings);
      const refused = expect(never).rejects.toMatchObject({ code: 'inference-timeout' });
      await clock.pass(1001);
      await refused;
      expect(kinds()).toEqual([]);
      await clock.pass(29_000);
      expect(kinds()).toEqual(['stuck']);
    });

    it('says that it was given up when the pipeline is closed', async () => {
      const { pipeline } = await setUp();
      await pipeline.close();
      await expect(pipeline.probe(question, settings)).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
});

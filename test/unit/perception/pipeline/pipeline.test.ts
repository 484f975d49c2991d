import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { thumbnail } from '../../../../src/perception/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { car, FakeSink, FakeSource } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

describe('Pipeline', () => {
  it('publishes what was detected with the header of its frame, who detected it and how long it took', async () => {
    const { clock, detector, sink, pipeline, send, pool } = await setUp();
    const frame = await send();
    await clock.pass(25);
    detector.open[0]!.answer([car(10)]);
    await settle();
    expect(sink.results).toEqual([
      {
        camera: 'front',
        node: 'detect',
        slot: 'main',
        sequence: 0,
        stampNs: frame.stampNs,
        frameId: 'front_optical',
        width: 4,
        height: 2,
        detections: [car(10)],
        identity: detector.identity,
        timings: { preprocessMs: 1, inferMs: 2, postprocessMs: 3 },
        candidates: 0,
        captureToPublishMs: 25,
      },
    ]);
    expect(pool.everyOnce).toBe(true);
    expect(pipeline.stats().cameras[0]).toMatchObject({
      frames: { received: 1, processed: 1 },
      detections: 1,
      captureToPublishMs: { count: 1, p50: 25, p99: 25 },
      inferMs: { p50: 2 },
    });
  });

  it('gives the vector of a model of embeddings as what drift is watched in', async () => {
    const { detector, sink, send } = await setUp({ tracker: false });
    await send();
    const embedding = Float32Array.of(0.6, 0.8);
    detector.open[0]!.answer([{ ...car(10), label: 'embedding', embedding }]);
    await settle();
    expect(sink.results[0]?.embedding).toBe(embedding);
  });

  it('asks the detector for the thumbnail of a frame where it is watched, and gives it with the result', async () => {
    const { detector, sink, send } = await setUp({ watched: true });
    await send();
    const { settings, frame, answer } = detector.open[0]!;
    expect(settings).toMatchObject({ thumbnail: true });
    const seen = thumbnail({ ...frame, data: frame.pixels.data });
    answer([car(10)], { thumbnail: seen });
    await settle();
    expect(sink.results[0]?.thumbnail).toBe(seen);

    const unwatched = await setUp();
    await unwatched.send();
    expect(unwatched.detector.open[0]!.settings).not.toHaveProperty('thumbnail');
  });

  it('asks the detector for weak boxes and publishes only those that continue a track', async () => {
    const { detector, sink, send, clock } = await setUp();
    for (const scene of [[car(10)], [car(11)], [car(12, { score: 0.15 }), car(200, { score: 0.15 })]]) {
      await send();
      expect(detector.open[0]!.settings.scoreThreshold).toBe(0.1);
      detector.open[0]!.answer(scene);
      await clock.pass(33);
    }
    expect(
      sink.results.map(({ detections }) => detections.map(({ score, trackId }) => [score, trackId])),
    ).toEqual([[[0.9, undefined]], [[0.9, 1]], [[0.15, 1]]]);
  });

  it('publishes everything and no ids when tracking is off', async () => {
    const { detector, sink, send } = await setUp({ tracker: false });
    await send();
    expect(detector.open[0]!.settings.scoreThreshold).toBe(0.25);
    detector.open[0]!.answer([car(10)]);
    await settle();
    expect(sink.results[0]!.detections).toEqual([car(10)]);
  });

  it('changes the settings of a camera with its next frame, and of no other camera', async () => {
    const { detector, pipeline, send } = await setUp({ tracker: false }, { front: {}, rear: {} });
    pipeline.configure('front', { scoreThreshold: 0.6, classes: ['person'] });
    await send('front');
    expect(detector.open[0]!.settings).toMatchObject({
      scoreThreshold: 0.6,
      classes: ['person'],
      iouThreshold: 0.45,
    });
    detector.open[0]!.answer();
    await send('rear');
    expect(detector.open[0]!.settings).toMatchObject({ scoreThreshold: 0.25, classes: [] });
  });

  it('drops and counts the frames of a camera that is switched off, until it is on again', async () => {
    const { detector, pipeline, send } = await setUp();
    pipeline.configure('front', { enabled: false });
    await send();
    expect(detector.open).toHaveLength(0);
    pipeline.configure('front', { enabled: true });
    await send();
    expect(detector.open).toHaveLength(1);
    expect(pipeline.stats().cameras[0]!.frames).toMatchObject({
      received: 2,
      dropped: { paused: 1 },
      inFlight: 1,
    });
  });

  it('looks at nothing of a camera that rests, also one that is enabled or gets other nodes meanwhile', async () => {
    const { detector, pipeline, send } = await setUp();
    const inForce = () => [pipeline.isOn('front'), pipeline.stats().cameras[0]!.settings.enabled];
    pipeline.rest('front', true);
    pipeline.configure('front', { enabled: true, nodes: [{ name: 'other' }] });
    await send();
    expect([detector.open.length, ...inForce()]).toEqual([0, false, false]);
    expect(pipeline.settings('front').enabled).toBe(true);
    pipeline.configure('front', { enabled: false });
    pipeline.rest('front', false);
    await send();
    expect([detector.open.length, ...inForce()]).toEqual([0, false, false]);
    pipeline.configure('front', { enabled: true });
    await send();
    expect([detector.open.length, ...inForce()]).toEqual([1, true, true]);
    expect(pipeline.stats().cameras[0]!.frames).toMatchObject({ received: 3, dropped: { paused: 2 } });
  });

  it.each([
    ['is under way', true],
    ['is under way, and it was switched off', false],
  ])(
    'drops what waits of a recording that rests while a frame %s: who closes it waits for that',
    async (_, enabled) => {
      const { detector, pipeline, sources, pool } = await setUp({}, { front: { policy: 'every' } });
      const taken: number[] = [];
      const offer = (number: number) =>
        void Promise.resolve(sources.get('front')!.receiver!.frame(pool.frame('front'))).then(() =>
          taken.push(number),
        );
      offer(0);
      pipeline.configure('front', { enabled });
      offer(1);
      await settle();
      expect(taken).toEqual([0]);
      pipeline.rest('front', true);
      offer(2);
      await settle();
      expect(taken).toEqual([0, 1, 2]);
      detector.open[0]!.answer();
      await settle();
      expect(pool.everyOnce).toBe(true);
      // From then on it waits for its turn again.
      pipeline.configure('front', { enabled: true });
      pipeline.rest('front', false);
      offer(3);
      offer(4);
      await settle();
      expect(taken).toEqual([0, 1, 2, 3]);
      expect(pipeline.stats().cameras[0]!.frames).toMatchObject({ dropped: { paused: 2 }, waiting: 1 });
    },
  );

  it.each([
    [{ scoreThreshold: 1.5 }, /scoreThreshold is 1\.5/],
    [{ scoreThreshold: Number.NaN }, /scoreThreshold is NaN/],
    [{ iouThreshold: -0.1 }, /iouThreshold is -0\.1/],
    [{ maxDetections: 0 }, /maxDetections is 0/],
    [{ maxDetections: 2.5 }, /maxDetections is 2\.5/],
  ])('refuses the settings %o and keeps the old ones', async (settings, message) => {
    const { pipeline } = await setUp();
    expect(() => pipeline.configure('front', settings)).toThrow(message);
    expect(pipeline.settings('front')).toMatchObject({
      scoreThreshold: 0.25,
      iouThreshold: 0.45,
      maxDetections: 300,
    });
  });

  it('names the cameras that there are when one is configured that is not', async () => {
    const { pipeline } = await setUp();
    expect(() => pipeline.configure('fornt', {})).toThrow(/no camera "fornt"/);
    await expect(pipeline.add(new FakeSource('front'))).rejects.toThrow(/two cameras named "front"/);
  });

  it('warns of classes that the model does not have', async () => {
    const { pipeline, events } = await setUp();
    pipeline.configure('front', { classes: ['car', 'unicorn'] });
    expect(events).toMatchObject([{ kind: 'fault', error: { code: 'class-unknown' } }]);
  });

  it('gives a result to every sink although one of them throws', async () => {
    const second = new FakeSink();
    const broken = {
      publish() {
        throw new Error('no room');
      },
    };
    const { send, detector, events, pool } = await setUp({ sinks: [broken, second] });
    await send();
    detector.open[0]!.answer();
    await settle();
    expect(second.results).toHaveLength(1);
    expect(events).toMatchObject([{ kind: 'fault', error: { code: 'sink-failed' } }]);
    expect(pool.everyOnce).toBe(true);
  });

  it('is not stopped by a listener that throws', async () => {
    const { send, detector, sink } = await setUp({
      onEvent: () => {
        throw new Error('listener');
      },
    });
    await send();
    detector.open[0]!.fail(new Error('x'));
    await settle();
    await send();
    detector.open[0]!.answer();
    await settle();
    expect(sink.results).toHaveLength(1);
  });

  it('counts stamps of the future as latency 0 and frames that the source lost', async () => {
    const { send, detector, sink, pipeline, clock } = await setUp();
    await send('front', { stampNs: clock.wallNs() + 5_000_000_000n, sequence: 10 });
    detector.open[0]!.answer();
    await send('front', { sequence: 14 });
    expect(sink.results[0]!.captureToPublishMs).toBe(0);
    expect(pipeline.stats().cameras[0]).toMatchObject({ futureStamps: 1, lostBySource: 3 });
  });

  it('measures frames per second', async () => {
    const { send, detector, pipeline, clock } = await setUp();
    for (let i = 0; i < 100; i++) {
      await send();
      detector.open[0]!.answer();
      await clock.pass(100);
    }
    expect(pipeline.stats().cameras[0]!.framesPerSecond).toBeCloseTo(10, 0);
    await clock.pass(10_000);
    expect(pipeline.stats().cameras[0]!.framesPerSecond).toBe(0);
  });

  it('files a frame under the camera that delivered it, whatever is written on it', async () => {
    const { sources, pool, detector, sink } = await setUp();
    void sources.get('front')!.receiver!.frame(pool.frame('someone else'));
    await settle();
    detector.open[0]!.answer();
    await settle();
    expect(sink.results[0]!.camera).toBe('front');
    expect(pool.everyOnce).toBe(true);
  });

  it('takes only some frames of a camera that is thinned, gives the others back, and all of them again after it', async () => {
    const { detector, pipeline, send, pool } = await setUp();
    pipeline.thin('front', { every: 2 });
    for (let i = 0; i < 4; i++) {
      await send();
      detector.open[0]?.answer([]);
      await settle();
    }
    expect(pipeline.stats().cameras[0]?.frames).toMatchObject({
      received: 4,
      processed: 2,
      skipped: { thinned: 2 },
    });
    pipeline.thin('front', undefined);
    await send();
    detector.open[0]!.answer([]);
    await settle();
    expect(pipeline.stats().cameras[0]?.frames).toMatchObject({ received: 5, processed: 3 });
    expect(pool.everyOnce).toBe(true);
    expect(() => pipeline.thin('side', { every: 2 })).toThrow(InputError);
  });
});

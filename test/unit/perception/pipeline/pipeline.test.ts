import { describe, expect, it } from 'vitest';
import { GoshawkError, InputError } from '../../../../src/base/index.ts';
import { DetectorLostError, Pipeline, type PipelineEvent } from '../../../../src/perception/index.ts';
import type { AddCameraOptions, PipelineOptions } from '../../../../src/perception/pipeline/pipeline.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector, FakeSink, FakeSource, FramePool } from '../fakes.ts';

async function setUp(
  over: Partial<PipelineOptions> = {},
  cameras: Record<string, AddCameraOptions> = { front: {} },
) {
  const pool = new FramePool();
  const clock = new FakeClock();
  const detector = new FakeDetector();
  const sink = new FakeSink();
  const events: PipelineEvent[] = [];
  const pipeline = new Pipeline({
    detector,
    sinks: [sink],
    clock,
    timeoutMs: 1000,
    onEvent: (event) => events.push(event),
    ...over,
  });
  const sources = new Map<string, FakeSource>();
  for (const [camera, options] of Object.entries(cameras)) {
    const source = new FakeSource(camera);
    sources.set(camera, source);
    await pipeline.add(source, options);
  }
  await pipeline.start();
  const send = async (camera = 'front', over: Parameters<FramePool['frame']>[1] = {}) => {
    const frame = pool.frame(camera, { stampNs: clock.wallNs(), ...over });
    void sources.get(camera)!.receiver!.frame(frame);
    await settle();
    return frame;
  };
  const kinds = () => events.map((event) => event.kind);
  return { pool, clock, detector, sink, events, kinds, pipeline, sources, send };
}

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

  it('swaps the detector between two frames: none is lost, tracks go on, each result names its model', async () => {
    const {
      detector: old,
      pipeline,
      sink,
      send,
      clock,
      kinds,
      pool,
    } = await setUp({}, { front: { policy: 'every' } });
    for (let i = 0; i < 2; i++) {
      await send();
      old.open[0]!.answer([car(10)]);
      await clock.pass(33);
    }
    await send(); // under way on the old one
    await send(); // waits
    const fresh = new FakeDetector('fresh');
    let drained = false;
    const swapped = pipeline.swap(fresh).then(() => {
      drained = true;
    });
    await settle();
    expect(fresh.open).toHaveLength(1);
    fresh.open[0]!.answer([{ ...car(10), classId: 5 }]);
    await settle();
    expect(drained).toBe(false);
    old.open[0]!.answer([car(10)]);
    await swapped;
    await settle();
    expect(sink.results.map(({ identity, detections }) => [identity.model, detections[0]!.trackId])).toEqual([
      ['fake', undefined],
      ['fake', 1],
      ['fake', 1],
      ['fresh', 1],
    ]);
    expect(pipeline.identity.model).toBe('fresh');
    expect(kinds()).toEqual(['swapped']);
    expect(pool.everyOnce).toBe(true);
  });

  it('forgets how long the frames of the old detector took, also of those that come out after the swap', async () => {
    const { pipeline, detector, send, clock } = await setUp();
    const p95 = () => pipeline.stats().cameras[0]?.inferMs;
    await send();
    detector.open[0]!.answer();
    await settle();
    expect(p95()).toMatchObject({ count: 1, p95: 2 });
    await send();
    const fresh = new FakeDetector('fresh');
    const drained = pipeline.swap(fresh);
    expect(p95()?.count).toBe(0);
    detector.open[0]!.answer();
    await drained;
    await clock.pass(0);
    expect(p95()?.count).toBe(0);
    await send();
    fresh.open[0]!.answer();
    await settle();
    expect(p95()?.count).toBe(1);
  });

  it('tells a fault once until the camera works again', async () => {
    const { detector, send, kinds, pipeline, clock } = await setUp();
    for (let i = 0; i < 3; i++) {
      await send();
      detector.open[0]!.fail(new InputError('frame-short', 'The frame is short.', 'Check it.'));
      await clock.pass(10);
    }
    expect(kinds()).toEqual(['fault']);
    expect(pipeline.stats().cameras[0]).toMatchObject({
      fault: 'The frame is short. Check it.',
      frames: { dropped: { failed: 3 } },
    });
    await send();
    detector.open[0]!.answer();
    await settle();
    expect(kinds()).toEqual(['fault', 'recovered']);
    expect(pipeline.stats().cameras[0]!.fault).toBeUndefined();
  });

  it('names each of several faults, and thousands are no flood', async () => {
    const { detector, send, events, clock } = await setUp();
    for (let i = 0; i < 30; i++) {
      await send();
      detector.open[0]!.fail(new InputError('picture-broken', `${i}.jpg is damaged.`, 'Copy it again.'));
      await clock.pass(10);
    }
    const told = events.map((event) => (event.kind === 'fault' ? event.error.message : event.kind));
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => `${i}.jpg is damaged.`));
  });

  it('says that the detector is stuck, and a swap brings it to life', async () => {
    const { send, clock, events, pipeline, sink, detector } = await setUp();
    await send();
    await send();
    await clock.pass(29_999);
    expect(events.map(({ kind }) => kind)).toEqual(['fault']);
    await clock.pass(1);
    expect(events.map(({ kind }) => kind)).toEqual(['fault', 'stuck']);
    await clock.pass(60_000);
    expect(events).toHaveLength(2);
    expect(pipeline.stats()).toMatchObject({ held: 1 });
    const fresh = new FakeDetector('fresh');
    await pipeline.swap(fresh);
    await settle();
    fresh.open[0]!.answer();
    await settle();
    expect(sink.results).toHaveLength(1);
    detector.open[0]!.answer([car(1)]); // too late to be published
    await settle();
    expect(sink.results).toHaveLength(1);
  });

  it('gives a slow detector the time that it needs, says so once and does not call it stuck', async () => {
    const { send, clock, kinds, pipeline, sink, detector } = await setUp();
    const frame = async (tookMs: number) => {
      await send();
      await clock.pass(tookMs);
      detector.open[0]!.answer();
      await settle();
    };
    await frame(6000);
    expect(kinds()).toEqual(['fault', 'slow']);
    for (let i = 0; i < 3; i++) await frame(11_000);
    expect(sink.results).toHaveLength(3);
    // Ten times what it was seen to need.
    await send();
    await clock.pass(59_000);
    expect(kinds()).toEqual(['fault', 'slow', 'recovered', 'fault']);
    await clock.pass(1001);
    expect(kinds().at(-1)).toBe('stuck');
    const closed = pipeline.close();
    await clock.pass(100_000);
    await closed;
    expect(clock.pending).toBe(0);
  });

  it('knows from its warm-up that a detector is slow', async () => {
    const { send, clock, kinds, pipeline, sink } = await setUp();
    const slow = Object.assign(new FakeDetector('slow'), { warmUpMs: 8000 });
    await pipeline.swap(slow);
    await send();
    await clock.pass(15_000);
    slow.open[0]!.answer();
    await settle();
    expect([kinds(), sink.results.length]).toEqual([['swapped'], 1]);
    await send();
    await clock.pass(79_000);
    expect(kinds()).toEqual(['swapped', 'fault']);
    await clock.pass(1000);
    expect(kinds()).toEqual(['swapped', 'fault', 'stuck']);
  });

  describe('whose detector fails every frame', () => {
    const sick = new GoshawkError('native-engine', 'It failed.', '');
    type SetUp = Awaited<ReturnType<typeof setUp>>;
    async function fail({ send, detector, clock }: SetUp, frames: number, error: Error, ms = 1000) {
      for (let i = 0; i < frames; i++) {
        await send(i % 2 === 0 ? 'front' : 'rear');
        detector.open[0]!.fail(error);
        await clock.pass(ms);
      }
    }
    const two = { front: {}, rear: {} };

    it('says so after a while, over all cameras, and again from time to time', async () => {
      const all = await setUp({ failingMs: 10_000 }, two);
      await fail(all, 10, sick);
      expect(all.kinds()).toEqual(['fault', 'fault']);
      await fail(all, 11, sick);
      expect(all.events.slice(2)).toMatchObject([
        { kind: 'failing', frames: 11, again: false, error: { code: 'native-engine' } },
        { kind: 'failing', frames: 21, again: true },
      ]);
      expect(all.events[2]).not.toHaveProperty('lost');
    });

    it('says nothing where frames of one camera come through', async () => {
      const all = await setUp({ failingMs: 1000 }, two);
      for (let i = 0; i < 20; i++) {
        await all.send('front');
        all.detector.open[0]!.fail(sick);
        await all.clock.pass(500);
        await all.send('rear');
        all.detector.open[0]!.answer();
        await all.clock.pass(500);
      }
      expect(all.kinds()).toEqual(['fault']);
    });

    it('says at once what the detector says that it has lost', async () => {
      const all = await setUp({}, two);
      await fail(all, 3, new DetectorLostError('process', 'native-process-lost', 'Gone.', ''), 10);
      expect(all.events.filter(({ kind }) => kind === 'failing')).toMatchObject([
        { lost: 'process', frames: 1, camera: 'front' },
      ]);
    });

    it('counts a failure that comes later than a frame is waited for', async () => {
      const all = await setUp({ failingMs: 10_000, answerTimeoutMs: 60_000 });
      for (let i = 0; i < 6; i++) {
        await all.send('front');
        await all.clock.pass(3000);
        all.detector.open[0]!.fail(sick);
        await settle();
      }
      expect(all.kinds()).toContain('failing');
    });

    it('does not hold what a detector did that was replaced against the new one', async () => {
      const all = await setUp({ failingMs: 2000 }, two);
      await fail(all, 4, sick, 600);
      await all.send('front');
      const old = all.detector.open[0]!;
      void all.pipeline.swap(new FakeDetector('fresh'));
      old.fail(sick);
      await settle();
      expect(all.kinds()).not.toContain('failing');
    });
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

  it('runs with the cameras that open and fails only when none does', async () => {
    const detector = new FakeDetector();
    const events: PipelineEvent[] = [];
    const pipeline = new Pipeline({
      detector,
      sinks: [],
      clock: new FakeClock(),
      onEvent: (event) => events.push(event),
    });
    const bad = new FakeSource('bad');
    bad.openError = new Error('no such camera');
    await pipeline.add(bad);
    await expect(pipeline.start()).rejects.toThrow(/no such camera/);
    const good = new FakeSource('good');
    await pipeline.add(good);
    await pipeline.start();
    expect(good.opens).toBe(1);
    bad.openError = undefined;
    await pipeline.start();
    expect([good.opens, bad.opens]).toEqual([1, 1]);
    expect(events.every((event) => event.kind === 'fault' && event.camera === 'bad')).toBe(true);
  });

  it('is finished when every source ended and its frames are accounted for', async () => {
    const { send, detector, sources, pipeline, kinds } = await setUp({}, { front: { policy: 'every' } });
    let finished = false;
    void pipeline.finished().then(() => {
      finished = true;
    });
    await send();
    await send();
    sources.get('front')!.receiver!.end();
    await settle();
    expect(finished).toBe(false);
    detector.open[0]!.answer();
    await settle();
    expect(finished).toBe(false);
    detector.open[0]!.answer();
    await settle();
    expect(finished).toBe(true);
    expect(kinds()).toEqual(['ended']);
  });

  it('closes its sources, waits for what is under way and leaves no timer', async () => {
    const { send, detector, sources, pipeline, clock, pool } = await setUp();
    await send();
    const { receiver } = sources.get('front')!;
    const closed = pipeline.close();
    // From a source that does not keep its promise.
    void receiver!.frame(pool.frame('front', { stampNs: clock.wallNs() }));
    detector.open[0]!.answer();
    await closed;
    expect(sources.get('front')!.closed).toBe(true);
    expect(clock.pending).toBe(0);
    expect(pool.everyOnce).toBe(true);
    await pipeline.close();
  });

  describe('asked about a frame of nobody’s camera', () => {
    const question = {
      ...{ stampNs: 0n, frameId: 'golden', width: 4, height: 2, step: 12 },
      encoding: 'rgb8' as const,
      data: new Uint8Array(24),
    };
    const settings = { scoreThreshold: 0.05, iouThreshold: 0.6, maxDetections: 7, classes: [] };

    it('gives the answer of the live detector to whoever asked, and to nobody else', async () => {
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

  it('moves a camera to another slot and back without losing a frame, a count or its settings', async () => {
    const { detector, sink, pipeline, send, pool } = await setUp();
    const light = new FakeDetector();
    pipeline.addSlot('light', light);
    await send();
    pipeline.overlay('front', { slots: { main: 'light' } });
    expect(pipeline.nodes('front')).toMatchObject([{ slot: 'light' }]);
    detector.open[0]!.answer([]);
    await send();
    light.open[0]!.answer([]);
    await settle();
    pipeline.configure('front', { scoreThreshold: 0.4 });
    await send();
    light.open[0]!.answer([]);
    await settle();
    pipeline.overlay('front', undefined);
    await send();
    detector.open[0]!.answer([]);
    await settle();
    expect(sink.results).toHaveLength(4);
    expect(pipeline.stats().cameras[0]?.frames).toMatchObject({ received: 4, processed: 4 });
    expect(pipeline.settings('front').scoreThreshold).toBe(0.4);
    expect(pool.everyOnce).toBe(true);
  });
});

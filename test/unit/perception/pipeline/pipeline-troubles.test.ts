import { describe, expect, it } from 'vitest';
import { GoshawkError, InputError } from '../../../../src/base/index.ts';
import { DetectorLostError } from '../../../../src/perception/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

describe('Pipeline', () => {
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
});

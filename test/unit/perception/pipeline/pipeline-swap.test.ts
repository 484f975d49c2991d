import { describe, expect, it } from 'vitest';
import { settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

describe('Pipeline', () => {
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

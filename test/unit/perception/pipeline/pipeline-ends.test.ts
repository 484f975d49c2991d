import { describe, expect, it } from 'vitest';
import { Pipeline, type PipelineEvent } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeDetector, FakeSource } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

describe('Pipeline', () => {
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
});

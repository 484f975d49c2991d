import { describe, expect, it } from 'vitest';
import { defaultDetectionSettings, Pipeline } from '../../../../src/perception/index.ts';
import { LimitedDetector } from '../../../../src/workbench/run/limited-detector.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeDetector, FakeSource, FramePool } from '../../perception/fakes.ts';

describe('A run of so many frames', () => {
  async function setUp(most: number) {
    const pool = new FramePool();
    const inner = new FakeDetector();
    const source = new FakeSource('front');
    const pipeline: Pipeline = new Pipeline({
      detector: new LimitedDetector(inner, most, (enabled) => pipeline.configure('front', { enabled })),
      sinks: [],
      clock: new FakeClock(),
    });
    await pipeline.add(source);
    await pipeline.start();
    const send = async () => {
      void source.receiver?.frame(pool.frame('front'));
      await settle();
    };
    return { inner, send, pipeline, pool };
  }

  it.each([1, 2, 5])('takes %d from a camera that goes on, and not one more', async (most) => {
    const { inner, send, pipeline } = await setUp(most);
    let taken = 0;
    for (let i = 0; i < 10; i++) {
      await send();
      // The next frame waits already when the one before is answered.
      await send();
      if (inner.open.length > 0) taken += 1;
      inner.open[0]?.answer();
      await settle();
    }
    expect(taken).toBe(most);
    expect(pipeline.stats().cameras[0]?.frames.processed).toBe(most);
  });

  it('takes another one for one that failed', async () => {
    const { inner, send, pipeline } = await setUp(1);
    await send();
    inner.open[0]?.fail(new Error('broken'));
    await settle();
    await send();
    inner.open[0]?.answer();
    await settle();
    expect(pipeline.stats().cameras[0]?.frames).toMatchObject({ processed: 1, dropped: { failed: 1 } });
  });

  it('asks the detector inside with the settings that it is asked with', async () => {
    const inner = new FakeDetector();
    const limited = new LimitedDetector(inner, 3, () => {});
    void limited.detect(new FramePool().frame('front'), defaultDetectionSettings);
    expect(inner.open[0]?.settings).toBe(defaultDetectionSettings);
  });
});

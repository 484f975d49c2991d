import { describe, expect, it } from 'vitest';
import { settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector } from '../fakes.ts';
import { setUp } from './pipeline-under-test.ts';

const picture = {
  ...{ stampNs: 0n, frameId: '', width: 4, height: 2, step: 12 },
  encoding: 'rgb8' as const,
  data: new Uint8Array(24),
};
const settings = { scoreThreshold: 0.05, iouThreshold: 0.6, maxDetections: 7, classes: [] };

describe('A request to a slot of the pipeline', () => {
  it('is answered by its model, and no camera hears of it', async () => {
    const { detector, sink, pipeline } = await setUp();
    const asked = pipeline.request('main', picture, settings);
    await settle();
    detector.open[0]!.answer([car(10)]);
    expect((await asked).result.detections).toEqual([car(10)]);
    expect(sink.results).toEqual([]);
  });

  it('waits while frames of cameras wait, also of one that came later', async () => {
    const { detector, sink, pipeline, send } = await setUp();
    await send();
    const asked = pipeline.request('main', picture, settings);
    await send();
    detector.open[0]!.answer([]);
    await settle();
    expect(detector.open).toHaveLength(1);
    detector.open[0]!.answer([]);
    await settle();
    expect(sink.results).toHaveLength(2);
    detector.open[0]!.answer([car(1)]);
    expect((await asked).result.detections).toEqual([car(1)]);
  });

  it('is refused where eight are open, and taken when one of them is done', async () => {
    const { detector, pipeline } = await setUp();
    const all = Array.from({ length: 8 }, () => pipeline.request('main', picture, settings));
    await expect(pipeline.request('main', picture, settings)).rejects.toMatchObject({
      code: 'requests-full',
      retryAfterMs: 1000,
    });
    await settle();
    detector.open[0]!.answer([]);
    await all[0];
    void pipeline.request('main', picture, settings).catch(() => {});
    for (let at = 1; at < 8; at++) {
      await settle();
      detector.open[0]!.answer([]);
      await all[at];
    }
  });

  it('that is given up answers at once, and its picture is not looked at', async () => {
    const { detector, pipeline } = await setUp();
    const gone = new AbortController();
    const first = pipeline.request('main', picture, settings);
    const second = pipeline.request('main', picture, settings, gone.signal);
    await settle();
    gone.abort();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    detector.open[0]!.answer([]);
    await first;
    await settle();
    expect(detector.open).toHaveLength(0);
    await expect(pipeline.request('main', picture, settings, gone.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('goes to the model of its slot, as long as that is there', async () => {
    const { pipeline } = await setUp();
    expect(() => pipeline.request('plate', picture, settings)).toThrow(
      'There is no model in the slot "plate".',
    );
    const plates = new FakeDetector();
    pipeline.addSlot('plate', plates);
    const asked = pipeline.request('plate', picture, settings);
    await settle();
    plates.open[0]!.answer([car(3)]);
    expect((await asked).result.detections).toEqual([car(3)]);
    const busy = pipeline.request('plate', picture, settings);
    const waiting = pipeline.request('plate', picture, settings);
    await settle();
    const removed = pipeline.removeSlot('plate');
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    plates.open[0]!.answer([car(4)]);
    expect((await busy).result.detections).toEqual([car(4)]);
    await removed;
    pipeline.addSlot('plate', plates);
    const again = pipeline.request('plate', picture, settings);
    await settle();
    plates.open[0]!.answer([]);
    expect((await again).result.detections).toEqual([]);
  });

  it('waits over a swap, and is answered by the new model', async () => {
    const { detector, pipeline } = await setUp();
    const first = pipeline.request('main', picture, settings);
    const second = pipeline.request('main', picture, settings);
    await settle();
    const next = new FakeDetector();
    void pipeline.swap(next);
    detector.open[0]!.answer([car(1)]);
    expect((await first).result.detections).toEqual([car(1)]);
    await settle();
    next.open[0]!.answer([car(2)]);
    expect((await second).result.detections).toEqual([car(2)]);
  });

  it('ends with the pipeline', async () => {
    const { detector, pipeline } = await setUp();
    const busy = pipeline.request('main', picture, settings);
    const waiting = pipeline.request('main', picture, settings);
    await settle();
    const closed = pipeline.close();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    detector.open[0]!.answer([]);
    await busy;
    await closed;
  });
});

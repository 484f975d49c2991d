import { describe, expect, it } from 'vitest';
import { type Frame, type Image, type NodeSettings, Pipeline } from '../../../../src/perception/index.ts';
import type { SchedulingPolicy } from '../../../../src/perception/pipeline/node-queue.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { car, FakeDetector, FakeSink, FakeSource, FramePool } from '../fakes.ts';

const size = { width: 200, height: 100, step: 0, encoding: 'jpeg' as const };
const detect: NodeSettings = { name: 'detect' };
const moving: NodeSettings = { ...detect, onMotion: { threshold: 0.05 } };
const crops = (name: string): NodeSettings => ({ name, slot: name, input: { node: 'detect' } });

/** A camera whose frames are compressed; every picture is one level of grey over its upper half. */
async function setUp(nodes: readonly NodeSettings[], policy: SchedulingPolicy = 'newest') {
  const pool = new FramePool();
  const slots = {
    main: new FakeDetector('main'),
    plates: new FakeDetector('plates', 1, { labels: ['plate'] }),
    colour: new FakeDetector('colour', 1, { labels: ['red'], task: 'classification' }),
  };
  const sink = Object.assign(new FakeSink(), { nodes: 'all' as const });
  const decoded: number[] = [];
  const looks: { readonly sequence: number; readonly end: (light?: number) => Promise<void> }[] = [];
  const pipeline = new Pipeline({
    slots: new Map(Object.entries(slots)),
    ...{ sinks: [sink], clock: new FakeClock(), tracker: false, parallel: 4 },
    decode: async (frame: Frame): Promise<Frame> => {
      decoded.push(frame.sequence);
      const data = new Uint8Array(200 * 3 * 100).fill(frame.sequence);
      return { ...frame, encoding: 'rgb8', step: 200 * 3, pixels: { data, release() {} } };
    },
    miniature: (frame: Frame) =>
      new Promise<Image>((resolve, reject) => {
        looks.push({
          sequence: frame.sequence,
          end: async (light) => {
            if (light === undefined) reject(new Error('a broken picture'));
            else {
              const data = new Uint8Array(192 * 108).fill(light, 0, 192 * 54);
              resolve({ data, width: 192, height: 108, step: 192, encoding: 'mono8' });
            }
            await settle();
          },
        });
      }),
  });
  const source = new FakeSource('front');
  await pipeline.add(source, { settings: { nodes }, policy });
  await pipeline.start();
  const send = async () => {
    void source.receiver!.frame(pool.frame('front', size));
    await settle();
  };
  const frames = (name = 'detect') => pipeline.stats().nodes.find(({ node }) => node === name)!.frames;
  const balance = () => {
    const { received, processed, superseded, dropped, skipped, waiting, inFlight } = frames();
    const sum = (of: object) => Object.values(of).reduce((a: number, b: number) => a + b, 0);
    return received - processed - superseded - sum(dropped) - sum(skipped) - waiting - inFlight;
  };
  return { pool, ...slots, sink, decoded, looks, pipeline, send, frames, balance };
}

describe('compressed frames with nodes on crops', () => {
  it('are decoded once for all of them, and for the detector while something is cut out', async () => {
    const { main, plates, colour, send, decoded, pool } = await setUp([
      detect,
      crops('plates'),
      crops('colour'),
    ]);
    const finish = async () => {
      main.open[0]!.answer([car(40)]);
      await settle();
      plates.open[0]!.answer([]);
      colour.open[0]!.answer([]);
      await settle();
    };
    await send();
    expect(main.open[0]!.frame.encoding).toBe('jpeg');
    await finish();
    expect(decoded).toHaveLength(1);
    await send();
    expect(main.open[0]!.frame.encoding).toBe('rgb8');
    await finish();
    expect(decoded).toHaveLength(2);
    // Nothing was found in this one: the next one is the detector's alone.
    await send();
    main.open[0]!.answer([]);
    await settle();
    await send();
    expect(main.open[0]!.frame.encoding).toBe('jpeg');
    main.open[0]!.answer([]);
    await settle();
    expect(decoded).toHaveLength(3);
    expect(pool.everyOnce).toBe(true);
  });
});

describe('compressed frames with a node that waits for motion', () => {
  it('go on when something moved, and are skipped when not', async () => {
    const { main, looks, send, frames, pool, balance } = await setUp([moving]);
    await send();
    expect(main.open).toHaveLength(0);
    // The first one is not known.
    await looks[0]!.end(10);
    main.open[0]!.answer([]);
    await settle();
    await send();
    await looks[1]!.end(10);
    expect(frames()).toMatchObject({ received: 2, processed: 1, skipped: { motion: 1 } });
    await send();
    await looks[2]!.end(200);
    expect(main.open).toHaveLength(1);
    main.open[0]!.answer([]);
    await settle();
    expect([frames().processed, balance(), pool.everyOnce]).toEqual([2, 0, true]);
  });

  it('keep no other node waiting', async () => {
    const { main, plates, looks, send } = await setUp([
      detect,
      { ...moving, name: 'plates', slot: 'plates' },
    ]);
    await send();
    expect([main.open.length, plates.open.length]).toEqual([1, 0]);
    await looks[0]!.end(10);
    expect(plates.open).toHaveLength(1);
  });

  it('that cannot be inspected continue: the detector reports their fault', async () => {
    const { main, looks, send } = await setUp([moving]);
    await send();
    await looks[0]!.end();
    expect(main.open).toHaveLength(1);
  });

  it('of a live camera are looked at one at a time, and the newest waits', async () => {
    const { looks, send, frames, pool, main, balance } = await setUp([moving]);
    for (let i = 0; i < 4; i++) await send();
    expect(looks).toHaveLength(1);
    expect(frames()).toMatchObject({ received: 2, superseded: 2 });
    await looks[0]!.end(10);
    expect(looks.map(({ sequence }) => sequence - looks[0]!.sequence)).toEqual([0, 3]);
    await looks[1]!.end(200);
    while (main.open.length > 0) {
      main.open[0]!.answer([]);
      await settle();
    }
    expect([frames().received, balance(), pool.everyOnce]).toEqual([4, 0, true]);
  });

  it('of a recording all are looked at, in their order', async () => {
    const { looks, send, frames } = await setUp([moving], 'every');
    for (let i = 0; i < 3; i++) await send();
    for (let i = 0; i < 3; i++) await looks[i]!.end(i * 90);
    expect(frames()).toMatchObject({ received: 3, superseded: 0 });
  });

  it.each([
    ['newest', { superseded: 2, dropped: { closed: 0 } }, { superseded: 2, dropped: { closed: 1 } }],
    ['every', { superseded: 0, dropped: { closed: 2 } }, { superseded: 0, dropped: { closed: 3 } }],
  ] as const)(
    'are counted when the graph changes under them, and at the end: %s',
    async (policy, then, last) => {
      const { looks, send, frames, pool, pipeline, main, balance } = await setUp([moving], policy);
      await send();
      await send();
      pipeline.configure('front', { nodes: [{ ...moving, every: 2 }] });
      expect(frames()).toMatchObject({ received: 2, ...then });
      await looks[0]!.end(10);
      expect([main.open.length, pool.everyOnce]).toEqual([0, true]);
      await send();
      await pipeline.close();
      await looks[1]!.end(10);
      expect(frames()).toMatchObject({ received: 3, ...last });
      expect([balance(), pool.everyOnce]).toEqual([0, true]);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { type Frame, type NodeSettings, Pipeline } from '../../../../src/perception/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeDetector, FakeSink, FakeSource, FramePool } from '../fakes.ts';

const detect: NodeSettings = { name: 'detect' };
const moving: NodeSettings = { ...detect, onMotion: { threshold: 0.05 } };

/** A camera whose pictures are converted elsewhere, when `end` is called; each is one level of grey over its upper half. */
async function setUp(nodes: readonly NodeSettings[]) {
  const pool = new FramePool();
  const main = new FakeDetector('main');
  const pipeline = new Pipeline({
    slots: new Map([['main', main]]),
    ...{ sinks: [new FakeSink()], clock: new FakeClock(), tracker: false, parallel: 2 },
    decode: async (frame: Frame) => frame,
    miniature: () => Promise.reject(new Error('a compressed frame was looked for')),
  });
  const source = new FakeSource('front');
  await pipeline.add(source, { settings: { nodes }, policy: 'newest' });
  await pipeline.start();
  const asked: { readonly end: (why?: Error) => Promise<void> }[] = [];
  let early = 0;
  const send = async (light: number) => {
    let ready: Promise<void> | undefined;
    let converted = false;
    const data = new Uint8Array(192 * 108).fill(light, 0, 192 * 54);
    const base = pool.frame('front', { width: 192, height: 108, step: 192 });
    const prepare = () => {
      ready ??= new Promise((resolve, reject) => {
        asked.push({
          end: async (why) => {
            converted = why === undefined;
            if (why === undefined) resolve();
            else reject(why);
            await settle();
          },
        });
      });
      return ready;
    };
    const pixels = {
      get data() {
        if (!converted) early += 1;
        return data;
      },
      prepare,
      release: () => base.pixels.release(),
    };
    void source.receiver!.frame({ ...base, pixels });
    await settle();
  };
  const frames = () => pipeline.stats().nodes.find(({ node }) => node === 'detect')!.frames;
  return { pool, main, asked, send, frames, early: () => early };
}

describe('frames whose pixels are converted on another thread', () => {
  it('come to the detector when they are', async () => {
    const { main, asked, send, pool, early } = await setUp([detect]);
    await send(10);
    expect([main.open.length, asked.length]).toEqual([0, 1]);
    await asked[0]!.end();
    expect(main.open[0]!.frame.pixels.data[0]).toBe(10);
    main.open[0]!.answer([]);
    await settle();
    expect([early(), pool.everyOnce]).toEqual([0, true]);
  });

  it('are not converted where a newer one takes their place', async () => {
    const { main, asked, send, frames, pool } = await setUp([detect]);
    for (const light of [10, 20, 30]) await send(light);
    expect([asked.length, frames().superseded]).toEqual([1, 1]);
    await asked[0]!.end();
    main.open[0]!.answer([]);
    await settle();
    await asked[1]!.end();
    expect(main.open[0]!.frame.pixels.data[0]).toBe(30);
    main.open[0]!.answer([]);
    await settle();
    expect(pool.everyOnce).toBe(true);
  });

  it('that cannot be converted are failures of their node, and the next one goes on', async () => {
    const { main, asked, send, frames, pool } = await setUp([detect]);
    await send(10);
    await asked[0]!.end(new Error('it is cut short'));
    expect([main.open.length, frames().dropped]).toMatchObject([0, { failed: 1 }]);
    await send(20);
    await asked[1]!.end();
    expect(main.open).toHaveLength(1);
    main.open[0]!.answer([]);
    await settle();
    expect(pool.everyOnce).toBe(true);
  });

  it('are looked at for motion when they are, and never before', async () => {
    const { main, asked, send, frames, early } = await setUp([moving]);
    await send(10);
    await asked[0]!.end();
    main.open[0]!.answer([]);
    await settle();
    await send(10);
    await asked[1]!.end();
    await send(200);
    await asked[2]!.end();
    expect([main.open.length, early()]).toEqual([1, 0]);
    expect(frames()).toMatchObject({ received: 3, processed: 1, skipped: { motion: 1 } });
  });
});

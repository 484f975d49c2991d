import { afterEach, describe, expect, it } from 'vitest';
import { StreetFrameSource } from '../../../../src/adapters/street/index.ts';
import type { GoshawkError } from '../../../../src/base/index.ts';
import type { Frame, FrameReceiver } from '../../../../src/perception/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

class Receiver implements FrameReceiver {
  readonly frames: Frame[] = [];
  readonly faults: GoshawkError[] = [];
  ended = 0;
  #arrived: (() => void) | undefined;
  frame(frame: Frame): void {
    this.frames.push(frame);
    this.#arrived?.();
  }
  fault(error: GoshawkError): void {
    this.faults.push(error);
  }
  end(): void {
    this.ended++;
  }
  /** Resolves when `count` frames have come in all. */
  async until(count: number): Promise<void> {
    while (this.frames.length < count)
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
  }
}

const small = { width: 160, height: 90, fps: 10, camera: 'front' };
const opened: StreetFrameSource[] = [];

function create(options: Partial<ConstructorParameters<typeof StreetFrameSource>[0]> = {}) {
  const clock = new FakeClock();
  const source = new StreetFrameSource({ clock, seed: 3, ...small, ...options });
  opened.push(source);
  return { clock, source, receiver: new Receiver() };
}

/** One tick, and the frame that it brings. */
async function tick(clock: FakeClock, receiver: Receiver): Promise<Frame> {
  const count = receiver.frames.length + 1;
  clock.advance(100);
  await receiver.until(count);
  return receiver.frames.at(-1)!;
}

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

// What it promises as a FrameSource is in test/contract/frame-source.ts.
describe('the street as a frame source', () => {
  it('gives rgb8 frames with the stamp of its clock and a sequence from 0', async () => {
    const { clock, source, receiver } = create();
    await source.open(receiver);
    const first = await tick(clock, receiver);
    const stamp = clock.wallNs();
    expect(first).toMatchObject({
      camera: 'front',
      frameId: 'camera_front_optical',
      sequence: 0,
      encoding: 'rgb8',
      width: 160,
      height: 90,
      step: 480,
      stampNs: stamp,
    });
    expect(first.pixels.data.length).toBe(160 * 90 * 3);
    expect(new Set(first.pixels.data).size).toBeGreaterThan(50);
    const second = await tick(clock, receiver);
    expect(second.sequence).toBe(1);
    expect(second.stampNs - stamp).toBe(100_000_000n);
  });

  it('tells the truth of its frames', async () => {
    const { clock, source, receiver } = create();
    await source.open(receiver);
    expect(source.latestTruth).toBeUndefined();
    const frame = await tick(clock, receiver);
    expect(source.latestTruth).toMatchObject({ sequence: 0, stampNs: frame.stampNs });
    expect(source.truthOf(0)?.objects.length).toBeGreaterThan(0);
    expect(source.truthOf(1)).toBeUndefined();
  });

  it('shows the same frames for the same seed', async () => {
    const [a, b] = [create(), create()];
    await a.source.open(a.receiver);
    await b.source.open(b.receiver);
    for (let i = 0; i < 3; i++) {
      const one = await tick(a.clock, a.receiver);
      const two = await tick(b.clock, b.receiver);
      expect(Buffer.compare(one.pixels.data, two.pixels.data)).toBe(0);
      expect(a.source.truthOf(i)?.objects).toEqual(b.source.truthOf(i)?.objects);
    }
  });

  it('loses frames while every buffer is in use, and uses them again after release', async () => {
    const { clock, source, receiver } = create({ buffers: 2 });
    await source.open(receiver);
    const first = await tick(clock, receiver);
    await tick(clock, receiver);
    expect(source.buffersInUse).toBe(2);
    clock.advance(300);
    expect(source.lostFrames).toBe(3);
    expect(receiver.frames.length).toBe(2);
    const { data } = first.pixels;
    first.pixels.release();
    first.pixels.release();
    expect(source.buffersInUse).toBe(1);
    const next = await tick(clock, receiver);
    expect(next.sequence).toBe(5);
    expect(next.pixels.data).toBe(data);
  });

  it('changes its conditions while it runs', async () => {
    const { clock, source, receiver } = create();
    await source.open(receiver);
    await tick(clock, receiver);
    source.setConditions({ black: 5 });
    const dark = await tick(clock, receiver);
    expect(Math.max(...dark.pixels.data)).toBeLessThan(20);
    expect(source.conditions.black).toBe(5);
    source.setConditions({ black: 0, frozen: 1 });
    const frozen = await tick(clock, receiver);
    expect(Buffer.compare(frozen.pixels.data, dark.pixels.data)).toBe(0);
  });

  it('is silent after close and leaves neither timer nor buffer behind', async () => {
    const { clock, source, receiver } = create();
    await source.open(receiver);
    const frame = await tick(clock, receiver);
    clock.advance(100);
    await source.close();
    clock.advance(1000);
    expect(clock.pending).toBe(0);
    expect(receiver.frames.length).toBe(1);
    expect(receiver.faults).toEqual([]);
    expect(source.buffersInUse).toBe(1);
    frame.pixels.release();
    expect(source.buffersInUse).toBe(0);
    await source.close();
  });

  it('refuses a second open', async () => {
    const { source, receiver } = create();
    await source.open(receiver);
    await expect(source.open(receiver)).rejects.toMatchObject({ code: 'street-open' });
  });

  it('reports a painting thread that dies, starts it again and accounts for its buffer', async () => {
    const { clock, source, receiver } = create({ worker: new URL('./dying-worker.ts', import.meta.url) });
    await source.open(receiver);
    clock.advance(100);
    expect(source.buffersInUse).toBe(1);
    while (receiver.faults.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.faults[0]).toMatchObject({ code: 'street-worker' });
    expect(receiver.faults[0]!.message).toContain('out of paint');
    expect(source.buffersInUse).toBe(0);
    clock.advance(1000);
    while (receiver.faults.length < 2) {
      clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await source.close();
    clock.advance(5000);
    expect(clock.pending).toBe(0);
    expect(source.buffersInUse).toBe(0);
  });

  it('can be closed while it opens', async () => {
    const { clock, source, receiver } = create();
    const opening = source.open(receiver);
    await source.close();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['fps', { fps: 0 }],
    ['width', { width: 0 }],
    ['height', { height: 20_000 }],
    ['seed', { seed: Number.NaN }],
  ])('refuses a wrong %s in words', (_, options) => {
    expect(() => create(options)).toThrowError(expect.objectContaining({ code: 'street-options' }));
  });
});

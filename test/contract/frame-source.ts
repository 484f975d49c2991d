import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoshawkError } from '../../src/base/index.ts';
import { checkImage, type Frame, type FrameReceiver, type FrameSource } from '../../src/perception/index.ts';
import { suite } from './suite.ts';

/** A source with what makes its frames come. */
export interface TestCamera {
  readonly source: FrameSource;
  /** One more frame may come: time passes, or somebody publishes. Nothing for a recording, which goes by itself. */
  next(): void;
  /** Frames whose pixels were not given back, where the source knows. */
  held?(): number;
  close?(): void | Promise<void>;
}

export interface TestCameras {
  /** One that goes on for ever. */
  endless(): TestCamera | Promise<TestCamera>;
  /** One that ends after so many frames. */
  readonly ending?: { readonly frames: number; make(): TestCamera };
  /** One whose second picture can't be read. */
  damaged?(): TestCamera | Promise<TestCamera>;
  /** One that can't be opened. */
  absent?(): FrameSource;
  /** One that is not there at first, and comes with `appear`. */
  late?(): TestCamera & { appear(): void };
}

/** What a pipeline expects of any source of frames. */
export function describeFrameSource(name: string, cameras: TestCameras, missing?: string): void {
  suite(`A source of frames: ${name}`, missing, () => {
    let camera: TestCamera;
    let receiver: Receiver;

    beforeEach(() => {
      receiver = new Receiver();
    });
    afterEach(async () => {
      await close();
      await camera.close?.();
    });

    /** A recording waits for its receiver, so nobody may be waited for any more. */
    async function close(): Promise<void> {
      receiver.takeAll();
      await camera.source.close();
    }
    async function until(done: () => boolean): Promise<void> {
      for (let waited = 0; !done(); waited += 1) {
        if (waited > 10_000) throw new Error('It came to nothing');
        receiver.takeOne();
        camera.next();
        await turn();
      }
    }
    async function open(make: () => TestCamera | Promise<TestCamera>): Promise<void> {
      camera = await make();
      await camera.source.open(receiver);
    }

    it('gives frames of its camera that can be read, counted from 0, with stamps that do not go back', async () => {
      await open(cameras.endless);
      await until(() => receiver.frames.length >= 4);
      const frames = receiver.frames.slice(0, 4);
      expect(frames[0]?.sequence).toBe(0);
      for (const [i, frame] of frames.entries()) {
        expect(frame.camera).toBe(camera.source.camera);
        expect(frame.frameId).not.toBe('');
        if (frame.encoding !== 'jpeg')
          checkImage({ ...frame, data: frame.pixels.data, encoding: frame.encoding });
        const before = frames[i - 1];
        if (before === undefined) continue;
        expect(frame.sequence).toBeGreaterThan(before.sequence);
        expect(frame.stampNs).toBeGreaterThanOrEqual(before.stampNs);
      }
    });

    it('leaves the pixels of a frame alone until they are given back, and holds none when all were', async () => {
      await open(cameras.endless);
      await until(() => receiver.frames.length >= 4);
      for (const [i, { pixels }] of receiver.frames.slice(0, 4).entries())
        expect(Buffer.compare(pixels.data, receiver.copies[i]!)).toBe(0);
      await close();
      for (const { pixels } of receiver.frames) pixels.release();
      expect(camera.held?.() ?? 0).toBe(0);
    });

    it('says nothing more after it was closed, and closes twice without complaint', async () => {
      await open(cameras.endless);
      await until(() => receiver.frames.length >= 2);
      await close();
      const { calls } = receiver;
      for (let i = 0; i < 50; i++) {
        camera.next();
        await turn();
      }
      await close();
      expect(receiver.calls).toBe(calls);
      expect(receiver.ends).toBe(0);
    });

    it('can be closed before it is open, and while it opens', async () => {
      camera = await cameras.endless();
      await close();
      await camera.close?.();
      camera = await cameras.endless();
      const opening = camera.source.open(receiver).catch((error: unknown) => error);
      await close();
      const { calls } = receiver;
      const refused = await opening;
      if (refused !== undefined) expect(refused).toBeInstanceOf(GoshawkError);
      for (let i = 0; i < 20; i++) {
        camera.next();
        await turn();
      }
      expect(receiver.calls).toBe(calls);
    });

    const { ending, damaged, absent, late } = cameras;
    if (ending !== undefined)
      it('tells its end once, after its last frame, and waits for its receiver until then', async () => {
        await open(ending.make);
        await until(() => receiver.frames.length > 0);
        for (let i = 0; i < 20; i++) await turn();
        expect(receiver.frames).toHaveLength(1);
        await until(() => receiver.ends > 0);
        expect(receiver.frames.map(({ sequence }) => sequence)).toEqual(
          Array.from({ length: ending.frames }, (_, i) => i),
        );
        await close();
        expect([receiver.ends, receiver.faults]).toEqual([1, []]);
      });

    if (damaged !== undefined)
      it('tells in words of a picture that cannot be read, and goes on', async () => {
        await open(damaged);
        await until(() => receiver.faults.length > 0 && receiver.frames.length >= 3);
        expect(receiver.faults).toHaveLength(1);
        expect(receiver.faults[0]).toBeInstanceOf(GoshawkError);
        await close();
        for (const { pixels } of receiver.frames) pixels.release();
        expect(camera.held?.() ?? 0).toBe(0);
      });

    if (absent !== undefined)
      it('rejects in words where there is nothing to open', async () => {
        camera = { source: absent(), next: () => {} };
        const refusal = await camera.source.open(receiver).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(GoshawkError);
        expect((refusal as GoshawkError).remedy).not.toBe('');
        expect(receiver.calls).toBe(0);
      });

    if (late !== undefined)
      it('says once and in words that its camera is not there, and gives frames when it is', async () => {
        const { appear, ...made } = late();
        await open(() => made);
        await until(() => receiver.losses.length > 0);
        for (let i = 0; i < 50; i++) {
          camera.next();
          await turn();
        }
        expect(receiver.losses).toHaveLength(1);
        expect(receiver.losses[0]).toBeInstanceOf(GoshawkError);
        expect(receiver.losses[0]?.remedy).not.toBe('');
        appear();
        await until(() => receiver.frames.length >= 2);
        expect([receiver.losses.length, receiver.ends]).toEqual([1, 0]);
      });
  });
}

/** Keeps what comes, with a copy of its pixels, and lets a recording wait until it takes the next one. */
class Receiver implements FrameReceiver {
  readonly frames: Frame[] = [];
  readonly copies: Uint8Array[] = [];
  readonly faults: GoshawkError[] = [];
  readonly losses: GoshawkError[] = [];
  ends = 0;
  calls = 0;
  readonly #waiting: (() => void)[] = [];
  #takesAll = false;

  frame(frame: Frame): Promise<void> {
    this.calls += 1;
    this.frames.push(frame);
    this.copies.push(Uint8Array.from(frame.pixels.data));
    return new Promise((resolve) => (this.#takesAll ? resolve() : this.#waiting.push(resolve)));
  }

  fault(error: GoshawkError): void {
    this.calls += 1;
    this.faults.push(error);
  }

  lost(error: GoshawkError): void {
    this.calls += 1;
    this.losses.push(error);
  }

  end(): void {
    this.calls += 1;
    this.ends += 1;
  }

  takeOne(): void {
    this.#waiting.shift()?.();
  }

  takeAll(): void {
    this.#takesAll = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

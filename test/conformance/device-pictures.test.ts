import { existsSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ownPipeline } from '../../device/gstreamer/index.ts';
import {
  type CreateDetector,
  type DetectorHandle,
  type GstPicture,
  type GstPipelineHandle,
  isolation,
  loadGstreamer,
  loadNative,
} from '../../native/index.ts';
import { memoryBits } from '../../src/perception/index.ts';
import { inOwnProcess, nameOf, openEngine, referenceEngine, settings, spec } from './engine-models.ts';
import { missingPlugin, noPictureFiles, titled } from './native-build.ts';

/*
 * Pictures that stay in the memory that they were decoded into, as far as they go where there is no GPU: files in memory stand
 * for a driver's, and the reference device imports them with the arithmetic of the CUDA kernel.
 */

/** Every test looks at pictures of an odd pitch. */
const [width, height] = [322, 242];

class Pictures {
  readonly #waiting: GstPicture[] = [];
  readonly #pipeline: GstPipelineHandle;
  #took: (() => void) | undefined;
  #closed = false;

  constructor(mostHeld = 4, buffers = -1) {
    const text = `videotestsrc pattern=snow num-buffers=${buffers} ! video/x-raw,format=NV12,width=${width},height=${height},framerate=240/1`;
    const { launches, properties } = ownPipeline(text, ['memfd']);
    const options = {
      ...{ launches, properties, keyFramesOnly: false, maxPixels: 1e6, mostHeld },
      deviceMemories: memoryBits(['memfd']),
    };
    this.#pipeline = new (loadGstreamer().GstPipeline)(options, () => this.#take());
  }

  /** The newest one. */
  async next(): Promise<GstPicture> {
    while (this.#waiting.length === 0) {
      if (this.#closed) throw new Error('it has ended');
      await new Promise<void>((resolve) => {
        this.#took = resolve;
      });
    }
    return this.#waiting.shift()!;
  }

  get counts() {
    return this.#pipeline.counts();
  }
  copy = ({ id }: GstPicture) => this.#pipeline.copy(id)!;
  release = ({ id }: GstPicture) => this.#pipeline.release(id);

  async close(): Promise<void> {
    this.#pipeline.stop();
    await vi.waitFor(() => expect(this.#closed).toBe(true), { timeout: 20_000 });
    for (const picture of this.#waiting.splice(0)) this.release(picture);
    this.#pipeline.close();
  }

  #take(): void {
    const taken = this.#pipeline.take();
    if (taken?.picture !== undefined) {
      for (const old of this.#waiting.splice(0)) this.release(old);
      this.#waiting.push(taken.picture);
    }
    this.#closed ||= taken?.events.some(({ kind }) => kind === 'closed') === true;
    this.#took?.();
  }
}

type Faults = Readonly<Record<string, string>>;
const engines = [referenceEngine, inOwnProcess(referenceEngine)];
/** So small that the mean of a picture does not push its box over the edge. */
const input = { ...spec().input, scale: 1 / 16 };
const own: Partial<CreateDetector> = { input, devicePreprocess: true };
const noBytes = new Uint8Array(0);

async function open(engine: (typeof engines)[number], faults: Faults, change: Partial<CreateDetector>) {
  const native = loadNative();
  const handle = await openEngine(engine, 'mean', faults);
  try {
    const described = native.describeEngine(handle);
    const detector = await native.createDetector(handle, spec({ warmUp: false, ...change }));
    return { detector, pid: JSON.parse(described.device).process as number, bits: described.pictureMemories };
  } finally {
    native.closeEngine(handle);
  }
}

const results = async (detector: DetectorHandle, image: { data: Uint8Array; device?: object }) => {
  const frame = { width, height, step: width, encoding: 'nv12', ...image };
  return [
    ...(await loadNative().detect(detector, frame, { ...settings, scoreThreshold: 0.1 }).result).detections,
  ];
};
const where = (picture: GstPicture) => ({ data: noBytes, device: picture.device! });
const files = () => readdirSync('/proc/self/fd').length;

const why =
  missingPlugin('reference') ??
  (isolation() === undefined ? 'the isolation was not built' : undefined) ??
  noPictureFiles();

describe.skipIf(why !== undefined)(titled('Pictures that stay in their memory', why), () => {
  let pictures: Pictures | undefined;
  afterEach(async () => {
    await pictures?.close();
    pictures = undefined;
  });

  it.each(engines.map((engine) => [nameOf(engine), engine] as const))(
    'give the same detections, bit for bit, as the same pictures copied: %s',
    async (_name, engine) => {
      const ways = [
        await open(engine, { picture_memories: '2' }, own),
        // It takes none of that memory: the planes are put together for its letterbox.
        await open(engine, { picture_memories: '4' }, own),
        // The processor's letterbox reads them where they are.
        await open(engine, {}, { input }),
      ];
      expect(ways.map(({ bits }) => bits)).toEqual([2, 4, 0]);
      pictures = new Pictures();
      const seen = new Set<string>();
      for (let i = 0; i < 12; i++) {
        const picture = await pictures.next();
        expect(picture).toMatchObject({ width, height, memory: 'memfd' });
        for (const { detector } of ways) {
          const there = await results(detector, where(picture));
          expect(there.length).toBeGreaterThan(0);
          expect(there).toEqual(await results(detector, { data: pictures.copy(picture) }));
          seen.add(there.join());
        }
        pictures.release(picture);
      }
      // Snow: had nobody read the pictures, all would be alike.
      expect(seen.size).toBeGreaterThanOrEqual(12);
      await Promise.all(ways.map(({ detector }) => loadNative().closeDetector(detector)));
    },
  );

  it('are held up to a bound, are copied beyond it, and all go back', async () => {
    pictures = new Pictures(2);
    const held: GstPicture[] = [];
    while (held.length < 6) held.push(await pictures.next());
    const inPlace = held.filter(({ device }) => device !== undefined);
    expect(inPlace.length).toBeGreaterThan(0);
    expect(inPlace.length).toBeLessThanOrEqual(2);
    expect(held.filter(({ bytes }) => bytes?.length === width * height * 1.5)).toHaveLength(
      held.length - inPlace.length,
    );
    expect(pictures.counts.held).toBeLessThanOrEqual(2);
    expect(pictures.counts.copied).toBeGreaterThan(0);
    for (const picture of held) pictures.release(picture);
    const { inDeviceMemory } = pictures.counts;
    while (pictures.counts.inDeviceMemory <= inDeviceMemory) pictures.release(await pictures.next());
    const still = pictures;
    await pictures.close();
    pictures = undefined;
    expect(still.counts.held).toBe(0);
  });

  it('stay good for who holds them after their pipeline is over', async () => {
    const { detector } = await open(referenceEngine, { picture_memories: '2' }, own);
    const over = new Pictures();
    const picture = await over.next();
    const there = await results(detector, where(picture));
    await over.close();
    expect(await results(detector, where(picture))).toEqual(there);
    expect(await results(detector, { data: over.copy(picture) })).toEqual(there);
    over.release(picture);
    await loadNative().closeDetector(detector);
  });

  it('are refused in words once they were released', async () => {
    pictures = new Pictures();
    const { detector } = await open(referenceEngine, { picture_memories: '2' }, own);
    const picture = await pictures.next();
    pictures.release(picture);
    await expect(async () => results(detector, where(picture))).rejects.toThrow(
      'released before it was looked at',
    );
    expect(pictures.copy(picture)).toBeNull();
    await loadNative().closeDetector(detector);
  });

  it('that cannot be imported fail alone', async () => {
    pictures = new Pictures();
    const { detector } = await open(engines[1]!, { picture_memories: '2', no_import_at: '2' }, own);
    const codes: string[] = [];
    for (let i = 0; i < 3; i++) {
      const picture = await pictures.next();
      codes.push(
        await results(detector, where(picture)).then(
          () => 'done',
          ({ code }) => code,
        ),
      );
      pictures.release(picture);
    }
    expect(codes).toEqual(['done', 'native-engine', 'done']);
    await loadNative().closeDetector(detector);
  });

  it.each(['in their memory', 'copied'])(
    '%s whose letterbox hangs cost the engine its process, and nobody waits for ever',
    async (kind) => {
      pictures = new Pictures();
      const faults = { picture_memories: '2', hang_letterbox_at: '2', 'isolate.letterbox_ms': '500' };
      const { detector, pid } = await open(engines[1]!, faults, own);
      const codes: string[] = [];
      for (let i = 0; i < 3; i++) {
        const picture = await pictures.next();
        const image = kind === 'copied' ? { data: pictures.copy(picture) } : where(picture);
        codes.push(
          await results(detector, image).then(
            () => 'done',
            ({ code }) => code,
          ),
        );
        pictures.release(picture);
      }
      expect(codes).toEqual(['done', 'native-device-lost', 'native-device-lost']);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      await loadNative().closeDetector(detector);
    },
  );

  it('are forgotten by the engine when their pipeline is over, and are mapped once while it plays', async () => {
    const { detector, pid } = await open(engines[1]!, { picture_memories: '2' }, own);
    const held = () => readdirSync(`/proc/${pid}/fd`).length;
    const before = held();
    pictures = new Pictures();
    for (let i = 0; i < 60; i++) {
      const picture = await pictures.next();
      await results(detector, where(picture));
      pictures.release(picture);
    }
    // A pool has a few buffers, however many pictures came.
    expect(held()).toBeGreaterThan(before);
    expect(held()).toBeLessThan(before + 20);
    await pictures.close();
    pictures = undefined;
    await vi.waitFor(() => expect(held()).toBe(before), { timeout: 20_000 });
    await loadNative().closeDetector(detector);
  });

  it('leave no descriptor behind: 1,000 pictures, and 50 engines that were killed with one', async () => {
    const before = files();
    const { detector } = await open(engines[1]!, { picture_memories: '2' }, own);
    pictures = new Pictures();
    for (let i = 0; i < 1000; i++) {
      const picture = await pictures.next();
      await results(detector, where(picture));
      pictures.release(picture);
    }
    await loadNative().closeDetector(detector);
    for (let i = 0; i < 50; i++) {
      const killed = await open(engines[1]!, { picture_memories: '2' }, own);
      const picture = await pictures.next();
      const under = [results(killed.detector, where(picture)), results(killed.detector, where(picture))];
      process.kill(killed.pid, 'SIGKILL');
      for (const one of await Promise.allSettled(under))
        expect(one.status === 'fulfilled' ? 'native-device-lost' : one.reason.code).toBe(
          'native-device-lost',
        );
      pictures.release(picture);
      await loadNative().closeDetector(killed.detector);
      expect(existsSync(`/proc/${killed.pid}`)).toBe(false);
    }
    const { counts } = pictures;
    await pictures.close();
    pictures = undefined;
    expect(counts.held).toBeLessThanOrEqual(4);
    await vi.waitFor(() => expect(files()).toBeLessThanOrEqual(before + 2), { timeout: 20_000 });
  });
});

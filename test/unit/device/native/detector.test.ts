import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  NativeDetector,
  type NativeDetectorOptions,
  nativeEngines,
} from '../../../../device/native/index.ts';
import { pluginPath } from '../../../../native/index.ts';
import { OnnxruntimeDetector } from '../../../../src/adapters/onnxruntime/index.ts';
import {
  type GoshawkError,
  InputError,
  type LogFields,
  MissingError,
  silentLog,
} from '../../../../src/base/index.ts';
import type { Manifest } from '../../../../src/model/index.ts';
import { defaultDetectionSettings, type Frame, thumbnail } from '../../../../src/perception/index.ts';
import { layersOf } from '../../../../src/runtime/engines/detectors.ts';
import { referenceModel, temporaryFolder } from '../../../conformance/engine-models.ts';
import { missingPlugin, titled } from '../../../conformance/native-build.ts';
import { headOf } from '../../../fixtures/head.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

const why = missingPlugin('onnxruntime');
const settings = defaultDetectionSettings;
const open: NativeDetector[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((detector) => detector.close()));
});

async function create(
  options: NativeDetectorOptions & { readonly manifest?: Partial<Manifest> } = {},
): Promise<NativeDetector> {
  const { manifest, ...rest } = options;
  const detector = await NativeDetector.create(tinyBundle(manifest), { modelBytes: tinyOnnx(), ...rest });
  open.push(detector);
  return detector;
}

function frame(change: Partial<Frame> = {}, data = new Uint8Array(64 * 64 * 3)): Frame {
  return {
    camera: 'front',
    sequence: 0,
    stampNs: 0n,
    frameId: 'front_optical',
    width: 64,
    height: 64,
    encoding: 'rgb8',
    step: 192,
    pixels: { data, release() {} },
    ...change,
  };
}

const failure = (work: Promise<unknown>): Promise<GoshawkError> =>
  work.then(
    () => expect.unreachable('it should have been refused'),
    (error: GoshawkError) => error,
  );

// What it promises as a Detector is in test/contract/detector.ts.
describe.skipIf(why !== undefined)(titled('The native detector', why), () => {
  const unlimited = /Max locked memory +unlimited/.test(readFileSync('/proc/self/limits', 'utf8'));
  it(`runs in a process of its own where memory is to be locked (here ${unlimited ? 'it may' : 'that is refused'})`, async () => {
    const opening = create({ lockMemory: true });
    // Only that process asks for it.
    if (unlimited) expect((await opening).capacity).toBe(1);
    else expect(await failure(opening)).toMatchObject({ code: 'native-memory-lock' });
  });

  it('says the same of a frame as the detector in a worker thread', async () => {
    const native = await create();
    const worker = await OnnxruntimeDetector.create(tinyBundle(), { modelBytes: tinyOnnx() });
    const picture = frame();
    const a = await native.detect(picture, settings);
    const b = await worker.detect(picture, settings);
    await worker.close();
    expect(a.detections).toEqual(b.detections);
    expect(a.detections.length).toBeGreaterThan(0);
    expect(a.candidates).toBe(b.candidates);
    expect(native.identity).toEqual({ ...worker.identity, engine: 'onnxruntime' });
    expect(a.timings.inferMs).toBeGreaterThan(0);
  });

  it('runs frames together where the model lets it, and says why where it does not', async () => {
    const said: unknown[] = [];
    const log = { ...silentLog, warn: (_: string, fields?: LogFields) => said.push(fields?.reason) };
    const fixed = await create({ capacity: 2, maxBatch: 4, log });
    expect([fixed.capacity, said]).toEqual([2, ['the first dimension of images is fixed (1x3x32x32)']]);
    const { input } = tinyBundle().manifest;
    const free = await create({
      capacity: 2,
      maxBatch: 4,
      modelBytes: readFileSync(path.join(import.meta.dirname, '../../../fixtures/native/batch.onnx')),
      manifest: {
        labels: ['car', 'person'],
        input: { ...input, width: 64, height: 64 },
        output: headOf('yolov5', 2),
      },
    });
    expect(free.capacity).toBe(8);
    const results = await Promise.all(Array.from({ length: 8 }, () => free.detect(frame(), settings)));
    for (const { detections } of results) expect(detections).toHaveLength(2);
  });

  it.skipIf(missingPlugin('reference') !== undefined)(
    'tells what every layer of a compiled engine computes in, and names its precision after most of them',
    async () => {
      const inspector = {
        Layers: [
          {
            Name: 'conv1',
            LayerType: 'CaskConvolution',
            Inputs: [{ 'Format/Datatype': 'Int8' }],
            Outputs: [],
          },
          {
            Name: 'conv2',
            LayerType: 'CaskConvolution',
            Inputs: [{ 'Format/Datatype': 'Int8' }],
            Outputs: [],
          },
          {
            Name: 'head',
            LayerType: 'CaskConvolution',
            Inputs: [{ 'Format/Datatype': 'Half' }],
            Outputs: [],
          },
        ],
      };
      const planPath = path.join(temporaryFolder(), 'engine.plan');
      writeFileSync(
        planPath,
        referenceModel('fixed').replace('values', `inspector ${JSON.stringify(inspector)}\nvalues`),
      );
      const { input } = tinyBundle().manifest;
      const detector = await NativeDetector.create(
        tinyBundle({
          labels: ['car', 'person'],
          input: { ...input, width: 64, height: 64 },
          output: headOf('yolov5', 2),
        }),
        { engine: 'tensorrt', plugin: pluginPath('reference') ?? '', plan: planPath },
      );
      open.push(detector);
      expect(detector.identity.precision).toBe('int8+fp16');
      expect(detector.layers.map(({ name, precision }) => `${name} ${precision}`)).toEqual([
        'conv1 int8',
        'conv2 int8',
        'head fp16',
      ]);
      expect(await layersOf(detector)).toEqual(detector.layers);
    },
  );

  it('gives a thumbnail at a frame that came compressed: the one that the decoded picture gives', async () => {
    const [width, height] = [64, 48];
    // Smooth, since the detector may decode it at half its size.
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return [x * 4, y * 5, 128][i % 3]!;
    });
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const decoded = await sharp(jpeg).raw().toBuffer();
    const detector = await create();
    const packed = frame({ encoding: 'jpeg', width, height, step: 0 }, jpeg);
    const { thumbnail: seen } = await detector.detect(packed, { ...settings, thumbnail: true });
    const same = thumbnail({ data: decoded, width, height, step: width * 3, encoding: 'rgb8' });
    // Two builds of one library may round a colour differently.
    expect(seen?.red).toBeCloseTo(same.red, 2);
    expect(seen?.green).toBeCloseTo(same.green, 2);
    for (const [i, grey] of (seen?.grey ?? []).entries())
      expect(Math.abs(grey - same.grey[i]!)).toBeLessThanOrEqual(6);
    expect(seen?.grey).toHaveLength(same.grey.length);
  });

  it('blames a compressed frame that is too large, and not itself', async () => {
    const wide = await sharp({ create: { width: 20_000, height: 2, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const packed = frame({ encoding: 'jpeg', width: 20_000, height: 2, step: 0 }, wide);
    expect(await failure((await create()).detect(packed, settings))).toBeInstanceOf(InputError);
  });

  it('tells once that a slot hung and was given up, and answers again', async () => {
    const planPath = path.join(temporaryFolder(), 'model.plan');
    writeFileSync(planPath, referenceModel('fixed'));
    const { input } = tinyBundle().manifest;
    const told: string[] = [];
    const detector = await NativeDetector.create(
      tinyBundle({
        labels: ['car', 'person'],
        input: { ...input, width: 64, height: 64, fit: 'stretch' },
        output: headOf('yolov5', 2),
      }),
      {
        engine: 'tensorrt',
        plan: planPath,
        plugin: pluginPath('reference') ?? '',
        deviceOptions: { hang_at: '3', hang_once: '1' },
        timeoutMs: 1000,
        giveUpMs: 100,
        onLeftBehind: ({ engine }) => told.push(engine),
      },
    );
    expect((await failure(detector.detect(frame(), settings))).code).toBe('native-timeout');
    await vi.waitFor(() => expect(told).toEqual(['tensorrt']), { timeout: 20_000 });
    await vi.waitFor(() => detector.detect(frame(), settings), { timeout: 20_000 });
    expect(told).toHaveLength(1);
    // A thread of it is left behind in this process: closing waits for it in vain, as long as it does for any.
    void detector.close();
  });

  it.each([
    ['bytes that are no model', { modelBytes: new Uint8Array([1, 2, 3]) }, InputError, 'native-corrupt'],
    ['labels that do not fit', { manifest: { labels: ['one', 'two'] } }, InputError, 'model-output'],
    ['tensorrt without a plan', { engine: 'tensorrt' }, MissingError, /engine-(missing|plan)/],
  ] as [string, Parameters<typeof create>[0], new (...args: never[]) => GoshawkError, string | RegExp][])(
    'refuses %s with what to do',
    async (_, options, kind, code) => {
      const error = await failure(create(options));
      expect(error).toBeInstanceOf(kind);
      expect(error.code).toMatch(code);
      expect(error.remedy).not.toBe('');
    },
  );

  it('is listed among the engines of the machine', () => {
    expect(nativeEngines().find(({ engine }) => engine === 'onnxruntime')).toMatchObject({ available: true });
  });
});

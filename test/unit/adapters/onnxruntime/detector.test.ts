import { afterEach, describe, expect, it } from 'vitest';
import {
  OnnxruntimeDetector,
  type OnnxruntimeDetectorOptions,
  readOnnx,
} from '../../../../src/adapters/onnxruntime/index.ts';
import { jpegDecoderUrl } from '../../../../src/adapters/sharp/index.ts';
import { type GoshawkError, InputError } from '../../../../src/base/index.ts';
import type { Manifest } from '../../../../src/model/index.ts';
import { defaultDetectionSettings, type Encoding, type Frame } from '../../../../src/perception/index.ts';
import { tinyBundle } from '../../../fixtures/tiny-bundle.ts';
import { type TinyModel, tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

const settings = defaultDetectionSettings;
const open: OnnxruntimeDetector[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((detector) => detector.close()));
});

async function create(
  options: OnnxruntimeDetectorOptions & {
    readonly model?: TinyModel;
    readonly manifest?: Partial<Manifest>;
  } = {},
): Promise<OnnxruntimeDetector> {
  const { model, manifest, ...rest } = options;
  const detector = await OnnxruntimeDetector.create(tinyBundle(manifest), {
    modelBytes: tinyOnnx(model),
    ...rest,
  });
  open.push(detector);
  return detector;
}

function frame(width = 64, height = 64, encoding: Encoding = 'rgb8', data?: Uint8Array): Frame {
  return {
    camera: 'front',
    sequence: 0,
    stampNs: 0n,
    frameId: 'front_optical',
    width,
    height,
    encoding,
    step: encoding === 'jpeg' ? 0 : width * 3,
    pixels: { data: data ?? new Uint8Array(width * height * 3), release() {} },
  };
}

const failure = (work: Promise<unknown>): Promise<GoshawkError> =>
  work.then(
    () => expect.unreachable('it should have been refused'),
    (error: GoshawkError) => error,
  );

// What it promises as a Detector is in test/contract/detector.ts.
describe('A detector in a worker thread', () => {
  it('says who it is', async () => {
    const { identity } = await create();
    expect(identity).toMatchObject({
      model: 'tiny',
      engine: 'onnxruntime-node',
      precision: 'fp32',
      inputWidth: 32,
    });
  });

  it('reads pixels that lie in shared memory already', async () => {
    const detector = await create();
    const shared = new Uint8Array(new SharedArrayBuffer(64 * 64 * 3));
    expect((await detector.detect(frame(64, 64, 'rgb8', shared), settings)).detections).toHaveLength(1);
  });

  it('decodes compressed frames in the worker, and refuses a broken one in words', async () => {
    const { default: sharp } = await import('sharp');
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const detector = await create({ jpegDecoderModule: jpegDecoderUrl });
    const { detections, thumbnail } = await detector.detect(frame(64, 48, 'jpeg', jpeg), {
      ...settings,
      thumbnail: true,
    });
    expect(detections).toHaveLength(1);
    // What is seen of the sensor is the red picture.
    expect(thumbnail).toMatchObject({ blue: 0, red: expect.closeTo(1, 1) });
    const error = await failure(detector.detect(frame(64, 48, 'jpeg', jpeg.subarray(0, 200)), settings));
    expect(error.code).toBe('picture-broken');
    const wide = await sharp({ create: { width: 20_000, height: 2, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const large = await failure(detector.detect(frame(20_000, 2, 'jpeg', wide), settings));
    // At fault is the frame, and not the detector.
    expect(large).toBeInstanceOf(InputError);
    expect(large.code).toBe('picture-too-large');
  });

  it('rejects the frame of a worker that dies, starts again with the next, and gives up in the end', async () => {
    const detector = await create({
      jpegDecoderModule: new URL('../../../fixtures/crashing-jpeg.mjs', import.meta.url).href,
      maxRestarts: 1,
    });
    const crash = await failure(detector.detect(frame(64, 64, 'jpeg'), settings));
    expect(crash.code).toBe('detector-crashed');
    expect(crash.message).toContain('the decoder blew up');
    expect((await detector.detect(frame(), settings)).detections).toHaveLength(1);
    expect((await failure(detector.detect(frame(64, 64, 'jpeg'), settings))).code).toBe('detector-crashed');
    expect((await failure(detector.detect(frame(), settings))).code).toBe('detector-gave-up');
  });
});

describe('A detector whose worker hangs', () => {
  it('can be closed all the same, and its frame is given up', async () => {
    const detector = await create({
      jpegDecoderModule: new URL('../../../fixtures/hanging-jpeg.mjs', import.meta.url).href,
      closeTimeoutMs: 100,
    });
    const stuck = failure(detector.detect(frame(64, 64, 'jpeg'), settings));
    await detector.close();
    expect((await stuck).code).toBe('cancelled');
  });
});

describe('A model that does not fit', () => {
  it.each([
    ['is cut short', tinyOnnx().subarray(0, 150), 'onnx-file', /cut short/],
    [
      'is noise',
      Uint8Array.from({ length: 500 }, (_, index) => (index * 7919) % 251),
      'onnx-file',
      /not|cut short/,
    ],
    [
      'is a PyTorch checkpoint',
      new TextEncoder().encode('PK\u0003\u0004archive/data.pkl'),
      'onnx-file',
      /zip archive/,
    ],
  ])('is refused in words when it %s', async (_what, modelBytes, code, words) => {
    const error = await failure(OnnxruntimeDetector.create(tinyBundle(), { modelBytes }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(error.remedy).not.toBe('');
  });

  it('is refused when its graph is damaged although its header is whole', async () => {
    const bytes = tinyOnnx();
    // The operator's name: no such operator exists.
    const at = Buffer.from(bytes).indexOf('Identity');
    bytes.set(new TextEncoder().encode('Identitx'), at);
    const error = await failure(OnnxruntimeDetector.create(tinyBundle(), { modelBytes: bytes }));
    expect(error.code).toBe('model-load');
    expect(error.message).toContain('Identitx');
  });

  it.each<[string, TinyModel, Partial<Manifest>, string, RegExp]>([
    [
      'its input has another size',
      { input: { shape: [1, 3, 64, 64] } },
      {},
      'model-input-shape',
      /1x3x64x64/,
    ],
    ['its input has another name', { input: { name: 'data' } }, {}, 'model-input-name', /"images".*"data"/],
    ['its output has another name', { output: { name: 'boxes_out' } }, {}, 'model-output', /"output"/],
    ['its output has other boxes', { output: { shape: [1, 20, 6] } }, {}, 'model-output', /20/],
    [
      'the labels are others',
      {},
      { labels: ['a', 'b', 'c'] },
      'model-output',
      /8 values along the last axis/,
    ],
  ])('is refused because %s', async (_why, model, manifest, code, words) => {
    const error = await failure(create({ model, manifest }));
    expect(error.code).toBe(code);
    expect(error.explain()).toMatch(words);
  });

  it('is refused, with the cause and what to do, when it loads and fails its trial run', async () => {
    const error = await failure(create({ model: { failsAtRun: true } }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.code).toBe('model-trial');
    expect(error.message).toMatch(/tiny 1\.0\.0 \(fp32\) loads, but fails on a picture of 32x32: .*reshape/i);
    expect(error.remedy).toMatch(/export it again/);
  });

  it('is refused when its file is not there', async () => {
    const error = await failure(OnnxruntimeDetector.create(tinyBundle()));
    expect(error.code).toBe('file-missing');
    expect((await failure(readOnnx('/nowhere/model.onnx'))).code).toBe('file-missing');
  });
});

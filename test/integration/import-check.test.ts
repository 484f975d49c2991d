import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NativeDetector } from '../../device/native/index.ts';
import { exportStreet, type Form, type Pixels } from '../../models/tutorial/head.ts';
import { digestOf, writeBundle } from '../../src/adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../src/adapters/onnxruntime/index.ts';
import { type ContractOverrides, parseLabels } from '../../src/model/index.ts';
import {
  type Detection,
  defaultDetectionSettings,
  type Frame,
  type Image,
} from '../../src/perception/index.ts';
import { checkOnPictures, type PictureCheck } from '../../src/workbench/import/check-network.ts';
import { type CheckPictures, drawPictures, openPictures } from '../../src/workbench/import/check-pictures.ts';
import { type Contracts, chooseContracts } from '../../src/workbench/import/choose-contracts.ts';
import { readNetwork } from '../../src/workbench/import/network-file.ts';
import { missingPlugin, titled } from '../conformance/native-build.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { goshawk, jsonLines, projectRoot, sharedData } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const labelsFile = join(projectRoot, 'models/street/labels.txt');
const street = readFileSync(join(projectRoot, 'models/street/street.onnx'));
let drawn: CheckPictures;
beforeAll(() => {
  drawn = drawPictures();
});

interface Checked {
  readonly contracts: Contracts;
  readonly check: PictureCheck;
}

/** What `goshawk model import` does before it writes anything. */
async function check(
  file: string,
  labelsIn: string,
  overrides: ContractOverrides = {},
  decoder?: string,
  pictures = drawn,
): Promise<Checked> {
  const { bytes, network } = await readNetwork(file, undefined);
  const labels = parseLabels(readFileSync(labelsIn, 'utf8'), 'labels');
  const contracts = chooseContracts(network, labels, overrides, decoder);
  return {
    contracts,
    check: await checkOnPictures({ bytes, network, labels, contracts, overrides }, pictures),
  };
}

function exported(form: Form, pixels: Pixels): string {
  const file = join(temporaryFolder(), 'best.onnx');
  writeFileSync(file, exportStreet(street, form, pixels));
  return file;
}

describe('A network that other tools exported is fed and read as it was made', () => {
  it.each<[Form, Pixels, string, number]>([
    ['yolov5', 'unit', 'yolov5', 1 / 255],
    ['yolov5', 'raw', 'yolov5', 1],
    ['yolov8', 'bytes', 'yolov8', 1],
    ['yolov10', 'unit', 'yolov10', 1 / 255],
    ['yolov10', 'bytes', 'yolov10', 1],
  ])('%s with pixels %s', async (form, pixels, decoder, scale) => {
    const { contracts, check: said } = await check(exported(form, pixels), labelsFile);
    expect(contracts.output.family).toBe(decoder);
    expect(contracts.input.scale).toBe(scale);
    expect(said).toMatchObject({ pictures: '8 drawn pictures of a street' });
    expect(said.findings).toBeGreaterThan(50);
    expect(said.labels[0]).toBe('car');
    expect(said.best).toBeGreaterThan(0.8);
  });

  it('and finds the same, whatever takes its pixels', async () => {
    const found = await Promise.all(
      (['unit', 'raw', 'bytes'] as const).map(
        async (pixels) => (await check(exported('yolov8', pixels), labelsFile)).check.findings,
      ),
    );
    expect(new Set(found).size).toBe(1);
  });
});

const noPlugin = missingPlugin('onnxruntime');
describe('A network that chooses its boxes itself gives the same boxes as the one that it was made from, without NMS', () => {
  async function detections(form: Form, engine: 'node' | 'native'): Promise<readonly Detection[]> {
    const { bytes, network } = await readNetwork(exported(form, 'unit'), undefined);
    const labels = parseLabels(readFileSync(labelsFile, 'utf8'), 'labels');
    const contracts = chooseContracts(network, labels, {});
    const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
    const manifest = tinyManifest({ labels: [...labels], ...contracts, variants: [{ kind: 'fp32', file }] });
    const out = join(temporaryFolder(), 'bundle');
    const bundle = await writeBundle(out, manifest, new Map([[file.path, bytes]]));
    const detector = await (engine === 'node' ? OnnxruntimeDetector : NativeDetector).create(bundle);
    // No IoU is above 1, so NMS leaves all of yolov5's boxes.
    const settings = { ...defaultDetectionSettings, iouThreshold: form === 'yolov5' ? 1 : 0 };
    const { detections: found } = await detector.detect(frameOf(drawn.pictures[0]!), settings);
    await detector.close();
    return found;
  }

  async function expectSame(engine: 'node' | 'native'): Promise<void> {
    const [one, other] = [await detections('yolov5', engine), await detections('yolov10', engine)];
    expect(other.length).toBeGreaterThan(50);
    expect(other).toHaveLength(one.length);
    expect(one.filter((box) => !other.some((same) => isSame(box, same)))).toEqual([]);
  }

  it('in a worker', () => expectSame('node'));
  it.skipIf(noPlugin !== undefined)(titled('in the native data plane', noPlugin), () => expectSame('native'));
});

function isSame(one: Detection, other: Detection): boolean {
  const sides = ['x1', 'y1', 'x2', 'y2'] as const;
  return (
    one.label === other.label &&
    Math.abs(one.score - other.score) < 1e-4 &&
    sides.every((side) => Math.abs(one.box[side] - other.box[side]) < 1e-2)
  );
}

function frameOf({ width, height, step, encoding, data }: Image): Frame {
  const pixels = { data, release() {} };
  return { camera: 'front', sequence: 0, stampNs: 0n, frameId: '', width, height, step, encoding, pixels };
}

describe('What is implausible is refused with its probable cause', () => {
  const small = { scale: 1 / 255 };
  it.each<[string, Form, Pixels, ContractOverrides, string | undefined, RegExp, RegExp]>([
    [
      'pixels that are normalised twice',
      'yolov5',
      'raw',
      small,
      undefined,
      /picture of one grey\. With --scale 1 it finds/,
      /with --scale 1,/,
    ],
    [
      'pixels that are not normalised',
      'yolov8',
      'unit',
      { scale: 1 },
      undefined,
      /With --scale 0\.0039/,
      /--scale 0\.0039/,
    ],
    [
      'boxes of an RT-DETR whose output was turned',
      'rt-detr-turned',
      'unit',
      {},
      'yolov8',
      /within a few pixels.*parts of the picture/,
      /another --decoder/,
    ],
  ])('%s', async (_what, form, pixels, overrides, decoder, words, remedy) => {
    await expect(check(exported(form, pixels), labelsFile, overrides, decoder)).rejects.toMatchObject({
      code: 'model-implausible',
      message: expect.stringMatching(words),
      remedy: expect.stringMatching(remedy),
    });
  });

  it('too few labels for a network that tells its classes by number', async () => {
    const names = join(temporaryFolder(), 'names.txt');
    writeFileSync(names, 'car\n');
    await expect(check(exported('yolov10', 'unit'), names)).rejects.toMatchObject({
      code: 'model-implausible',
      message: expect.stringMatching(/class without a label/),
    });
  });

  it.each<[string, Form, ContractOverrides, string, RegExp]>([
    ['bytes that are scaled to 0 and 1', 'yolov8', small, 'model-input-range', /holds bytes/],
  ])('%s, before it is run', async (_what, form, overrides, code, words) => {
    await expect(check(exported(form, 'bytes'), labelsFile, overrides)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
  });
});

const models = join(sharedData, 'models');
const absent = existsSync(models) ? '' : ' (skipped: ../shared/data is absent)';
describe.skipIf(absent !== '')(`Real networks${absent}`, () => {
  const coco = join(models, 'coco80.txt');
  const nano = join(models, 'yolox-nano/yolox_nano.onnx');
  const fastest = join(models, 'fastestdet/FastestDet.onnx');

  it.each<[string, string, string]>([
    ['YOLOX-Nano', nano, 'yolox'],
    ['FastestDet', fastest, 'fastestdet'],
  ])('%s finds persons in photographs, and cars in drawn streets', async (_name, file, decoder) => {
    const photographs = await openPictures(join(sharedData, 'coco-evaluation/images'));
    expect(photographs.pictures).toHaveLength(16);
    const real = await check(file, coco, {}, decoder, photographs);
    expect(real.check.labels[0]).toBe('person');
    const { check: said } = await check(file, coco, {}, decoder);
    expect(said.labels).toContain('car');
  });

  // Both were trained with bgr.
  it.each<[string, string, string, string]>([
    ['YOLOX-Nano', nano, 'yolox', 'coco-evaluation'],
    ['YOLOX-Nano', nano, 'yolox', 'coco-calibration'],
    ['FastestDet', fastest, 'fastestdet', 'coco-evaluation'],
    ['FastestDet', fastest, 'fastestdet', 'coco-calibration'],
  ])('%s tells from photographs that red and blue are swapped', async (_name, file, decoder, set) => {
    const photographs = await openPictures(join(sharedData, set, 'images'));
    const right = await check(file, coco, { colorOrder: 'bgr' }, decoder, photographs);
    expect(right.check.otherOrder).toBeUndefined();
    const { otherOrder } = (await check(file, coco, { colorOrder: 'rgb' }, decoder, photographs)).check;
    expect(otherOrder).toMatchObject({ order: 'bgr', pictures: 64 });
    expect(otherOrder!.other).toBeGreaterThan(otherOrder!.own);
  });

  it.each<[string, string, string, number, RegExp]>([
    ['YOLOX-Nano', nano, 'yolox', 1 / 255, /finds nothing.*With --scale 1 it finds/],
    ['FastestDet', fastest, 'fastestdet', 1, /picture of one grey.*With --scale 0\.0039/],
    ['YOLOX-Nano', nano, 'yolov5', 1, /(finds nothing|few pixels).*With --decoder yolox it finds/],
  ])('%s is refused with another scale or decoder', async (_name, file, decoder, scale, words) => {
    await expect(check(file, coco, { scale }, decoder)).rejects.toMatchObject({
      code: 'model-implausible',
      message: expect.stringMatching(words),
    });
  });
});

describe('goshawk model import', () => {
  async function importing(file: string, ...more: readonly string[]) {
    const out = join(temporaryFolder(), 'bundle');
    const ran = await goshawk('model', 'import', file, '--labels', labelsFile, '--out', out, ...more);
    return { ran, written: existsSync(join(out, 'manifest.json')) };
  }

  it('says what the network found, and where', async () => {
    const { ran, written } = await importing(exported('yolov10', 'unit'), '--json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(ran.stdout)[0]).toMatchObject({
      output: { family: 'yolov10' },
      check: { pictures: '8 drawn pictures of a street', findings: expect.any(Number) },
    });
    expect(written).toBe(true);
  });

  it('checks with the given pictures, writes no bundle if it finds no objects, and skips the check on request', async () => {
    const { default: sharp } = await import('sharp');
    const folder = join(temporaryFolder(), 'plain');
    mkdirSync(folder);
    for (const grey of [104, 109, 114]) {
      const create = {
        width: 640,
        height: 360,
        channels: 3 as const,
        background: { r: grey, g: grey, b: grey },
      };
      await sharp({ create })
        .png()
        .toFile(join(folder, `${grey}.png`));
    }
    const file = exported('yolov8', 'unit');
    const refused = await importing(file, '--check', folder);
    expect(refused.ran.code).toBe(3);
    expect(refused.ran.stderr).toMatch(/On 3 pictures of .*plain it finds nothing/);
    expect(refused.ran.stderr).toMatch(/ {2}-> .*--check <folder>.*--no-check/);
    expect(refused.written).toBe(false);
    const unchecked = await importing(file, '--no-check');
    expect(unchecked.ran.code, unchecked.ran.stderr).toBe(0);
    expect(unchecked.ran.stdout).toMatch(/check +none/);
    expect(unchecked.written).toBe(true);
  });
});

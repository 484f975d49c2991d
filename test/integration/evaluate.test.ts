import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { goshawk, jsonLines, pictureFolder, sharedData, tinyBundleFolder } from './goshawk.ts';

const labels = join(sharedData, 'models/coco80.txt');
const absent = existsSync(labels) ? '' : ' (skipped: the shared data is absent)';

async function setUp() {
  const base = temporaryFolder();
  const pictures = await pictureFolder(base, 4);
  const truth = join(base, 'truth');
  mkdirSync(truth);
  return { base, pictures, truth, bundle: await tinyBundleFolder(base) };
}

/** A real network in a bundle, on the labelled photographs. */
async function evaluated(decoder: string, file: string, ...more: readonly string[]) {
  const bundle = join(temporaryFolder(), 'bundle');
  const made = await goshawk(
    ...['model', 'import', join(sharedData, 'models', file), '--decoder', decoder, '--labels', labels],
    ...['--out', bundle, ...more],
  );
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const set = join(sharedData, 'coco-evaluation');
  const ran = await goshawk(
    ...['model', 'evaluate', bundle, '--images', join(set, 'images'), '--labels', join(set, 'labels')],
    ...['--engine', 'onnxruntime-node', '--json'],
  );
  expect(ran.code).toBe(0);
  return jsonLines(ran.stdout)[0];
}

describe('goshawk model evaluate', () => {
  it('gives mAP 1 where every object is found where it is', async () => {
    const { base, bundle, pictures, truth } = await setUp();
    for (let index = 0; index < 4; index += 1)
      writeFileSync(join(truth, `${index}.txt`), '0 0.25 0.25 0.5 0.5\n');
    const ran = await goshawk(
      ...['model', 'evaluate', bundle, '--images', pictures, '--labels', truth],
      ...['--draw', join(base, 'drawn'), '--json'],
    );
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(ran.stdout)).toMatchObject([{ images: 4, truth: 4, unlabelled: 0, ap50: 1 }]);
    expect(Number(jsonLines(ran.stdout)[0]?.map)).toBeGreaterThan(0.99);
    expect(readdirSync(join(base, 'drawn'))).toHaveLength(4);
  });

  it('fails where the accuracy is below what was asked for', async () => {
    const { bundle, pictures, truth } = await setUp();
    writeFileSync(join(truth, '0.txt'), '0 0.75 0.75 0.5 0.5\n');
    const ran = await goshawk(
      'model',
      'evaluate',
      bundle,
      '--images',
      pictures,
      '--labels',
      truth,
      '--min-map',
      '0.5',
    );
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('mAP@[.5:.95] 0.0');
  });

  it.each<[string, string, string, RegExp]>([
    ['belong to other pictures', 'other.txt', '0 0.5 0.5 0.1 0.1', /None of the 4 pictures has a label file/],
    [
      'name a class that the model does not have',
      '2.txt',
      '7 0.5 0.5 0.1 0.1',
      /2\.txt, line 1: class 7.*1 labels/,
    ],
    ['are outlines, not boxes', '2.txt', '0 0.1 0.1 0.2 0.1 0.2 0.2', /2\.txt, line 1/],
  ])('refuses labels that %s', async (_what, name, text, words) => {
    const { bundle, pictures, truth } = await setUp();
    writeFileSync(join(truth, name), text);
    const ran = await goshawk('model', 'evaluate', bundle, '--images', pictures, '--labels', truth);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(words);
  });

  // The expected values are those of test/bench/independent_evaluation.py, which shares no code with Goshawk.
  it.skipIf(absent !== '').each([
    ['yolox', 'yolox-nano/yolox_nano.onnx', 0.3479, 0.5111],
    ['fastestdet', 'fastestdet/FastestDet.onnx', 0.2326, 0.4004],
  ])(
    `agrees with an independent evaluation of %s within 0.5${absent}`,
    async (decoder, file, map, ap50) => {
      const result = await evaluated(decoder, file);
      expect(result).not.toHaveProperty('otherOrder');
      expect(Math.abs(Number(result?.map) - map)).toBeLessThan(0.005);
      expect(Math.abs(Number(result?.ap50) - ap50)).toBeLessThan(0.005);
    },
    120_000,
  );

  it.skipIf(absent !== '').each([
    ['yolox', 'yolox-nano/yolox_nano.onnx'],
    ['fastestdet', 'fastestdet/FastestDet.onnx'],
  ])(
    `says by the labels that red and blue are swapped for %s${absent}`,
    async (decoder, file) => {
      const result = await evaluated(decoder, file, '--color', 'rgb');
      expect(result).toMatchObject({ otherOrder: { order: 'bgr' } });
    },
    240_000,
  );
});

describe('goshawk model import', () => {
  async function importing(model: Uint8Array, names: string, ...more: readonly string[]) {
    const base = temporaryFolder();
    writeFileSync(join(base, 'My Model.onnx'), model);
    writeFileSync(join(base, 'labels.txt'), names);
    const ran = await goshawk(
      ...['model', 'import', join(base, 'My Model.onnx'), '--labels', join(base, 'labels.txt')],
      ...['--out', join(base, 'bundle'), '--json', ...more],
    );
    return { ran, base, left: readdirSync(base).filter((name) => name.startsWith('bundle')) };
  }

  it('makes a bundle that shows what it was made from', async () => {
    const { ran, base } = await importing(tinyOnnx(), 'thing\n', '--decoder', 'yolox', '--no-check');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(ran.stdout)[0]).toMatchObject({
      name: 'my-model',
      version: '1.0.0',
      output: { family: 'yolox' },
    });
    const shown = await goshawk('model', 'show', join(base, 'bundle'), '--json');
    expect(jsonLines(shown.stdout)[0]).toMatchObject({
      digest: jsonLines(ran.stdout)[0]?.digest,
      manifest: { provenance: { producer: 'goshawk-test', opset: 13, sourceFile: 'My Model.onnx' } },
    });
  });

  it.each<[string, Uint8Array, string, string[], number, RegExp]>([
    ['an ONNX file cut short', tinyOnnx().subarray(0, 200), 'thing', ['--decoder', 'yolox'], 3, /cut short/],
    ['another number of labels', tinyOnnx(), 'a\nb\nc', ['--decoder', 'yolox'], 3, /1 class|6 values/],
    [
      'a network that answers every picture alike',
      tinyOnnx(),
      'thing',
      ['--decoder', 'yolox'],
      3,
      /same answer/,
    ],
    ['another decoder', tinyOnnx(), 'thing', ['--decoder', 'yolov8'], 3, /yolov8/],
    [
      'a network that several decoders could read, unseen',
      tinyOnnx(),
      'thing',
      ['--no-check'],
      3,
      /These fit: .*yolov5, .*yolox/,
    ],
    ['an input that is no picture', tinyOnnx({ input: { shape: [1, 10] } }), 'thing', [], 3, /1x10/],
    ['an option that is none', tinyOnnx(), 'thing', ['--decoder', 'yolov3'], 2, /Allowed choices/],
    [
      'outputs that are other than the file says',
      tinyOnnx({ output: { shape: [1, 21, 7] } }),
      'thing',
      ['--decoder', 'yolox'],
      3,
      /7 values/,
    ],
  ])('refuses %s and leaves nothing behind', async (_what, model, names, more, code, words) => {
    const { ran, left } = await importing(model, names, ...more);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(words);
    expect(left).toEqual([]);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveModel } from '../../src/optimize/index.ts';
import { int64Tensor } from '../../src/optimize/onnx/tensor.ts';
import { missingPlugin, nativeMissing } from '../conformance/native-build.ts';
import { GraphBuilder, valueInfo } from '../unit/optimize/graphs.ts';
import { goshawk, jsonLines } from './goshawk.ts';

const int64 = 7;

/** `density`: how bright each pixel is; `ids`: whole numbers that no double holds. */
function network(): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32]);
  b.graph.setInitializer(int64Tensor('numbers', [1, 2], [7, 9007199254740992]));
  const [ids = ''] = b.node('Identity', ['numbers']);
  const [density = ''] = b.node('ReduceMean', ['x'], { axes: [1], keepdims: 1 });
  b.graph.proto.output = [valueInfo(ids, [1, 2], int64), valueInfo(density, [1, 1, 32, 32])];
  b.graph.changed();
  return saveModel(b.graph);
}

/** Of docs/decoders.md, with the name that this network's output has. */
function listing(): string {
  const page = readFileSync('docs/decoders.md', 'utf8');
  return /```js decode\.mjs\n([\s\S]*?)```/.exec(page)![1]!.replace('{ density }', '{ v2: density }');
}

const engines = [
  ['onnxruntime-node', undefined],
  ['onnxruntime', nativeMissing() ?? missingPlugin('onnxruntime')],
] as const;

describe('A network that a module of its user reads', () => {
  const base = mkdtempSync(join(tmpdir(), 'goshawk-tensor-'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const file = join(base, 'net.onnx');
  const module = join(base, 'decode.mjs');
  const picture = join(base, 'picture.png');
  const bundle = join(base, 'bundle');

  beforeAll(async () => {
    writeFileSync(file, network());
    writeFileSync(module, listing());
    // Black, with a white square of 8 pixels whose middle is at 36, 20.
    const pixels = Uint8Array.from({ length: 64 * 48 }, (_, i) =>
      Math.abs((i % 64) - 35.5) < 4 && Math.abs(Math.floor(i / 64) - 19.5) < 4 ? 255 : 0,
    );
    await sharp(pixels, { raw: { width: 64, height: 48, channels: 1 } })
      .png()
      .toFile(picture);
    const made = await goshawk('model', 'import', file, '--module', module, '--out', bundle);
    expect(made).toMatchObject({ code: 0, stderr: '' });
  });

  it('has the module in its bundle, by its digest', () => {
    const manifest = JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      ...{ task: 'tensor', labels: ['tensor'], output: { raw: { module: 'decoder.mjs' } } },
      attachments: [{ path: 'decoder.mjs', size: listing().length }],
    });
  });

  it('does not run its module unless that was asked for', async () => {
    const ran = await goshawk('run', '--model', bundle, '--source', picture);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(/contains a decoder module, which is code/);
  });

  it.each(engines.filter(([, missing]) => missing === undefined))(
    'gives what the module of the docs says as data: %s',
    async (engine) => {
      const asked = ['--model', bundle, '--source', picture, '--engine', engine, '--decoder-modules'];
      const ran = await goshawk('run', ...asked, '--json');
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const [frame] = jsonLines(ran.stdout) as unknown as [{ detections: { data: object }[] }];
      expect(frame.detections).toEqual([
        {
          ...{ label: 'tensor', classId: 0, score: 1, box: [0, 0, 64, 48] },
          data: { total: expect.any(Number), densest: [33, 17] },
        },
      ]);
    },
  );

  it.each(engines.filter(([, missing]) => missing === undefined))(
    'gives the module whole numbers as they are: %s',
    async (engine) => {
      const ids = join(base, `ids-${engine}`);
      const own = `${ids}.mjs`;
      writeFileSync(
        own,
        'export const decode = ({ v1 }) => [v1.type, v1.dims, Array.from(v1.data, String)];',
      );
      const made = await goshawk('model', 'import', file, '--module', own, '--out', ids);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      const asked = ['--model', ids, '--source', picture, '--engine', engine, '--decoder-modules'];
      const ran = await goshawk('run', ...asked, '--json');
      const [frame] = jsonLines(ran.stdout) as unknown as [{ detections: { data: object }[] }];
      expect(frame.detections[0]?.data).toEqual(['int64', [1, 2], ['7', '9007199254740992']]);
    },
  );

  it('fails the frames of a module that fails, in words, and ends as runs end', async () => {
    const broken = join(base, 'broken');
    writeFileSync(`${broken}.mjs`, 'export const decode = () => { throw new Error("no such map"); };');
    await goshawk('model', 'import', file, '--module', `${broken}.mjs`, '--out', broken);
    const ran = await goshawk('run', '--model', broken, '--source', picture, '--decoder-modules', '--json');
    expect(ran.stdout + ran.stderr).toMatch(/The module .* failed: no such map/);
  });

  it.each([
    [['--decoder', 'tensor'], /The decoder tensor needs a module/],
    [['--decoder', 'yolov8', '--module', module], /exclude each other/],
  ])('is not imported with %s', async (options, words) => {
    const made = await goshawk('model', 'import', file, ...options, '--out', join(base, 'none'));
    expect(made.code).toBe(3);
    expect(made.stderr).toMatch(words);
  });
});

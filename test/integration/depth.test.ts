import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingPlugin, nativeMissing } from '../conformance/native-build.ts';
import { depthOnnx, greyDepthOnnx } from '../fixtures/depth-onnx.ts';
import { goshawk, jsonLines } from './goshawk.ts';

const [width, height] = [64, 48];

/** Brighter from the left to the right. */
const brightness = (x: number) => 40 + 3 * x;

/** Of the first frame. */
function depthIn(stdout: string): { readonly columns: number; readonly values: readonly number[] } {
  const [frame] = jsonLines(stdout) as unknown as [{ detections: [{ depth: ReturnType<typeof depthIn> }] }];
  return frame.detections[0].depth;
}

describe('A network for depth', () => {
  const base = mkdtempSync(join(tmpdir(), 'goshawk-depth-'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const file = join(base, 'net.onnx');
  const bundle = join(base, 'bundle');
  const pictures = join(base, 'pictures');
  const truth = join(base, 'truth');

  beforeAll(async () => {
    writeFileSync(file, depthOnnx());
    for (const folder of [pictures, truth]) mkdirSync(folder);
    const columns = Array.from({ length: width * height }, (_, i) => i % width);
    const grey = Uint8Array.from(columns, brightness);
    const picture = await sharp(grey, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer();
    // What the network says scaled and shifted, in millimetres; nothing was measured in the first column.
    const metres = (x: number) => 1 / (0.05 + brightness(x) / 500);
    const far = Uint16Array.from(columns, (x) => (x === 0 ? 0 : Math.round(1000 * metres(x))));
    const distances = await sharp(far, { raw: { width, height, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    for (const name of ['0', '1']) {
      writeFileSync(join(pictures, `${name}.png`), picture);
      writeFileSync(join(truth, `${name}.png`), distances);
    }
  });

  it('gets no golden set, which would prove nothing of it', async () => {
    const out = join(base, 'golden');
    const made = await goshawk('model', 'import', file, '--out', out, '--golden', pictures);
    expect(made.code).toBe(3);
    expect(made.stderr).toContain('A golden set compares labels and boxes, and a depth map has neither.');
    expect(readdirSync(base)).not.toContain('golden');
  });

  it('is known by the name of its output, measured, drawn and told as numbers', async () => {
    const made = await goshawk('model', 'import', file, '--out', bundle, '--json');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const manifest = readFileSync(join(bundle, 'manifest.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({
      ...{ task: 'depth', labels: ['depth'] },
      output: { family: 'depth-relative', depth: { gives: 'disparity' } },
      variants: [{ kind: 'fp32' }, { kind: 'fp16' }],
    });

    const measured = await goshawk(
      ...['model', 'evaluate', bundle, '--images', pictures, '--labels', truth],
      ...['--max-abs-rel', '0.05', '--draw', join(base, 'drawn'), '--json'],
    );
    expect(measured).toMatchObject({ code: 0, stderr: '' });
    const [report] = jsonLines(measured.stdout);
    expect(report).toMatchObject({ task: 'depth', compared: 'disparity', images: 2, delta1: 1 });
    expect(Number(report?.absRel)).toBeLessThan(0.02);
    expect(readdirSync(join(base, 'drawn'))).toHaveLength(2);

    const ran = await goshawk('run', '--model', bundle, '--source', pictures, '--json');
    expect(ran.code).toBe(0);
    const depth = depthIn(ran.stdout);
    expect(depth).toMatchObject({ gives: 'disparity', columns: 32, rows: 24 });
    expect(depth.values).toHaveLength(32 * 24);
    expect(depth.values[31]).toBeGreaterThan(depth.values[0]!);
  });

  const engines = [
    ['onnxruntime-node', undefined],
    ['onnxruntime', nativeMissing() ?? missingPlugin('onnxruntime')],
  ] as const;
  it.each(engines.filter(([, missing]) => missing === undefined))(
    'is fed grey pictures as int32 where it takes those: %s',
    async (engine) => {
      const grey = join(base, `grey-${engine}`);
      writeFileSync(`${grey}.onnx`, greyDepthOnnx());
      const made = await goshawk('model', 'import', `${grey}.onnx`, '--out', grey);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      const { input } = JSON.parse(readFileSync(join(grey, 'manifest.json'), 'utf8'));
      expect(input).toMatchObject({ colorOrder: 'grey', dtype: 'int32', layout: 'nhwc', scale: 1 });
      const ran = await goshawk('run', '--model', grey, '--source', pictures, '--engine', engine, '--json');
      expect(ran.code).toBe(0);
      const { values, columns } = depthIn(ran.stdout);
      // Two pixels of the picture for each of the input.
      const wanted = Array.from({ length: columns }, (_, x) => brightness(2 * x + 0.5));
      for (const [x, value] of wanted.entries()) expect(Math.abs(values[x]! - value)).toBeLessThanOrEqual(1);
    },
  );

  it('fails above the allowed error, and says which form labels need', async () => {
    const asked = ['model', 'evaluate', bundle, '--images', pictures];
    const wrong = await goshawk(...asked, '--labels', truth, '--max-abs-rel', '0.00001');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/AbsRel 0\.\d+ is above the allowed 0\.00001/);
    const none = await goshawk(...asked);
    expect(none).toMatchObject({ code: 3, stderr: expect.stringMatching(/grey PNG files with 16 bits/) });
  });
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { networkDigest, readBundle } from '../../src/adapters/filesystem/index.ts';
import { type GoldenSet, goldenPath, parseGoldenSet } from '../../src/model/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { goshawk, jsonLines, tinyBundleFolder } from './goshawk.ts';

vi.setConfig({ testTimeout: 600_000 });

const last = (stdout: string) => jsonLines(stdout).at(-1) as Record<string, unknown>;
const goldenOf = (bundle: string): GoldenSet =>
  parseGoldenSet(readFileSync(join(bundle, goldenPath), 'utf8'));

let folder: string;
let labels: string;
beforeEach(() => {
  folder = temporaryFolder();
  labels = join(folder, 'labels.txt');
  writeFileSync(labels, 'thing\n');
  writeFileSync(join(folder, 'tiny.onnx'), tinyOnnx());
});

/**
 * Pictures of 32 x 32, on each of which the tiny network sees one thing at 0, 0, 16, 16. `label`: of every picture, in
 * YOLO form; none where it is undefined.
 */
async function pictures(name: string, count: number, label?: string): Promise<string> {
  const root = join(folder, name);
  for (const part of ['images', ...(label === undefined ? [] : ['labels'])])
    mkdirSync(join(root, part), { recursive: true });
  for (let i = 0; i < count; i++) {
    const background = { r: i * 9, g: 0, b: 0 };
    await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toFile(join(root, 'images', `${i}.png`));
    if (label !== undefined) writeFileSync(join(root, 'labels', `${i}.txt`), label);
  }
  return root;
}
const right = '0 0.25 0.25 0.5 0.5\n';
const importing = (out: string, ...more: readonly string[]) =>
  goshawk(
    ...['model', 'import', join(folder, 'tiny.onnx'), '--decoder', 'yolox', '--labels', labels],
    ...['--out', out, '--json', '--no-check', ...more],
  );

describe('A golden set', () => {
  it('is made by import, with what labels ask of accuracy, and an engine passes it', async () => {
    const out = join(folder, 'bundle');
    const made = await importing(out, '--golden', await pictures('val', 40, right));
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const golden = goldenOf(out);
    expect(golden.frames).toHaveLength(32);
    expect(golden.frames[0]).toMatchObject({
      detections: [{ label: 'thing', box: [0, 0, 16, 16] }],
      truth: [{ label: 'thing', box: [0, 0, 16, 16] }],
    });
    expect(golden).toMatchObject({ minAgreement: { fp32: 0.95 }, minMap: { fp32: 0.95 } });
    const checked = await goshawk('model', 'check', out, '--json');
    expect(checked.code).toBe(0);
    expect(last(checked.stdout)).toMatchObject({ ok: true, agreement: 1, map: 1, wantedMap: 0.95 });
    const shown = await goshawk('model', 'show', out);
    expect(shown.stdout).toContain('golden   32 frames; at least fp32 95.0 %, mAP 95.0');
    expect(shown.stdout).toContain('budgets  none');
  });

  it('asks for agreement alone where nobody labelled the pictures', async () => {
    const out = join(folder, 'bundle');
    expect(await importing(out, '--golden', await pictures('val', 3))).toMatchObject({ code: 0 });
    const golden = goldenOf(out);
    expect(golden.minMap).toBeUndefined();
    expect(golden.frames.map(({ truth }) => truth)).toEqual([undefined, undefined, undefined]);
    expect(last((await goshawk('model', 'check', out, '--json')).stdout)).not.toHaveProperty('map');
  });

  it('without pictures is an error, and nothing is written', async () => {
    const out = join(folder, 'bundle');
    const failed = await importing(out, '--golden', join(folder, 'none'));
    expect(last(failed.stdout)).toMatchObject({ ok: false, error: { code: 'pictures-missing' } });
    await expect(readBundle(out)).rejects.toMatchObject({ code: 'bundle-missing' });
  });

  it('is given to a bundle that has none, and another one takes its place', async () => {
    const bundle = await tinyBundleFolder(folder);
    const before = await readBundle(bundle, 'digests');
    const missed = '0 0.75 0.75 0.25 0.25\n';
    const budget = (golden: string, ...more: readonly string[]) =>
      goshawk('model', 'budget', bundle, '--golden', golden, '--out', bundle, '--json', ...more);
    expect(await budget(await pictures('first', 5, missed), '--replace')).toMatchObject({ code: 0 });
    expect(goldenOf(bundle)).toMatchObject({ minMap: { fp32: 0 } });
    expect(await budget(await pictures('second', 2, right), '--replace')).toMatchObject({ code: 0 });
    expect(goldenOf(bundle)).toMatchObject({ minMap: { fp32: 0.95 } });
    const { manifest } = await readBundle(bundle, 'digests');
    expect(manifest.attachments?.map(({ path }) => path)).toEqual([
      'golden/golden.json',
      'golden/000.png',
      'golden/001.png',
    ]);
    expect(networkDigest(manifest)).toBe(networkDigest(before.manifest));
  });
});

describe('goshawk model budget', () => {
  it('writes what it measured with headroom into another bundle', async () => {
    const bundle = await tinyBundleFolder(folder);
    const out = join(folder, 'out');
    const ran = await goshawk(
      'model',
      'budget',
      bundle,
      '--engine',
      'onnxruntime-node',
      '--out',
      out,
      '--json',
    );
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const said = last(ran.stdout) as {
      readonly measured: { readonly p95LatencyMs: number; readonly memoryBytes: number };
      readonly digest: string;
    };
    const { manifest, digest } = await readBundle(out, 'digests');
    expect(said).toMatchObject({ ok: true, digest, missed: [], measured: { engine: 'onnxruntime-node' } });
    const { p95LatencyMs, memoryBytes } = said.measured;
    expect(manifest.budgets).toEqual({
      p95LatencyMs: Math.ceil(p95LatencyMs * 2.5 + 10),
      memoryBytes: Math.ceil((Math.max(0, memoryBytes) * 1.5 + 64e6) / 1e6) * 1e6,
    });
    expect((await readBundle(bundle, 'digests')).manifest.budgets).toBeUndefined();
    const shown = await goshawk('model', 'show', out);
    expect(shown.stdout).toContain(`budgets  ${manifest.budgets?.p95LatencyMs} ms per frame (p95)`);
  });

  it('takes given budgets, and warns of those that this machine would miss', async () => {
    const bundle = await tinyBundleFolder(folder);
    const out = join(folder, 'out');
    const args = ['model', 'budget', bundle, '--out', out, '--memory', '300', '--p95', '600000'];
    expect(await goshawk(...args)).toMatchObject({ code: 0 });
    expect((await readBundle(out)).manifest.budgets).toEqual({ p95LatencyMs: 600_000, memoryBytes: 3e8 });
    const tight = await goshawk('model', 'budget', bundle, '--out', `${out}-2`, '--memory', '1', '--json');
    const { measured, missed } = last(tight.stdout) as {
      readonly measured: { readonly memoryBytes: number };
      readonly missed: readonly string[];
    };
    expect(missed.length).toBe(measured.memoryBytes > 1e6 ? 1 : 0);
  });

  it('changes no bundle in its place unless it is told to', async () => {
    const bundle = await tinyBundleFolder(folder);
    const before = await readBundle(bundle, 'digests');
    const ran = await goshawk('model', 'budget', bundle, '--out', bundle, '--json');
    expect(last(ran.stdout)).toMatchObject({ ok: false, error: { code: 'bundle-in-the-way' } });
    expect(await readBundle(bundle, 'digests')).toEqual(before);
  });

  it('is done by import too', async () => {
    const out = join(folder, 'bundle');
    const ran = await importing(out, '--budgets');
    expect(ran).toMatchObject({ code: 0 });
    const { manifest, digest } = await readBundle(out, 'digests');
    expect(manifest.budgets?.p95LatencyMs).toBeGreaterThanOrEqual(11);
    expect(manifest.budgets?.memoryBytes).toBeGreaterThanOrEqual(64e6);
    expect(last(ran.stdout)).toMatchObject({ ok: true, digest });
  });
});

import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { GoshawkError, type Log, silentLog } from '../../../src/base/index.ts';
import { saveModel } from '../../../src/optimize/index.ts';
import { int64Tensor } from '../../../src/optimize/onnx/tensor.ts';
import { noProgress } from '../../../src/runtime/index.ts';
import {
  checkBundle,
  type OptimizeOptions,
  optimizeBundle,
  showBundle,
} from '../../../src/workbench/index.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';
import { GraphBuilder, seeded, valueInfo } from '../../unit/optimize/graphs.ts';
import { goshawkCommand } from '../goshawk.ts';

const folder = mkdtempSync(join(tmpdir(), 'goshawk-optimize-'));
const model = join(folder, 'tiny.onnx');
const labels = join(folder, 'labels.txt');

/** A YOLOv5 of a few channels for 32 x 32 pixels and two classes: 63 rows of 7 numbers. It detects nothing of use. */
function tinyDetector(sides: readonly (number | string)[] = [32, 32]): Uint8Array {
  const b = new GraphBuilder([1, 3, ...sides], 4);
  const at = b.silu(b.conv(b.relu(b.conv('x', 16, 3, 1, 2)), 24, 3, 1, 2));
  let feature = b.relu(b.conv(at, 32, 3, 1, 2));
  const rows: string[] = [];
  for (const [level, cells] of [16, 4, 1].entries()) {
    if (level > 0) feature = b.relu(b.conv(feature, 32, 3, 1, 2));
    const shapes = [
      [1, 3, 7, cells],
      [1, 3 * cells, 7],
    ] as const;
    const names = shapes.map((shape, i) => {
      const name = `shape_${level}_${i}`;
      b.graph.setInitializer(int64Tensor(name, [shape.length], shape));
      return name;
    });
    const [split = ''] = b.node('Reshape', [b.conv(feature, 21), names[0] ?? '']);
    const [turned = ''] = b.node('Transpose', [split], { perm: [0, 1, 3, 2] });
    rows.push(b.node('Reshape', [turned, names[1] ?? ''])[0] ?? '');
  }
  const [all = ''] = b.node('Concat', rows, { axis: 1 });
  const [scores = ''] = b.node('Sigmoid', [all]);
  const graph = b.output(scores);
  graph.proto.output = [valueInfo(scores, [1, 63, 7])];
  return saveModel(graph);
}

async function pictures(name: string, count: number, seed: number, classId = 0): Promise<string> {
  const root = join(folder, name);
  mkdirSync(join(root, 'images'), { recursive: true });
  mkdirSync(join(root, 'labels'), { recursive: true });
  const random = seeded(seed);
  for (let i = 0; i < count; i += 1) {
    const pixels = Buffer.from(Uint8Array.from({ length: 40 * 30 * 3 }, () => (random() + 1) * 127));
    await sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } })
      .png()
      .toFile(join(root, 'images', `${name}${i}.png`));
    if (classId >= 0) writeFileSync(join(root, 'labels', `${name}${i}.txt`), `${classId} 0.5 0.5 0.4 0.4\n`);
  }
  return root;
}

let options: OptimizeOptions;

beforeAll(async () => {
  writeFileSync(model, tinyDetector());
  writeFileSync(labels, 'car\ntruck\n');
  options = {
    decoder: 'yolov5',
    labels,
    calibration: await pictures('a', 6, 1),
    evaluation: await pictures('b', 4, 2),
    out: join(folder, 'bundle'),
    pruneScope: 'layer',
    importance: 'l1',
    rounds: 1,
    refit: true,
    method: 'percentile',
    variants: ['qdq-u8', 'qdq-s8', 'fp16', 'weights-int8'],
    maxDrop: 1,
    searchMinutes: 10,
    modelVersion: '1.0.0',
    licence: 'test',
  };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function optimize(changes: Partial<OptimizeOptions>, file = model, log: Log = silentLog) {
  const { signal } = new AbortController();
  return optimizeBundle(file, { ...options, ...changes }, { log, signal, onStage() {} });
}

function check(out: string) {
  const { signal } = new AbortController();
  return checkBundle(
    out,
    { engine: 'onnxruntime-node' },
    { log: silentLog, signal, startProgress: noProgress },
  );
}

async function refusal(changes: Partial<OptimizeOptions>, file = model): Promise<GoshawkError> {
  const out = join(folder, `refused-${Math.abs(JSON.stringify(changes).length)}`);
  try {
    await optimize({ out, ...changes }, file);
  } catch (error) {
    expect(existsSync(changes.out ?? out) && changes.out === undefined).toBe(false);
    if (error instanceof GoshawkError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('model optimize', () => {
  it('writes a bundle with all variants, a report and a golden set that the engine passes', async () => {
    const out = join(folder, 'whole');
    const { report, bundle: written } = await optimize({ out, prune: 0.3 });
    const bundle = await readBundle(out, 'digests');
    expect(written?.digest).toBe(bundle.digest);
    expect(bundle.manifest.variants.map(({ kind }) => kind)).toEqual([
      'fp32',
      'fp16',
      'weights-int8',
      'qdq-u8',
      'qdq-s8',
    ]);
    const files = bundle.manifest.attachments?.map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(['report.json', 'report.svg', 'golden/golden.json']));
    expect(existsSync(`${out}.work`)).toBe(false);
    expect(await check(out)).toMatchObject({ ok: true, precision: 'int8', layers: [] });
    expect(report.pruning?.after).toBeLessThan(report.pruning?.before ?? 0);
    // Its channels go through the reshape; what is kept is what the model gives out.
    expect(report.pruning?.kept.map(({ reason }) => reason)).toEqual(['it is an output of the model']);
  });

  it('chooses the golden set from the pictures that are named for it, and writes what it measures', async () => {
    const out = join(folder, 'furnished');
    const golden = await pictures('g', 3, 3);
    const { bundle } = await optimize({ out, golden, budgets: true, variants: ['qdq-u8'] });
    const { manifest, digest } = await readBundle(out, 'digests');
    expect(bundle?.digest).toBe(digest);
    expect(manifest.budgets).toMatchObject({
      p95LatencyMs: expect.any(Number),
      memoryBytes: expect.any(Number),
    });
    const { golden: set } = await showBundle(out);
    expect(set).toMatchObject({
      frames: 3,
      minMap: { fp32: expect.any(Number), 'qdq-u8': expect.any(Number) },
    });
    expect(await check(out)).toMatchObject({ ok: true });
  });

  it('says how far the loss of every variant may be off for the choice of pictures', async () => {
    const { report } = await optimize({ out: join(folder, 'intervals'), variants: ['qdq-u8'] });
    for (const { drop, dropInterval } of report.variants) {
      expect(dropInterval?.low).toBeLessThanOrEqual(drop);
      expect(dropInterval?.high).toBeGreaterThanOrEqual(drop);
    }
    expect(JSON.stringify(report)).not.toContain('resampled');
  });

  it('writes no bundle where pruning that was asked for loses too much', async () => {
    const out = join(folder, 'lossy');
    const { report, bundle } = await optimize({ out, prune: 0.3, maxDrop: -1, variants: ['fp16'] });
    expect(report.pruning).toMatchObject({ reached: true, used: false });
    expect(bundle).toBeUndefined();
    expect(existsSync(out)).toBe(false);
  });

  it('writes no bundle where fewer channels can go than were to, unless it is forced', async () => {
    const out = join(folder, 'whole-channels');
    const { report, bundle } = await optimize({ out, prune: 0.95, variants: ['fp16'] });
    expect(report.pruning).toMatchObject({ asked: 0.95, reached: false, used: true });
    expect(bundle).toBeUndefined();
    expect(existsSync(out)).toBe(false);
    const forced = await optimize({ out, prune: 0.95, variants: ['fp16'], force: true });
    expect(forced.bundle).toBeDefined();
  });

  it('takes what is said of the input, and gives it to the bundle', async () => {
    const out = join(folder, 'told');
    const free = join(folder, 'free.onnx');
    writeFileSync(free, tinyDetector(['height', 'width']));
    expect((await refusal({}, free)).code).toBe('model-input-free');
    await optimize(
      {
        ...{ out, variants: ['qdq-u8'], inputSize: { width: 32, height: 32 }, color: 'bgr', scale: 1 },
        ...{ mean: [1, 2, 3], fit: 'stretch', pad: 0 },
      },
      free,
    );
    const { manifest } = await readBundle(out, 'digests');
    expect(manifest.input).toMatchObject({
      ...{ width: 32, height: 32, colorOrder: 'bgr', scale: 1 },
      ...{ mean: [1, 2, 3], fit: 'stretch', pad: 0 },
    });
  });

  it.each([
    ['a ratio that leaves no channel', { prune: 1 }, 'prune-ratio'],
    ['a calibration folder that is not there', { calibration: join(folder, 'nowhere') }, 'pictures-missing'],
    ['labels that are not there', { labels: join(folder, 'none.txt') }, undefined],
  ] as const)('refuses %s', async (_what, changes, code) => {
    const error = await refusal(changes);
    if (code !== undefined) expect(error.code).toBe(code);
    expect(error.explain().length).toBeGreaterThan(30);
  });

  it('refuses an evaluation set without a single label', async () => {
    const error = await refusal({ evaluation: await pictures('unlabelled', 2, 3, -1) });
    expect(error.code).toBe('evaluation-empty');
  });

  it('refuses labels of classes that the model does not have', async () => {
    expect((await refusal({ evaluation: await pictures('foreign', 2, 4, 7) })).code).toBe('labels-class');
  });

  it('refuses to measure on the pictures that it calibrates on', async () => {
    expect((await refusal({ evaluation: options.calibration })).code).toBe('evaluation-shared');
  });

  it('refuses a file that is no model', async () => {
    const broken = join(folder, 'broken.onnx');
    writeFileSync(broken, tinyDetector().subarray(0, 500));
    expect((await refusal({}, broken)).explain()).toMatch(/cut short or damaged/);
  });

  it('refuses a file of more than 2 GB before it reads a byte of it', async () => {
    const huge = join(folder, 'huge.onnx');
    writeFileSync(huge, '');
    // A hole: it has the size, and takes no room.
    truncateSync(huge, 2 ** 31);
    const error = await refusal({}, huge);
    expect(error.code).toBe('onnx-too-large');
    expect(error.explain()).toMatch(/The model has 2147483648 bytes.*at most 2 GB/);
  });

  it('refuses a folder that is in the way before it starts to work', async () => {
    const out = join(folder, 'taken');
    await optimize({ out, variants: ['weights-int8'] });
    expect((await refusal({ out })).code).toBe('bundle-in-the-way');
  });

  it('lets model show say that a variant was forced into the bundle', async () => {
    const out = join(folder, 'forced');
    // No variant keeps a budget that wants it better than its source.
    const { bundle } = await optimize({ out, variants: ['fp16'], maxDrop: -1, force: true });
    expect(bundle).toBeDefined();
    const shown = await showBundle(out);
    expect(shown.forced).toHaveLength(2);
    expect(shown.warnings.join()).toMatch(
      /fp16 ships by force: it loses 0\.00 points of accuracy where -1\.00 were allowed/,
    );
  });

  it('leaves the float model out where that is asked for, and the golden set still knows what it saw', async () => {
    const out = join(folder, 'light');
    await optimize({ out, variants: ['qdq-u8'], withoutFp32: true });
    const { manifest } = await readBundle(out, 'digests');
    expect(manifest.variants.map(({ kind }) => kind)).toEqual(['qdq-u8']);
    expect(existsSync(join(out, 'fp32.onnx'))).toBe(false);
    expect((await check(out)).ok).toBe(true);
  });

  it('names the base in the bundle, and refuses one with another input', async () => {
    const out = join(folder, 'based');
    await optimize({ out, base: model, variants: ['weights-int8'] });
    const { provenance } = (await readBundle(out, 'digests')).manifest;
    expect(provenance.optimization?.baseDigest).toBe(provenance.sourceDigest);
    const error = await refusal({ base: 'models/street/street.onnx' });
    expect(error.code).toBe('base-differs');
    expect(error.explain()).toMatch(/street\.onnx is not a base of this model: Output "output" is/);
  });

  it('warns about a calibration set of one picture, and goes on', async () => {
    const log = new RecordingLog();
    const out = join(folder, 'one');
    const calibration = await pictures('single', 1, 5);
    expect((await optimize({ out, calibration, variants: ['qdq-u8'] }, model, log)).bundle).toBeDefined();
    expect(log.at('warn')[0]?.[0]).toMatch(/holds 1 picture/);
  });

  it('uses the float model where calibration pictures have no labels', async () => {
    const calibration = await pictures('plain', 3, 6, -1);
    const out = join(folder, 'unlabelled-calibration');
    rmSync(join(calibration, 'labels'), { recursive: true });
    // This net sees nothing that could stand in for ground truth; the message says so.
    const error = await refusal({ calibration, out }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GoshawkError);
    expect((error as GoshawkError).code).toBe('evaluation-empty');
  });

  it('leaves no bundle behind when it is killed, and goes on from where it was', async () => {
    const out = join(folder, 'killed');
    const args = ['model', 'optimize', model, '--decoder', 'yolov5', '--labels', labels];
    const sets = ['--calibration', options.calibration, '--evaluation', options.evaluation];
    const command = [...goshawkCommand, ...args, ...sets, '--out', out, '--json'];
    const child = spawn(process.execPath, command, { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    while (child.exitCode === null && !found(`${out}.work`, 'methods-qdq-u8.json')) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(out)).toBe(false);
    const work = readdirSync(`${out}.work`);
    expect(work).toHaveLength(1);
    const again = spawn(process.execPath, command, { stdio: 'ignore' });
    expect(await new Promise((resolve) => again.once('exit', resolve))).toBe(0);
    await readBundle(out, 'digests');
    expect(readdirSync(folder).filter((name) => name.startsWith('killed'))).toEqual(['killed']);
  });
});

function found(root: string, name: string): boolean {
  if (!existsSync(root)) return false;
  return readdirSync(root, { recursive: true }).some((path) => String(path).endsWith(name));
}

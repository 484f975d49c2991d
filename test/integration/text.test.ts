import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveModel } from '../../src/optimize/index.ts';
import { missingPlugin, nativeMissing } from '../conformance/native-build.ts';
import { GraphBuilder, valueInfo } from '../unit/optimize/graphs.ts';
import { goshawk, jsonLines } from './goshawk.ts';

/** Text is where it is bright: the map of DB. */
function finder(): Uint8Array {
  const b = new GraphBuilder([1, 3, 192, 256]);
  const [map = ''] = b.node('ReduceMean', ['x'], { axes: [1], keepdims: 1 });
  b.graph.proto.output = [valueInfo(map, [1, 1, 192, 256])];
  b.graph.changed();
  return saveModel(b.graph);
}

/** A red step is an a, a green one a b, a blue one a c; a dark one is blank. */
function reader(): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 96]);
  const [steps = ''] = b.node('AveragePool', ['x'], { kernel_shape: [32, 8], strides: [32, 8] });
  const [rows = ''] = b.node('Transpose', [steps], { perm: [0, 2, 3, 1] });
  const [one = ''] = b.node('ReduceMean', [rows], { axes: [1], keepdims: 0 });
  const [text = ''] = b.node('Concat', [b.constant([1, 12, 1], new Float32Array(12).fill(0.4)), one], {
    axis: 2,
  });
  b.graph.proto.output = [valueInfo(text, [1, 12, 4])];
  b.graph.changed();
  return saveModel(b.graph);
}

/** The mean colours of four parts: pictures of one colour are near to each other. */
function embedder(): Uint8Array {
  const b = new GraphBuilder([1, 3, 32, 32]);
  const [pooled = ''] = b.node('AveragePool', ['x'], { kernel_shape: [16, 16], strides: [16, 16] });
  const [flat = ''] = b.node('Flatten', [pooled], { axis: 1 });
  b.graph.proto.output = [valueInfo(flat, [1, 12])];
  b.graph.changed();
  return saveModel(b.graph);
}

const colours = { a: [255, 0, 0], b: [0, 255, 0], c: [0, 0, 255] } as const;
type Letter = keyof typeof colours;

/** A line of coloured letters, each 36 x 28, in any direction. */
async function write(path: string, text: string, angle: number, width = 320, height = 240): Promise<void> {
  const data = new Uint8Array(width * height * 3);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - width / 2, y - height / 2];
      const [u, v] = [dx * cos + dy * sin + 18 * text.length, dy * cos - dx * sin];
      const letter = text[Math.floor(u / 36)] as Letter | undefined;
      if (letter !== undefined && Math.abs(v) < 14) data.set(colours[letter], (y * width + x) * 3);
    }
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

const plain = ['--color', 'rgb', '--scale', String(1 / 255), '--mean', '0', '--std', '1', '--no-check'];
const engines = [
  ['onnxruntime-node', undefined],
  ['onnxruntime', nativeMissing() ?? missingPlugin('onnxruntime')],
] as const;

describe('Text: found, cut out as it lies, and read', () => {
  const base = mkdtempSync(join(tmpdir(), 'goshawk-text-'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const at = (name: string) => join(base, name);

  beforeAll(async () => {
    writeFileSync(at('finder.onnx'), finder());
    writeFileSync(at('reader.onnx'), reader());
    writeFileSync(at('letters.txt'), 'a\nb\nc\n');
    const found = await goshawk(
      ...['model', 'import', at('finder.onnx'), '--decoder', 'db', ...plain, '--out', at('finder')],
    );
    expect(found).toMatchObject({ code: 0, stderr: '' });
    const read = await goshawk(
      ...['model', 'import', at('reader.onnx'), '--decoder', 'ctc', '--labels', at('letters.txt')],
      ...[...plain, '--pad', '0', '--out', at('reader')],
    );
    expect(read).toMatchObject({ code: 0, stderr: '' });
    const nodes = [{ name: 'find' }, { name: 'read', slot: 'read', input: { node: 'find', rotate: true } }];
    writeFileSync(at('graph.json'), JSON.stringify(nodes));
  });

  it.each(
    engines
      .filter(([, missing]) => missing === undefined)
      .flatMap(
        ([engine]) =>
          [
            [engine, 'cab', 0],
            [engine, 'bac', 0.5],
            [engine, 'abcb', -0.9],
          ] as const,
      ),
  )('reads on %s "%s" at %s radians', async (engine, text, angle) => {
    const picture = at(`${engine}-${text}.png`);
    await write(picture, text, angle);
    const ran = await goshawk(
      ...['run', '--model', `main=${at('finder')}`, '--model', `read=${at('reader')}`, '--engine', engine],
      ...['--graph', at('graph.json'), '--source', picture, '--json'],
    );
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const [frame] = jsonLines(ran.stdout) as unknown as [
      {
        detections: {
          label: string;
          rotated: { angle: number };
          attributes: { node: string; label: string }[];
        }[];
      },
    ];
    expect(frame.detections).toHaveLength(1);
    const [line] = frame.detections;
    expect(line?.label).toBe('text');
    expect(line?.rotated.angle).toBeCloseTo(angle, 1);
    expect(line?.attributes).toEqual([{ node: 'read', label: text, score: expect.any(Number) }]);
  });

  it('is measured by right lines and wrong characters', async () => {
    for (const folder of ['lines', 'truth']) mkdirSync(at(folder));
    for (const [name, text, truth] of [
      ['1', 'abc', 'abc'],
      ['2', 'ba', 'ba'],
      ['3', 'cab', 'cabb'],
    ] as const) {
      await write(at(`lines/${name}.png`), text, 0, 36 * text.length, 28);
      writeFileSync(at(`truth/${name}.txt`), `${truth}\n`);
    }
    const asked = ['model', 'evaluate', at('reader'), '--images', at('lines'), '--labels', at('truth')];
    const measured = await goshawk(...asked, '--json');
    expect(measured).toMatchObject({ code: 0, stderr: '' });
    const [report] = jsonLines(measured.stdout);
    expect(report).toMatchObject({ task: 'text', images: 3, wordAccuracy: 2 / 3, cer: 1 / 9 });
    const tooLow = await goshawk(...asked, '--min-words', '0.9');
    expect(tooLow.code).toBe(1);
    expect(tooLow.stderr).toMatch(/word accuracy 0\.6667 is below the required 0\.9/);
  });
});

describe('A network of embeddings', () => {
  const base = mkdtempSync(join(tmpdir(), 'goshawk-vectors-'));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const at = (name: string) => join(base, name);

  it('is imported, measured by who is found again, and gives its vectors', async () => {
    writeFileSync(at('net.onnx'), embedder());
    const made = await goshawk(
      ...['model', 'import', at('net.onnx'), '--decoder', 'embedding', ...plain, '--out', at('bundle')],
    );
    expect(made).toMatchObject({ code: 0, stderr: '' });
    for (const text of ['a', 'b', 'c']) {
      mkdirSync(at(`who/${text}`), { recursive: true });
      for (const turn of [0, 0.1, 0.2]) await write(at(`who/${text}/${turn}.png`), text, turn, 40, 40);
    }
    const measured = await goshawk('model', 'evaluate', at('bundle'), '--images', at('who'), '--json');
    expect(measured).toMatchObject({ code: 0, stderr: '' });
    const [report] = jsonLines(measured.stdout);
    expect(report).toMatchObject({ task: 'embedding', identities: 3, queries: 9, recall1: 1, recall5: 1 });
    const seen: number[][] = [];
    for (const [engine, missing] of engines) {
      if (missing !== undefined) continue;
      const ran = await goshawk(
        ...['run', '--model', at('bundle'), '--source', at('who/a/0.png'), '--engine', engine, '--json'],
      );
      const [frame] = jsonLines(ran.stdout) as unknown as [{ detections: { embedding: number[] }[] }];
      seen.push(frame.detections[0]!.embedding);
    }
    for (const vector of seen) {
      expect(vector).toHaveLength(12);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 3);
      expect(vector).toEqual(seen[0]);
    }
  });
});

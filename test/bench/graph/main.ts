/*
 * Four cameras with two detectors and a classifier on two cores, beside the same by hand in Python, in turn.
 * `npm run bench -- graph`, or `npm run bench -- graph 1 3` for one round of 3 s.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf } from '../../../src/adapters/filesystem/index.ts';
import type { Bundle } from '../../../src/model/index.ts';
import { encodeModel } from '../../../src/optimize/onnx/codec.ts';
import { headOf } from '../../fixtures/head.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { GraphBuilder, valueInfo } from '../../unit/optimize/graphs.ts';
import { benchModel, questionOf, realData, streetModel } from '../model.ts';
import { lastLine } from '../peers/line-peer.ts';
import { memoryKept, probePython, python, script } from '../peers/python.ts';
import { frameCount, fullHd, writeFrames } from '../stages/pictures.ts';
import type { GraphAnswer, GraphAsk } from './ask.ts';

const [rounds = 3, seconds = 10] = process.argv.slice(2).map(Number);
const classes = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** Random weights: what it says is worth nothing, what it costs is that of a small classifier. */
function classifier(folder: string): Bundle {
  const side = 64;
  const net = new GraphBuilder([1, 3, side, side]);
  let value = 'x';
  for (const channels of [16, 32, 64]) value = net.relu(net.conv(value, channels, 3, 1, 2));
  const [pooled = ''] = net.node('GlobalAveragePool', [value]);
  const [flat = ''] = net.node('Flatten', [net.conv(pooled, classes.length)], { axis: 1 });
  const graph = net.output(flat);
  graph.proto.output = [valueInfo(flat, [1, classes.length])];
  const bytes = encodeModel(graph.model);
  writeFileSync(join(folder, 'kind.onnx'), bytes);
  const manifest = tinyManifest({
    ...{ name: 'kind', task: 'classification', labels: classes },
    input: {
      ...tinyManifest().input,
      tensor: 'x',
      width: side,
      height: side,
      colorOrder: 'rgb',
      scale: 1 / 255,
      fit: 'stretch',
    },
    output: headOf('logits', classes.length, { tensor: flat }),
    variants: [{ kind: 'fp32', file: { path: 'kind.onnx', digest: digestOf(bytes), size: bytes.length } }],
  });
  return { digest: `sha256:${'2'.repeat(64)}`, manifest, location: folder };
}

const folder = mkdtempSync(join(tmpdir(), 'goshawk-graph-'));
try {
  const versions = probePython();
  if (typeof versions === 'string') throw new Error(versions);
  const frames = join(folder, 'frames.bin');
  await writeFrames(frames, realData('coco-evaluation/images'), frameCount);
  const bundles = { main: await benchModel(), second: await streetModel(), kind: classifier(folder) };
  const ask: GraphAsk = {
    ...{ bundles, cameras: 4, fps: 15, workers: 2, deadlineMs: 150, maxCrops: 4, warmSeconds: 2, seconds },
    ...{ frames, ...fullHd },
  };
  const models = Object.fromEntries(
    Object.entries(bundles).map(([slot, bundle]) => [slot, questionOf(bundle)]),
  );
  const child = fileURLToPath(new URL('./ours.ts', import.meta.url));
  const runs: Readonly<Record<string, () => Promise<GraphAnswer>>> = {
    goshawk: () => lastLine(process.execPath, ['--import', 'tsx', child, JSON.stringify(ask)]),
    python: () =>
      lastLine(
        python,
        [script('graph.py'), JSON.stringify({ ...ask, bundles: undefined, models })],
        memoryKept,
      ),
  };
  for (let round = 1; round <= rounds; round++)
    for (const [name, run] of Object.entries(runs)) {
      const answer = await run();
      process.stdout.write(`${JSON.stringify({ round, name, ...answer })}\n`);
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

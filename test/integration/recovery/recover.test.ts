import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, type RunTensor, saveModel } from '../../../src/optimize/index.ts';
import type { Graph } from '../../../src/optimize/onnx/graph.ts';
import { int64Tensor, sizeOf } from '../../../src/optimize/onnx/tensor.ts';
import { requireStaticInputs } from '../../../src/optimize/passes/inputs.ts';
import { prepareGraph } from '../../../src/optimize/passes/prepare.ts';
import { removeUnits } from '../../../src/optimize/prune/apply.ts';
import { findBlocks, scoreUnits } from '../../../src/optimize/prune/blocks.ts';
import { ChannelMap } from '../../../src/optimize/prune/channels.ts';
import { selectUnits } from '../../../src/optimize/prune/select.ts';
import { shapesOf } from '../../../src/optimize/prune/shapes.ts';
import { titled } from '../../conformance/native-build.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { projectRoot } from '../goshawk.ts';
import { largestDifference, outputsOf, runner } from '../optimize/engine.ts';

const python = '/usr/bin/python3';
const missing = ['torch', 'onnx', 'cv2'].find(
  (name) =>
    spawnSync(python, ['-c', `import importlib.util as u, sys; sys.exit(u.find_spec('${name}') is None)`])
      .status !== 0,
);
const why =
  missing === undefined ? '' : `Python's ${missing} is not installed: apt-get install python3-torch`;
const script = join(projectRoot, 'models/recovery/recover.py');
const pictures = join(projectRoot, 'models/street/golden');
const real = join(projectRoot, '../../shared/data/models');

/** What a user adds with --task: a loss of labels, and something to measure. */
const task = `
from pictures import Unlabelled


class Task(Unlabelled):
    def loss(self, values, labels):
        assert labels == [None] * len(labels)
        return sum(value.square().mean() for value in values.values())

    def measure(self, student, pictures):
        return {'measured': len(pictures)}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'goshawk-recovery-'));
});
afterAll(async () => {
  await runner.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A detector in small: two heads on one grid, scores behind a Sigmoid and distances, and an attention in between. */
function detector(): Graph {
  const b = new GraphBuilder([1, 3, 32, 32], 11);
  let at = b.silu(b.conv('x', 32, 3, 1, 2));
  at = b.silu(b.conv(at, 32, 3, 1, 2));
  const target = (name: string, dims: readonly number[]) => {
    b.graph.setInitializer(int64Tensor(name, [dims.length], dims));
    return name;
  };
  const [heads = ''] = b.node('Reshape', [b.conv(at, 48), target('heads', [1, 2, 24, 64])]);
  const [query = '', key = '', value = ''] = b.node(
    'Split',
    [heads, target('sizes', [8, 8, 8])],
    { axis: 2 },
    3,
  );
  const [turned = ''] = b.node('Transpose', [query], { perm: [0, 1, 3, 2] });
  const [products = ''] = b.node('MatMul', [turned, key]);
  const [weights = ''] = b.node('Softmax', [products], { axis: -1 });
  const [back = ''] = b.node('Transpose', [weights], { perm: [0, 1, 3, 2] });
  const [mixed = ''] = b.node('MatMul', [value, back]);
  const [picture = ''] = b.node('Reshape', [mixed, target('picture', [1, 16, 8, 8])]);
  b.channels.set(picture, 16);
  const wide = b.silu(b.conv(b.concat([at, picture]), 32, 3));
  const [scores = ''] = b.node('Sigmoid', [b.conv(wide, 5)]);
  return b.output(scores, b.conv(wide, 4));
}

async function pruned(graph: Graph): Promise<Graph> {
  const map = new ChannelMap(graph, await shapesOf(graph, runner));
  const options = { ratio: 0.4, scope: 'layer', multiple: 8, maxPerLayer: 0.8 } as const;
  return removeUnits(graph, map, selectUnits(findBlocks(graph, map), scoreUnits(graph, map, 'l1'), options));
}

function inputOf(graph: Graph): RunTensor & { readonly name: string } {
  const { name, dims } = requireStaticInputs(graph)[0]!;
  return { name, dims, dataType: 1, data: floats(sizeOf(dims), seeded(3)).map((value) => (value + 1) / 2) };
}

async function answers(graph: Graph): Promise<Float32Array[]> {
  const { name, ...input } = inputOf(graph);
  const found = await outputsOf(graph, input, name);
  return graph.proto.output.map((output) => found[output.name ?? '']!);
}

const realNetworks = ['yolox-nano/yolox_nano.onnx', 'fastestdet/FastestDet.onnx'].filter((path) =>
  existsSync(join(real, path)),
);
const networks: readonly (readonly [string, () => Graph])[] = [
  ['a detector with an attention', detector],
  ['models/street', () => loadModel(readFileSync(join(projectRoot, 'models/street/street.onnx')))],
  ...realNetworks.map((path) => [path, () => loadModel(readFileSync(join(real, path)))] as const),
];

describe.skipIf(missing !== undefined)(titled('recovery training', why), () => {
  it.each(networks)('runs %s as ONNX Runtime does, with its norms set and folded again', async (_, made) => {
    const graph = made();
    await prepareGraph(graph, runner);
    const at = mkdtempSync(join(folder, 'run-'));
    const input = inputOf(graph);
    writeFileSync(join(at, 'model.onnx'), saveModel(graph));
    writeFileSync(join(at, 'input.f32'), new Uint8Array((input.data as Float32Array).buffer));
    const args = [
      join(import.meta.dirname, 'run.py'),
      join(at, 'model.onnx'),
      join(at, 'input.f32'),
      at,
      ...input.dims.map(String),
    ];
    const { status, stderr } = spawnSync(python, args, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const want = await answers(graph);
    const saved = await answers(loadModel(readFileSync(join(at, 'saved.onnx'))));
    want.forEach((values, i) => {
      const scale = values.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
      const got = new Float32Array(new Uint8Array(readFileSync(join(at, `${i}.f32`))).buffer);
      expect(largestDifference(got, values) / scale).toBeLessThan(1e-4);
      expect(largestDifference(saved[i]!, values) / scale).toBeLessThan(1e-4);
    });
  });

  it.each([
    ['one process', [script], []],
    [
      'one process with a task, whose teacher is asked once for each view',
      [script],
      ['--task', 'task.py', '--labels', '0.01', '--views', '2', '--bfloat16'],
    ],
    [
      'torchrun with two',
      [
        // A file where the processes meet, in the folder of the run: one that is left over ends the next run.
        ...['-m', 'torch.distributed.run', '--rdzv-backend', 'c10d', '--rdzv-endpoint', 'meet'],
        ...['--rdzv-conf', 'store_type=file', '--nproc_per_node', '2', script],
      ],
      [],
    ],
  ] as const)('brings a pruned network nearer to its teacher, in %s', async (_, program, more) => {
    const at = mkdtempSync(join(folder, 'train-'));
    const teacher = detector();
    const student = await pruned(teacher);
    writeFileSync(join(at, 'teacher.onnx'), saveModel(teacher));
    writeFileSync(join(at, 'pruned.onnx'), saveModel(student));
    const input = {
      width: 32,
      height: 32,
      layout: 'nchw',
      colorOrder: 'rgb',
      scale: 1 / 255,
      fit: 'stretch',
    };
    writeFileSync(join(at, 'manifest.json'), JSON.stringify({ input }));
    writeFileSync(join(at, 'task.py'), task);
    mkdirSync(join(at, 'pictures'));
    for (const name of ['000', '001', '002', '003'])
      copyFileSync(join(pictures, `${name}.jpg`), join(at, 'pictures', `${name}.jpg`));
    const { status, stdout, stderr } = spawnSync(
      python,
      [
        ...program,
        ...['--teacher', join(at, 'teacher.onnx'), '--pruned', join(at, 'pruned.onnx'), '--manifest', at],
        ...[
          '--train',
          join(at, 'pictures'),
          '--held-out',
          join(at, 'pictures'),
          '--out',
          join(at, 'out.onnx'),
        ],
        ...['--steps', '80', '--batch', '4', '--rate', '3e-3', ...more],
      ],
      {
        cwd: at,
        encoding: 'utf8',
        env: {
          ...process.env,
          USE_LIBUV: '0',
          TORCH_DISABLE_SHARE_RDZV_TCP_STORE: '1',
          OMP_NUM_THREADS: '1',
        },
      },
    );
    expect(status, stderr).toBe(0);
    const lines = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    expect(lines[0]).toMatchObject({
      processes: program.length === 1 ? 1 : 2,
      together: [true, true],
      heads: [
        { scores: 0, distributions: 0, values: 5 },
        { scores: 0, distributions: 0, values: 4 },
      ],
    });
    const losses = lines.flatMap(({ held_out: loss }) => loss ?? []);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    expect(lines.flatMap(({ measured }) => measured ?? [])).toEqual(more.length === 0 ? [] : [4, 4]);
    const recovered = loadModel(readFileSync(join(at, 'out.onnx')));
    expect(recovered.nodes.map(({ opType }) => opType)).toEqual(student.nodes.map(({ opType }) => opType));
  });
});

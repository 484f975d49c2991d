import { afterAll, describe, expect, it } from 'vitest';
import { noCheckpoints } from '../../../src/optimize/chain/checkpoints.ts';
import {
  accuracyPicture,
  type ChainSettings,
  type Checkpoints,
  defaultPruneSettings,
  loadModel,
  optimizeModel,
  type ResampledScore,
  type RunTensors,
  type ScoredSet,
  saveModel,
} from '../../../src/optimize/index.ts';
import { floats, GraphBuilder, seeded } from '../../unit/optimize/graphs.ts';
import { runner } from './engine.ts';

afterAll(() => runner.close());

const dims = [1, 3, 16, 16];
const settings: ChainSettings = {
  prune: undefined,
  method: 'percentile',
  variants: ['qdq-u8', 'qdq-s8', 'weights-int8'],
  maxDrop: 0.02,
  weightLimit: 127,
  searchMs: 600_000,
  latencyRounds: 3,
  force: false,
};

function source(): Uint8Array {
  const b = new GraphBuilder(dims, 6);
  const at = b.relu(b.conv(b.silu(b.conv('x', 32, 3)), 32, 3));
  return saveModel(b.output(b.node('Sigmoid', [b.conv(at, 4)])[0] ?? ''));
}

/**
 * A set whose accuracy falls with the distance from the float model's outputs: 0.5 at no distance, `slope` less for
 * each unit of mean absolute difference.
 */
async function judged(model: Uint8Array, seed: number, slope: number): Promise<ScoredSet> {
  const inputs: RunTensors[] = [1, 2].map((i) => ({
    x: { dataType: 1, dims, data: floats(768, seeded(seed + i)) },
  }));
  const loaded = await runner.load(model);
  const truth: Float32Array[] = [];
  for (const input of inputs) truth.push(only((await loaded.run(input)).outputs));
  await loaded.close();
  return {
    samples: { name: 'set', count: inputs.length, input: async (index) => inputs[index] ?? {} },
    judge: {
      start() {
        let distance = 0;
        return {
          add: (index, outputs) => {
            const found = only(outputs);
            const float = truth[index] ?? found;
            distance += found.reduce((sum, v, i) => sum + Math.abs(v - float[i]!), 0) / found.length / 2;
          },
          score: () => {
            return scored(Math.max(0, 0.5 - slope * distance));
          },
        };
      },
    },
  };
}

function scored(value: number): ResampledScore {
  return {
    ...{ measure: 'map', value, beside: { measure: 'ap50', value } },
    ...{ resampled: [value], perClass: [{ label: 'car', value }] },
  };
}

function only(outputs: RunTensors): Float32Array {
  const data = Object.values(outputs)[0]?.data;
  if (!(data instanceof Float32Array)) throw new RangeError('no float32 output');
  return data;
}

/** Judged by what the model itself finds. */
async function sets(model: Uint8Array, slope: number) {
  const calibration = await judged(model, 10, slope);
  return { calibration, agreement: calibration, evaluation: await judged(model, 20, slope) };
}

async function run(
  changes: Partial<ChainSettings>,
  slope: number,
  store: Checkpoints = noCheckpoints,
  base?: Uint8Array,
) {
  const model = source();
  return optimizeModel(
    model,
    { ...settings, ...changes },
    {
      runner,
      ...(await sets(model, slope)),
      store,
      progress() {},
      now: () => 0,
      ...(base === undefined ? {} : { base }),
    },
  );
}

/** The calibration side of a source that is worse than its base. */
async function optimizeBehind() {
  const base = source();
  const ports = {
    runner,
    ...(await sets(base, 1)),
    store: noCheckpoints,
    progress() {},
    now: () => 0,
    base,
  };
  const { report } = await optimizeModel(shifted(), { ...settings, variants: ['qdq-u8'] }, ports);
  return report.quantization[0]?.calibration;
}

/** Answers a little differently from `source()`, so that it scores below it. */
function shifted(): Uint8Array {
  const graph = loadModel(source());
  const [last = ''] = graph.proto.output.map(({ name }) => name ?? '');
  const node = graph.nodes.find(({ output }) => output[0] === last);
  if (node !== undefined) node.opType = 'HardSigmoid';
  return saveModel(graph);
}

describe('the chain', () => {
  it('ships what keeps the budget', async () => {
    const { report, models } = await run({}, 0.01);
    expect(report.variants.map(({ verdict }) => verdict)).toEqual(['ships', 'ships', 'ships', 'ships']);
    expect([...models.keys()]).toEqual(['fp32', 'weights-int8', 'qdq-u8', 'qdq-s8']);
    expect(report.quantization[0]?.float).toEqual([]);
  });

  it('leaves layers in float until the budget is kept', async () => {
    const { report } = await run({ variants: ['qdq-u8'] }, 40);
    expect(report.quantization[0]?.float.length).toBeGreaterThan(0);
    expect(report.quantization[0]?.reached).toBe(true);
    expect(report.quantization[0]?.harms.map(({ noise }) => noise)).toEqual(
      report.quantization[0]?.harms.map(({ noise }) => noise).sort((a, b) => b - a),
    );
  });

  it('counts the bad end of the interval, not the loss that was measured', async () => {
    const model = source();
    const evaluation = await judged(model, 20, 0.01);
    // On every other draw of the pictures a model loses 30 points more than on the pictures themselves.
    const start = () => {
      const scoring = evaluation.judge.start();
      let changed = false;
      return {
        add: (index: number, outputs: RunTensors) => {
          changed ||= only(outputs).some((value, i) => value !== float[index]?.[i]);
          scoring.add(index, outputs);
        },
        score: () => {
          const score = scoring.score();
          const worse = score.value - (changed ? 0.3 : 0);
          return { ...score, resampled: [score.value, worse, score.value, worse] };
        },
      };
    };
    const loaded = await runner.load(model);
    const float: Float32Array[] = [];
    for (const i of [0, 1]) float.push(only((await loaded.run(await evaluation.samples.input(i))).outputs));
    await loaded.close();
    const ports = {
      ...{ runner, store: noCheckpoints, progress() {}, now: () => 0 },
      ...(await sets(model, 0.01)),
      evaluation: { ...evaluation, judge: { start } },
    };
    const changes = { ...settings, variants: ['weights-int8'] as const };
    const { report } = await optimizeModel(model, changes, ports);
    const found = report.variants.find(({ kind }) => kind === 'weights-int8');
    expect(found?.drop).toBeLessThan(settings.maxDrop);
    expect(found?.verdict).toBe('left out');
  });

  it('ends the search of a form when its time is up, and says so', async () => {
    const { report } = await run({ variants: ['qdq-u8'], searchMs: 0 }, 40);
    // The first trial is never left out.
    expect(report.quantization[0]).toMatchObject({ stopped: true, reached: false, trials: 1, float: [] });
    const whole = await run({ variants: ['qdq-u8'] }, 40);
    expect(whole.report.quantization[0]).toMatchObject({ stopped: false, reached: true });
  });

  it('chooses the ranges of each form that agree best with the float model, whatever the labels say', async () => {
    const model = source();
    const agreement = await judged(model, 10, 40);
    // By labels every method is as good as any other.
    const blind = {
      start: () => ({ add() {}, score: () => ({ ...scored(0.5), resampled: [] }) }),
    };
    const { report } = await optimizeModel(
      model,
      { ...settings, method: 'auto', variants: ['qdq-u8', 'qdq-s8'] },
      {
        ...{ runner, store: noCheckpoints, progress() {}, now: () => 0 },
        ...{ ...(await sets(model, 0.01)), agreement, calibration: { ...agreement, judge: blind } },
      },
    );
    expect(report.quantization.map(({ form }) => form)).toEqual(['qdq-u8', 'qdq-s8']);
    for (const { method, methods } of report.quantization) {
      expect(Object.keys(methods).sort()).toEqual(['min-max', 'mse', 'percentile']);
      expect(methods[method]).toBe(Math.max(...Object.values(methods)));
      expect(new Set(Object.values(methods)).size).toBeGreaterThan(1);
    }
  });

  it('says what TensorRT can make of its file', async () => {
    const { report, models } = await run({ variants: ['qdq-s8'] }, 0.01);
    expect(report.quantization[0]?.tensorrt).toEqual({
      ...{ weighted: 3, int8: 3, half: [], broken: [], fp32: {} },
    });
    expect(loadModel(models.get('qdq-s8')!).opset).toBe(19);
  });

  it('keeps operators that it does not know in float, names them, and prunes nothing through them', async () => {
    const b = new GraphBuilder(dims, 6);
    const [bent = ''] = b.node('Sin', [b.conv('x', 16, 3)]);
    const model = saveModel(b.output(b.conv(b.relu(b.conv(bent, 16, 3)), 4)));
    const ports = {
      runner,
      ...(await sets(model, 0.01)),
      store: noCheckpoints,
      progress() {},
      now: () => 0,
    };
    const changes = { prune: defaultPruneSettings, variants: ['qdq-u8'] as const, force: true };
    const { report, models } = await optimizeModel(model, { ...settings, ...changes }, ports);
    expect(report.quantization[0]?.floatOperators).toEqual({ Sin: 1 });
    expect(report.pruning?.kept.map(({ reason }) => reason).join()).toMatch(/Sin/);
    expect(loadModel(models.get('qdq-u8')!).nodes.map(({ opType }) => opType)).toContain('Sin');
  });

  it('leaves out what misses the budget, and says which layers did the harm', async () => {
    const { report, models } = await run({ variants: ['weights-int8'], maxDrop: 1e-4 }, 50);
    expect(report.variants.find(({ kind }) => kind === 'weights-int8')?.verdict).toBe('left out');
    expect(models.has('weights-int8')).toBe(false);
    expect(models.has('fp32')).toBe(true);
  });

  it('ships it under force, and the report says so', async () => {
    const { report, models } = await run({ variants: ['weights-int8'], maxDrop: 1e-4, force: true }, 50);
    expect(report.variants.find(({ kind }) => kind === 'weights-int8')?.verdict).toBe('forced');
    expect(models.has('weights-int8')).toBe(true);
  });

  it('counts budget, size and speed against the base where the source was made from one', async () => {
    const base = shifted();
    const { report } = await run({ variants: ['weights-int8'] }, 1, noCheckpoints, base);
    expect(report.base?.bytes).toBe(base.length);
    expect(report.base?.accuracy.value).toBeLessThan(report.source.accuracy.value);
    const fp32 = report.variants.find(({ kind }) => kind === 'fp32');
    expect(fp32?.drop).toBeCloseTo((report.base?.accuracy.value ?? 0) - report.source.accuracy.value, 10);
    expect(fp32?.speedup).toBe((report.base?.latency.p50Ms ?? 0) / (fp32?.latency.p50Ms ?? 1));
    expect(accuracyPicture(report, 'tiny')).toContain('>base</text>');
  });

  it('leaves to 8 bits only what the training has not used up of the budget', async () => {
    const judge = (base?: Uint8Array) => run({ variants: ['qdq-u8'] }, 1, noCheckpoints, base);
    const alone = (await judge()).report.quantization[0]?.calibration;
    const behind = (await judge(shifted())).report.quantization[0]?.calibration;
    // The source is better than this base, and may still lose no more than the budget.
    expect(behind?.wanted).toBe(alone?.wanted);
    const ahead = await optimizeBehind();
    const room = (ahead?.float ?? 0) - (ahead?.wanted ?? 0);
    expect(room).toBeGreaterThan(0);
    expect(room).toBeLessThan((alone?.float ?? 0) - (alone?.wanted ?? 0));
  });

  it('does not build on a pruned network that misses the budget, but hands it out to be trained again', async () => {
    const prune = { ...defaultPruneSettings, refit: false };
    const { report, models, pruned } = await run({ prune, variants: ['weights-int8'] }, 50);
    expect(report.pruning?.used).toBe(false);
    expect(pruned && loadModel(pruned).nodes.length).toBeGreaterThan(0);
    expect(models.get('fp32')?.length).toBeGreaterThan(pruned?.length ?? 0);
  });

  it('gets back to the same result from what an earlier run has kept, without doing it again', async () => {
    const kept = new Map<string, string>();
    const store: Checkpoints = {
      readText: async (name) => kept.get(name),
      writeText: async (name, text) => void kept.set(name, text),
      readBytes: async () => undefined,
      writeBytes: async () => {},
    };
    const first = await run({ variants: ['qdq-u8'] }, 40, store);
    const names = [...kept.keys()];
    expect(names).toEqual(
      expect.arrayContaining(['statistics.json', 'harms-qdq-u8.json', 'trials-qdq-u8.json']),
    );
    const again = await run({ variants: ['qdq-u8'] }, 40, store);
    expect(again.report.quantization).toEqual(first.report.quantization);
    expect(again.models.get('qdq-u8')).toEqual(first.models.get('qdq-u8'));
  });

  it('goes on without a variant that the engine does not take, and names the reason', async () => {
    const b = new GraphBuilder(dims, 6);
    const at = b.relu(b.conv('x', 8, 3));
    const axis = b.constant([], Float32Array.of(0));
    b.graph.initializer(axis)!.dataType = 6;
    // Until opset 14 a CumSum knows no halves.
    const model = saveModel(b.output(b.node('CumSum', [b.conv(at, 4), axis])[0]!));
    const ports = {
      ...{ runner, store: noCheckpoints, progress() {}, now: () => 0 },
      ...(await sets(model, 0.01)),
    };
    const changes = { ...settings, variants: ['fp16', 'weights-int8'] as const };
    const { report, models } = await optimizeModel(model, changes, ports);
    expect([...models.keys()]).toEqual(['fp32', 'weights-int8']);
    expect(report.refused).toEqual([{ kind: 'fp16', reason: expect.stringMatching(/CumSum/) }]);
  });

  it('draws accuracy against latency as SVG', async () => {
    const { report } = await run({ variants: ['weights-int8'] }, 0.01);
    const svg = accuracyPicture(report, 'a <b> & c');
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('a &lt;b&gt; &amp; c');
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});

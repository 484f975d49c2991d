import { CancelledError, defined, GoshawkError } from '../../base/index.ts';
import type { Progress } from '../calibrate/samples.ts';
import {
  type AccuracyScore,
  measureAccuracy,
  type ResampledScore,
  type ScoredSet,
} from '../evaluate/accuracy.ts';
import { type Interval, lossInterval, worstLoss } from '../evaluate/interval.ts';
import { type Latency, measureLatency } from '../evaluate/latency.ts';
import type { Graph } from '../onnx/graph.ts';
import { loadModel, saveModel } from '../onnx/load.ts';
import { freeBatch } from '../passes/batch.ts';
import { confirmBatch } from '../passes/confirm-batch.ts';
import { requireStaticInputs } from '../passes/inputs.ts';
import { prepareGraph } from '../passes/prepare.ts';
import { type PruneReport, pruneGraph } from '../prune/prune.ts';
import { writeFloat16 } from '../quantize/float16.ts';
import { writeWeightOnly } from '../quantize/weight-only.ts';
import type { GraphRunner } from '../runner.ts';
import { type Checkpoints, remember } from './checkpoints.ts';
import { type QuantizationReport, quantizeStep } from './quantize-step.ts';
import type { ChainSettings, VariantName } from './settings.ts';

export interface ChainPorts {
  readonly runner: GraphRunner;
  /** Calibration and search look only at this side. */
  readonly calibration: ScoredSet;
  /** The same pictures, judged by what the float model finds on them: ways to quantize it are compared there. */
  readonly agreement: ScoredSet;
  /** Measured at the end; the budget is decided here. */
  readonly evaluation: ScoredSet;
  /** The reference of budget, sizes and speeds, if the source was made from it; otherwise the source. */
  readonly base?: Uint8Array;
  readonly store: Checkpoints;
  readonly progress: Progress;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

export interface VariantReport {
  readonly kind: VariantName;
  readonly bytes: number;
  readonly accuracy: AccuracyScore;
  readonly latency: Latency;
  /** Against the base, or the source where there is none; positive is lost. */
  readonly drop: number;
  /** How far it may be off for the choice of pictures; absent where they were not drawn anew. */
  readonly dropInterval?: Interval;
  readonly speedup: number;
  readonly verdict: 'ships' | 'left out' | 'forced';
}

export interface Measured {
  readonly bytes: number;
  readonly accuracy: AccuracyScore;
  readonly latency: Latency;
}

export interface PruningReport extends PruneReport {
  /** Share of the channels that was to go, 0..1. */
  readonly asked: number;
  /** Nearly as many went. */
  readonly reached: boolean;
  readonly drop: number;
  readonly dropInterval?: Interval;
  /** The variants are made of the pruned model: it keeps the budget, or was forced. */
  readonly used: boolean;
}

export interface ChainReport {
  readonly source: Measured;
  /** Present where the source was made from it, by pruning and training; drops and speed-ups are against it. */
  readonly base?: Measured;
  readonly budget: number;
  readonly pruning: PruningReport | undefined;
  /** One for each `qdq` form. */
  readonly quantization: readonly QuantizationReport[];
  readonly variants: readonly VariantReport[];
  /** Variants in float16 that the engine does not take, in its own words: an operator that is defined for floats alone. */
  readonly refused: readonly { readonly kind: VariantName; readonly reason: string }[];
  /** Why the variants run one picture at a time; absent where their first dimension is free. */
  readonly fixedBatch?: string;
}

export interface ChainResult {
  readonly report: ChainReport;
  /** Files of the variants that ship. */
  readonly models: ReadonlyMap<VariantName, Uint8Array>;
  /** The pruned float model, whether it ships or not: where recovery training starts. */
  readonly pruned: Uint8Array | undefined;
}

/** The whole chain: source model in, measured variants out. A variant below the budget does not come out. */
export async function optimizeModel(
  source: Uint8Array,
  settings: ChainSettings,
  ports: ChainPorts,
): Promise<ChainResult> {
  const { runner, evaluation, store, progress } = ports;
  const original = loadModel(source);
  await prepareGraph(original, runner);
  const accuracyOf = (name: string, model: Uint8Array) =>
    remember(store, `accuracy-${name}`, () =>
      measureAccuracy(model, runner, evaluation, (_, done, total) =>
        progress(`evaluating ${name}`, done, total),
      ),
    );
  const sourceScore = await accuracyOf('source', source);
  const against = ports.base === undefined ? sourceScore : await accuracyOf('base', ports.base);
  let graph = original;
  let pruned: Uint8Array | undefined;
  let pruning: ChainReport['pruning'];
  if (settings.prune !== undefined) {
    const result = await pruneStep(original, settings, ports);
    pruned = result.model;
    const score = await accuracyOf('pruned', pruned);
    const lost = loss(against, score);
    const used = worstLoss(against, score) <= settings.maxDrop || settings.force;
    const asked = settings.prune.options.ratio;
    const { before, after } = result.report;
    const reached = before > 0 && 1 - after / before >= asked * leastReached;
    pruning = { ...result.report, asked, reached, ...lost, used };
    if (used) graph = loadModel(pruned);
  }
  const models = new Map<VariantName, Uint8Array>([['fp32', saveModel(graph)]]);
  if (settings.variants.includes('fp16')) models.set('fp16', saveModel(writeFloat16(graph).graph));
  if (settings.variants.includes('weights-int8'))
    models.set('weights-int8', saveModel(writeWeightOnly(graph)));
  let quantization: readonly QuantizationReport[] = [];
  if (settings.variants.some((name) => name.startsWith('qdq'))) {
    const result = await quantizeStep(graph, ports, settings);
    quantization = result.reports;
    for (const [form, model] of result.models) models.set(form, model);
  }
  const refused = await refuseUnrunnable(models, runner);
  const fixedBatch = settings.fixedBatch === true ? 'the options say so' : await freeBatches(models, runner);
  const scores = new Map<VariantName, ResampledScore>();
  for (const [name, model] of models) scores.set(name, await accuracyOf(name, model));
  progress('measuring latency', 0, 1);
  const input = await evaluation.samples.input(0);
  const sources = ports.base === undefined ? [source] : [ports.base, source];
  const latencies = await measureLatency(
    [...sources, ...models.values()],
    runner,
    input,
    settings.latencyRounds,
  );
  progress('measuring latency', 1, 1);
  const baseLatency = latencies[0];
  const sourceLatency = latencies[sources.length - 1];
  const others = latencies.slice(sources.length);
  if (sourceLatency === undefined || baseLatency === undefined) {
    throw new RangeError('no latency was measured');
  }
  const variants = [...models].map(([kind, model], i): VariantReport => {
    const score = scores.get(kind) ?? sourceScore;
    const latency = others[i] ?? sourceLatency;
    const lost = loss(against, score);
    const fits = worstLoss(against, score) <= settings.maxDrop;
    return {
      kind,
      bytes: model.length,
      accuracy: reported(score),
      latency,
      ...lost,
      speedup: baseLatency.p50Ms / latency.p50Ms,
      verdict: fits ? 'ships' : settings.force ? 'forced' : 'left out',
    };
  });
  for (const { kind, verdict } of variants) if (verdict === 'left out') models.delete(kind);
  return {
    report: {
      source: { bytes: source.length, accuracy: reported(sourceScore), latency: sourceLatency },
      ...(ports.base === undefined
        ? {}
        : { base: { bytes: ports.base.length, accuracy: reported(against), latency: baseLatency } }),
      budget: settings.maxDrop,
      pruning,
      quantization,
      variants,
      refused,
      ...defined({ fixedBatch }),
    },
    models,
    pruned,
  };
}

/** Kept counts are multiples of 8, and a layer keeps some: a fifth less than was asked for is no failure. */
const leastReached = 0.8;

function loss(
  from: ResampledScore,
  to: ResampledScore,
): { readonly drop: number; readonly dropInterval?: Interval } {
  const interval = lossInterval(from.resampled, to.resampled);
  return { drop: from.value - to.value, ...defined({ dropInterval: interval }) };
}

function reported({ measure, value, beside, perClass }: ResampledScore): AccuracyScore {
  return { measure, value, beside, perClass };
}

/** What holds halves may hold an operator that knows floats alone; the other variants are none the worse for it. */
async function refuseUnrunnable(
  models: Map<VariantName, Uint8Array>,
  runner: GraphRunner,
): Promise<ChainReport['refused']> {
  const refused: { readonly kind: VariantName; readonly reason: string }[] = [];
  for (const kind of ['fp16', 'qdq-s8'] as const) {
    const model = models.get(kind);
    if (model === undefined) continue;
    try {
      await (await runner.load(model)).close();
    } catch (error) {
      if (!(error instanceof GoshawkError) || error instanceof CancelledError) throw error;
      refused.push({ kind, reason: error.message });
      models.delete(kind);
    }
  }
  return refused;
}

/** All of them, or none: which one runs must not say how many pictures do. */
async function freeBatches(
  models: Map<VariantName, Uint8Array>,
  runner: GraphRunner,
): Promise<string | undefined> {
  const freed = new Map<VariantName, Uint8Array>();
  for (const [kind, model] of models) {
    const graph = loadModel(model);
    const inputs = requireStaticInputs(graph);
    const reason = freeBatch(graph);
    if (reason !== undefined) return reason;
    const free = saveModel(graph);
    const differs = await confirmBatch(model, free, inputs, runner);
    if (differs !== undefined) return `${kind}: ${differs}`;
    freed.set(kind, free);
  }
  for (const [kind, model] of freed) models.set(kind, model);
  return undefined;
}

async function pruneStep(
  graph: Graph,
  settings: ChainSettings,
  { runner, calibration, store, progress }: ChainPorts,
): Promise<{ readonly model: Uint8Array; readonly report: PruneReport }> {
  const known = await store.readBytes('pruned.onnx');
  const knownReport = await store.readText('pruning.json');
  if (known !== undefined && knownReport !== undefined) {
    return { model: known, report: JSON.parse(knownReport) as PruneReport };
  }
  if (settings.prune === undefined) throw new RangeError('the settings have no pruning');
  const result = await pruneGraph(graph, settings.prune, runner, calibration.samples, progress);
  const model = saveModel(result.graph);
  await store.writeBytes('pruned.onnx', model);
  await store.writeText('pruning.json', JSON.stringify(result.report));
  return { model, report: result.report };
}

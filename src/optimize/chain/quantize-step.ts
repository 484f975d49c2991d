import { collectStatistics, type ValueStatistics } from '../calibrate/collect.ts';
import { Histogram, type HistogramState } from '../calibrate/histogram.ts';
import type { Progress } from '../calibrate/samples.ts';
import { measureAccuracy, type ScoredSet } from '../evaluate/accuracy.ts';
import type { Graph } from '../onnx/graph.ts';
import { saveModel } from '../onnx/load.ts';
import { type QdqForm, writeQdq } from '../quantize/qdq.ts';
import { calibratedValues, defaultSchemeOptions, floatOperators, SchemeBuilder } from '../quantize/scheme.ts';
import { widenStem } from '../quantize/wide-stem.ts';
import type { GraphRunner } from '../runner.ts';
import { type LayerHarm, scanLayers } from '../sensitivity/scan.ts';
import { searchFloatLayers } from '../sensitivity/search.ts';
import { type Checkpoints, keep, recall, remember } from './checkpoints.ts';
import { type ChainSettings, searchShare } from './settings.ts';

export interface QuantizationReport {
  readonly method: string;
  readonly layers: number;
  /** Layers left in float by the search, most harmful first. */
  readonly float: readonly string[];
  /** All layers by harm, worst first. */
  readonly harms: readonly LayerHarm[];
  /** Operators that are not quantized, with their counts. */
  readonly floatOperators: Readonly<Record<string, number>>;
  /** mAP on the calibration side. */
  readonly calibrationMap: { readonly float: number; readonly quantized: number; readonly wanted: number };
  readonly reached: boolean;
  readonly trials: number;
}

export interface Quantized {
  readonly models: ReadonlyMap<QdqForm, Uint8Array>;
  readonly report: QuantizationReport;
}

export interface QuantizePorts {
  readonly calibration: ScoredSet;
  readonly runner: GraphRunner;
  readonly store: Checkpoints;
  readonly progress: Progress;
  /** What the budget counts against, if not the graph itself. */
  readonly base?: Uint8Array;
}

/** Calibrates, scans and searches on the calibration side, and writes the forms that are wanted. */
export async function quantizeStep(
  graph: Graph,
  ports: QuantizePorts,
  settings: ChainSettings,
): Promise<Quantized> {
  const { calibration, runner, store, progress } = ports;
  const statistics = await calibrate(graph, calibration, runner, store, progress);
  const builder = new SchemeBuilder(graph, statistics, {
    ...defaultSchemeOptions,
    method: settings.method,
    weights: { limit: settings.weightLimit, searchClip: true },
  });
  const forms = (['qdq-u8', 'qdq-s8'] as const).filter((form) => settings.variants.includes(form));
  const harms = await scan(builder, calibration, runner, store, progress);
  const float = await remember(store, 'calibration-float', async () => {
    return (await measureAccuracy(saveModel(graph), runner, calibration)).map;
  });
  const wanted = float - (await roomOf(float, ports, settings)) * searchShare;
  const trials = new Map(Object.entries((await recall<Record<string, number>>(store, 'trials')) ?? {}));
  const found = await searchFloatLayers(harms, wanted, async (quantized) => {
    const key = builder.layers.map((layer) => (quantized.has(layer.id) ? '1' : '0')).join('');
    const known = trials.get(key);
    if (known !== undefined) return known;
    const scheme = builder.build(quantized);
    let map = 1;
    // The worse form counts. u8 comes first: the engine here runs it fast, and where it misses, s8 misses too.
    for (const form of forms) {
      if (map < wanted) break;
      const model = saveModel(writeQdq(graph, scheme, form));
      const score = await measureAccuracy(model, runner, calibration, (_, done, total) =>
        progress(`searching, trial ${trials.size + 1}, ${form}`, done, total),
      );
      map = Math.min(map, score.map);
    }
    trials.set(key, map);
    await keep(store, 'trials', Object.fromEntries(trials));
    return map;
  });
  const scheme = builder.build(found.quantized);
  return {
    models: new Map(forms.map((form) => [form, saveModel(asShipped(writeQdq(graph, scheme, form), form))])),
    report: {
      method: settings.method,
      layers: builder.layers.length,
      float: found.float,
      harms,
      floatOperators: Object.fromEntries(floatOperators(graph)),
      calibrationMap: { float, quantized: found.accuracy, wanted },
      reached: found.reached,
      trials: found.trials,
    },
  };
}

/** The search measures accuracy, which this does not change; the file that ships is the fast one. */
function asShipped(graph: Graph, form: QdqForm): Graph {
  if (form === 'qdq-u8') widenStem(graph);
  return graph;
}

/**
 * What 8 bits may cost: the budget, less what the float graph has lost already against its base. A fifth of the budget is
 * always left, for a search that may lose nothing finds nothing, and the evaluation set decides anyway.
 */
async function roomOf(
  float: number,
  { base, calibration, runner, store }: QuantizePorts,
  { maxMapDrop }: ChainSettings,
): Promise<number> {
  if (base === undefined) return maxMapDrop;
  const before = await remember(store, 'calibration-base', async () => {
    return (await measureAccuracy(base, runner, calibration)).map;
  });
  return Math.min(maxMapDrop, Math.max(maxMapDrop * 0.2, maxMapDrop - (before - float)));
}

type StoredStatistics = readonly (readonly [string, HistogramState, readonly number[]])[];

async function calibrate(
  graph: Graph,
  calibration: ScoredSet,
  runner: GraphRunner,
  store: Checkpoints,
  progress: Progress,
): Promise<Map<string, ValueStatistics>> {
  const stored = await remember<StoredStatistics>(store, 'statistics', async () => {
    const values = calibratedValues(graph);
    const statistics = await collectStatistics(graph, runner, calibration.samples, values, progress);
    return [...statistics].map(([name, { histogram, channelMeans }]) => [
      name,
      histogram.toJSON(),
      [...channelMeans],
    ]);
  });
  return new Map(
    stored.map(([name, histogram, means]) => [
      name,
      { histogram: Histogram.from(histogram), channelMeans: Float64Array.from(means) },
    ]),
  );
}

async function scan(
  builder: SchemeBuilder,
  calibration: ScoredSet,
  runner: GraphRunner,
  store: Checkpoints,
  progress: Progress,
): Promise<LayerHarm[]> {
  const known = new Map(Object.entries((await recall<Record<string, number>>(store, 'harms')) ?? {}));
  const writes: Promise<void>[] = [];
  const harms = await scanLayers(builder, runner, calibration.samples, progress, new Map(known), (harm) => {
    known.set(harm.layer, harm.noise);
    if (known.size % 8 === 0) writes.push(keep(store, 'harms', Object.fromEntries(known)));
  });
  await Promise.all(writes);
  await keep(store, 'harms', Object.fromEntries(known));
  return harms;
}

import { defined } from '../../base/index.ts';
import { collectStatistics, type ValueStatistics } from '../calibrate/collect.ts';
import { Histogram, type HistogramState } from '../calibrate/histogram.ts';
import type { Progress } from '../calibrate/samples.ts';
import { type CalibrationMethod, comparedMethods } from '../calibrate/thresholds.ts';
import {
  judgeRuns,
  measureAccuracy,
  type ResampledScore,
  type ScoredSet,
  type Scoring,
} from '../evaluate/accuracy.ts';
import { likelyLoss } from '../evaluate/interval.ts';
import type { Graph } from '../onnx/graph.ts';
import { saveModel } from '../onnx/load.ts';
import type { QdqForm } from '../quantize/placement.ts';
import { writeQdq } from '../quantize/qdq.ts';
import { calibratedValues, floatOperators, SchemeBuilder, schemeOptions } from '../quantize/scheme.ts';
import { type FusionReport, finishForTensorRt, fusionOf } from '../quantize/tensorrt.ts';
import { widenStem } from '../quantize/wide-stem.ts';
import type { GraphRunner } from '../runner.ts';
import { type LayerHarm, scanLayers } from '../sensitivity/scan.ts';
import { searchFloatLayers } from '../sensitivity/search.ts';
import { type Checkpoints, keep, recall, remember } from './checkpoints.ts';
import { type ChainSettings, searchShare } from './settings.ts';

/** How one form came about. */
export interface QuantizationReport {
  readonly form: QdqForm;
  readonly method: CalibrationMethod;
  /** How far each method that was tried agrees with the float model: by the measure of its task, 0..1. Empty where one was asked for. */
  readonly methods: Readonly<Partial<Record<CalibrationMethod, number>>>;
  readonly layers: number;
  /** Layers left in float by the search, most harmful first. */
  readonly float: readonly string[];
  /** All layers by harm, worst first; empty where all of them together keep the budget, and none was looked at alone. */
  readonly harms: readonly LayerHarm[];
  /** Operators that are not quantized, with their counts. */
  readonly floatOperators: Readonly<Record<string, number>>;
  /** Accuracy on the calibration side; of the quantized network what three of four draws do not exceed. */
  readonly calibration: { readonly float: number; readonly quantized: number; readonly wanted: number };
  readonly reached: boolean;
  /** The time was up; a longer one may find fewer layers in float. */
  readonly stopped: boolean;
  readonly trials: number;
  /** What TensorRT can make of the file. */
  readonly tensorrt?: FusionReport;
}

export interface Quantized {
  readonly models: ReadonlyMap<QdqForm, Uint8Array>;
  readonly reports: readonly QuantizationReport[];
}

export interface QuantizePorts {
  readonly calibration: ScoredSet;
  /** The calibration pictures, judged by what the float model finds on them. */
  readonly agreement: ScoredSet;
  readonly runner: GraphRunner;
  readonly store: Checkpoints;
  readonly progress: Progress;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** What the budget counts against, if not the graph itself. */
  readonly base?: Uint8Array;
}

/** Calibrates once, and for each form chooses ranges and searches on the calibration side, and writes it. */
export async function quantizeStep(
  graph: Graph,
  ports: QuantizePorts,
  settings: ChainSettings,
): Promise<Quantized> {
  const { calibration, runner, store } = ports;
  const forms = (['qdq-u8', 'qdq-s8'] as const).filter((form) => settings.variants.includes(form));
  const statistics = await calibrate(graph, forms, ports);
  const float = await remember(store, 'calibration-float', () =>
    measureAccuracy(saveModel(graph), runner, calibration),
  );
  const wanted = float.value - (await roomOf(float.value, ports, settings)) * searchShare;
  const models = new Map<QdqForm, Uint8Array>();
  const reports: QuantizationReport[] = [];
  for (const form of forms) {
    const step = new FormStep({ form, graph, statistics, float, wanted, settings }, ports);
    const { shipped, report } = await step.run();
    models.set(form, saveModel(shipped));
    reports.push(report);
  }
  return { models, reports };
}

interface FormWork {
  readonly form: QdqForm;
  readonly graph: Graph;
  readonly statistics: ReadonlyMap<string, ValueStatistics>;
  /** On the calibration side: the float model, and the accuracy that is enough. */
  readonly float: ResampledScore;
  readonly wanted: number;
  readonly settings: ChainSettings;
}

type Agreements = Partial<Record<CalibrationMethod, number>>;

/** Pictures on which methods are compared. */
const methodPictures = 64;

/** The search of one form. */
class FormStep {
  readonly #work: FormWork;
  readonly #ports: QuantizePorts;
  readonly #late: () => boolean;

  constructor(work: FormWork, ports: QuantizePorts) {
    this.#work = work;
    this.#ports = ports;
    const deadline = ports.now() + work.settings.searchMs;
    this.#late = () => ports.now() >= deadline;
  }

  async run(): Promise<{ readonly shipped: Graph; readonly report: QuantizationReport }> {
    const { form, graph, float, wanted } = this.#work;
    const { method, agreements, whole } = await this.#chooseMethod();
    const builder = this.#builder(method);
    const all = new Set(builder.layers.map(({ id }) => id));
    const trials = await this.#trials(builder, whole);
    // Most networks keep the budget as a whole: nothing has to be ranked then.
    const enough = (await trials(all)) >= wanted;
    const harms = enough ? [] : await this.#scan(builder);
    const order = enough ? [...all].map((layer) => ({ layer, noise: 0 })) : harms;
    const found = await searchFloatLayers(order, wanted, trials, this.#late);
    const shipped = asShipped(writeQdq(graph, builder.build(found.quantized)), form);
    const report: QuantizationReport = {
      form,
      method,
      methods: agreements,
      layers: builder.layers.length,
      float: found.float,
      harms,
      floatOperators: Object.fromEntries(floatOperators(graph)),
      calibration: { float: float.value, quantized: found.accuracy, wanted },
      reached: found.reached,
      stopped: found.stopped,
      trials: found.trials,
      ...defined({ tensorrt: form === 'qdq-s8' ? fusionOf(shipped) : undefined }),
    };
    return { shipped, report };
  }

  #builder(method: CalibrationMethod): SchemeBuilder {
    const { form, graph, statistics, settings } = this.#work;
    return new SchemeBuilder(graph, statistics, schemeOptions(form, method, settings.weightLimit));
  }

  /**
   * The one whose detections are nearest to the float model's. Noise at the heads picks wrong ones: it counts every cell alike,
   * and the few strong values by which objects are found least. Labels of a few dozen pictures tell methods apart no better.
   */
  async #chooseMethod() {
    const { form, graph, settings, float } = this.#work;
    const { method } = settings;
    if (method !== 'auto') return { method, agreements: {}, whole: undefined };
    const { runner, agreement, calibration, store, progress } = this.#ports;
    const { samples } = agreement;
    const count = Math.min(samples.count, methodPictures);
    const few = { name: samples.name, count, input: (at: number) => samples.input(at) };
    const agreements = { ...(await recall<Agreements>(store, `methods-${form}`)) };
    const onLabels = new Map<CalibrationMethod, Scoring>();
    for (const [at, name] of comparedMethods.entries()) {
      if (agreements[name] !== undefined) continue;
      progress(`comparing ranges for ${form}`, at, comparedMethods.length);
      const builder = this.#builder(name);
      const all = new Set(builder.layers.map(({ id }) => id));
      const model = saveModel(writeQdq(graph, builder.build(all)));
      const [agrees, labelled] = await judgeRuns([agreement.judge, calibration.judge], model, runner, few);
      agreements[name] = agrees!.score().value;
      // On all pictures it is what the search begins with.
      if (count === calibration.samples.count) onLabels.set(name, labelled!);
      await keep(store, `methods-${form}`, agreements);
    }
    const of = (name: CalibrationMethod) => agreements[name] ?? 0;
    const best = comparedMethods.reduce<CalibrationMethod>(
      (most, name) => (of(name) > of(most) ? name : most),
      comparedMethods[0],
    );
    const found = onLabels.get(best)?.score();
    const whole = found && float.value - likelyLoss(float, found);
    return { method: best, agreements, whole };
  }

  /** Accuracy on the calibration side, as good as its draws allow; measured once for each set of layers. `whole`: of all of them. */
  async #trials(builder: SchemeBuilder, whole: number | undefined) {
    const { form, graph, float } = this.#work;
    const { calibration, runner, store, progress } = this.#ports;
    const name = `trials-${form}`;
    const known = new Map(Object.entries((await recall<Record<string, number>>(store, name)) ?? {}));
    if (whole !== undefined) known.set('1'.repeat(builder.layers.length), whole);
    return async (quantized: ReadonlySet<string>) => {
      const key = builder.layers.map((layer) => (quantized.has(layer.id) ? '1' : '0')).join('');
      const before = known.get(key);
      if (before !== undefined) return before;
      const model = saveModel(writeQdq(graph, builder.build(quantized)));
      const score = await measureAccuracy(model, runner, calibration, (_, done, total) =>
        progress(`searching, trial ${known.size + 1}, ${form}`, done, total),
      );
      const accuracy = float.value - likelyLoss(float, score);
      known.set(key, accuracy);
      await keep(store, name, Object.fromEntries(known));
      return accuracy;
    };
  }

  async #scan(builder: SchemeBuilder): Promise<LayerHarm[]> {
    const { store, runner, progress, calibration } = this.#ports;
    const name = `harms-${this.#work.form}`;
    const known = new Map(Object.entries((await recall<Record<string, number>>(store, name)) ?? {}));
    const writes: Promise<void>[] = [];
    const found = ({ layer, noise }: LayerHarm) => {
      known.set(layer, noise);
      if (known.size % 8 === 0) writes.push(keep(store, name, Object.fromEntries(known)));
    };
    const { samples } = calibration;
    const harms = await scanLayers(
      builder,
      { runner, samples, progress, late: this.#late, found },
      new Map(known),
    );
    await Promise.all(writes);
    await keep(store, name, Object.fromEntries(known));
    return harms;
  }
}

/** The search measures accuracy, which this hardly changes; the file that ships is the fast one. */
function asShipped(graph: Graph, form: QdqForm): Graph {
  if (form === 'qdq-s8') return finishForTensorRt(graph);
  widenStem(graph);
  return graph;
}

/**
 * What 8 bits may cost: the budget, less what the float graph has lost already against its base. A fifth of the budget is
 * always left, for a search that may lose nothing finds nothing, and the evaluation set decides anyway.
 */
async function roomOf(
  float: number,
  { base, calibration, runner, store }: QuantizePorts,
  { maxDrop }: ChainSettings,
): Promise<number> {
  if (base === undefined) return maxDrop;
  const before = await remember(store, 'calibration-base', async () => {
    return (await measureAccuracy(base, runner, calibration)).value;
  });
  return Math.min(maxDrop, Math.max(maxDrop * 0.2, maxDrop - (before - float)));
}

type StoredStatistics = readonly (readonly [string, HistogramState, readonly number[]])[];

async function calibrate(
  graph: Graph,
  forms: readonly QdqForm[],
  { calibration, runner, store, progress }: QuantizePorts,
): Promise<Map<string, ValueStatistics>> {
  const stored = await remember<StoredStatistics>(store, 'statistics', async () => {
    const values = calibratedValues(graph, forms);
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

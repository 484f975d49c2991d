import type { Progress, SampleSet } from '../calibrate/samples.ts';
import { writeQdq } from '../quantize/qdq.ts';
import type { SchemeBuilder } from '../quantize/scheme.ts';
import type { GraphRunner } from '../runner.ts';
import { cutAtHeads, type HeadOutputs, headValues, noiseRatio, runHeads } from './heads.ts';

/** What one layer in INT8, all others in float, does to the heads. */
export interface LayerHarm {
  readonly layer: string;
  /** Noise-to-signal ratio at the heads. */
  readonly noise: number;
}

/** Pictures per layer; the ranking needs few, since noise is measured over every cell of every head. */
export const scanPictures = 2;

export interface ScanPorts {
  readonly runner: GraphRunner;
  readonly samples: SampleSet;
  readonly progress: Progress;
  /** The time is up: layers that were not looked at count as harmless. */
  readonly late: () => boolean;
  /** Hears of each result. */
  readonly found: (harm: LayerHarm) => void;
}

/** Harm of every layer, worst first. `known` holds results of an interrupted scan. */
export async function scanLayers(
  builder: SchemeBuilder,
  { runner, samples, progress, late, found }: ScanPorts,
  known: ReadonlyMap<string, number> = new Map(),
): Promise<LayerHarm[]> {
  const { graph, layers } = builder;
  const heads = headValues(graph);
  const float = await runHeads(cutAtHeads(graph, heads), runner, samples, scanPictures);
  const harms: LayerHarm[] = [];
  for (const [at, { id }] of layers.entries()) {
    progress('scanning layers', at, layers.length);
    let noise = known.get(id);
    if (noise === undefined && !late()) {
      noise = await noiseOf(builder, new Set([id]), { float, heads }, { runner, samples });
      found({ layer: id, noise });
    }
    harms.push({ layer: id, noise: noise ?? 0 });
  }
  progress('scanning layers', layers.length, layers.length);
  return harms.sort((a, b) => b.noise - a.noise);
}

/** What the heads of the float model say on the first pictures of a set. */
export interface FloatHeads {
  readonly heads: readonly string[];
  readonly float: readonly HeadOutputs[];
}

/** Noise at the heads with these layers in INT8. */
export async function noiseOf(
  builder: SchemeBuilder,
  quantized: ReadonlySet<string>,
  { heads, float }: FloatHeads,
  { runner, samples }: { readonly runner: GraphRunner; readonly samples: SampleSet },
): Promise<number> {
  const model = cutAtHeads(writeQdq(builder.graph, builder.build(quantized)), heads);
  return noiseRatio(float, await runHeads(model, runner, samples, float.length));
}

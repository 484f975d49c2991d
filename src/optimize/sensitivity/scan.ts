import type { Progress, SampleSet } from '../calibrate/samples.ts';
import { writeQdq } from '../quantize/qdq.ts';
import type { SchemeBuilder } from '../quantize/scheme.ts';
import type { GraphRunner } from '../runner.ts';
import { cutAtHeads, headValues, noiseRatio, runHeads } from './heads.ts';

/** What one layer in INT8, all others in float, does to the heads. */
export interface LayerHarm {
  readonly layer: string;
  /** Noise-to-signal ratio at the heads. */
  readonly noise: number;
}

/** Pictures per layer; the ranking needs few, since noise is measured over every cell of every head. */
export const scanPictures = 4;

/** Harm of every layer, worst first. `known` holds results of an interrupted scan; `found` hears of each new one. */
export async function scanLayers(
  builder: SchemeBuilder,
  runner: GraphRunner,
  samples: SampleSet,
  progress: Progress,
  known: ReadonlyMap<string, number> = new Map(),
  found: (harm: LayerHarm) => void = () => {},
): Promise<LayerHarm[]> {
  const { graph, layers } = builder;
  const heads = headValues(graph);
  const float = await runHeads(cutAtHeads(graph, heads), runner, samples, scanPictures);
  const harms: LayerHarm[] = [];
  for (const [at, { id }] of layers.entries()) {
    progress('scanning layers', at, layers.length);
    let noise = known.get(id);
    if (noise === undefined) {
      const quantized = writeQdq(graph, builder.build(new Set([id])), 'qdq-u8');
      noise = noiseRatio(float, await runHeads(cutAtHeads(quantized, heads), runner, samples, scanPictures));
      found({ layer: id, noise });
    }
    harms.push({ layer: id, noise });
  }
  progress('scanning layers', layers.length, layers.length);
  return harms.sort((a, b) => b.noise - a.noise);
}

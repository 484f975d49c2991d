import type { LayerHarm } from './scan.ts';

/** Accuracy (0..1) on the calibration side with these layers in INT8. */
export type AccuracyOf = (quantized: ReadonlySet<string>) => Promise<number>;

export interface SearchResult {
  readonly quantized: ReadonlySet<string>;
  /** Layers left in float, most harmful first. */
  readonly float: readonly string[];
  readonly accuracy: number;
  /** Whether the wanted accuracy was reached. */
  readonly reached: boolean;
  /** The time was up before every candidate was measured. */
  readonly stopped: boolean;
  /** How many candidates were measured. */
  readonly trials: number;
}

/**
 * The fewest layers in float that keep `wanted` accuracy. First ever longer heads of the ranking by harm; then parts of
 * what was found go back to INT8, halves first and single layers last, least harmful first, since the ranking knows each
 * layer only alone. Accuracy is measured on the calibration side; the evaluation pictures are never looked at here.
 */
export async function searchFloatLayers(
  harms: readonly LayerHarm[],
  wanted: number,
  accuracyOf: AccuracyOf,
  late: () => boolean = () => false,
): Promise<SearchResult> {
  const order = harms.map((harm) => harm.layer);
  let trials = 0;
  const measure = async (float: ReadonlySet<string>) => {
    trials += 1;
    return accuracyOf(new Set(order.filter((layer) => !float.has(layer))));
  };
  let float = new Set<string>();
  let accuracy = await measure(float);
  for (const count of headLengths(order.length)) {
    if (accuracy >= wanted || late()) break;
    float = new Set(order.slice(0, count));
    accuracy = await measure(float);
  }
  const reached = accuracy >= wanted;
  for (let size = reached ? float.size >> 1 : 0; size >= 1; size >>= 1) {
    const least = order.filter((layer) => float.has(layer)).reverse();
    for (let at = 0; at < least.length && !late(); at += size) {
      const part = new Set(least.slice(at, at + size));
      const smaller = new Set([...float].filter((layer) => !part.has(layer)));
      const found = await measure(smaller);
      if (found < wanted) continue;
      float = smaller;
      accuracy = found;
    }
  }
  return {
    quantized: new Set(order.filter((layer) => !float.has(layer))),
    float: order.filter((layer) => float.has(layer)),
    accuracy,
    reached,
    stopped: late(),
    trials,
  };
}

/** 1, 2, 3, 4, 6, 9, ...: steps grow by half, since accuracy on a few dozen pictures is noisy and not monotone. */
function headLengths(layers: number): number[] {
  const lengths: number[] = [];
  for (let length = 1; length < layers; length = Math.max(length + 1, Math.floor(length * 1.5))) {
    lengths.push(length);
  }
  return layers > 0 ? [...lengths, layers] : [];
}

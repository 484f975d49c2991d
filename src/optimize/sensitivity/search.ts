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
  /** How many candidates were measured. */
  readonly trials: number;
}

/**
 * The fewest layers in float that keep `wanted` accuracy: bisection over the ranking by harm, then every float layer is
 * tried in INT8 again, least harmful first, since the ranking knows each layer only alone. Accuracy is measured on the
 * calibration side; the evaluation pictures are never looked at here.
 */
export async function searchFloatLayers(
  harms: readonly LayerHarm[],
  wanted: number,
  accuracyOf: AccuracyOf,
  progress: (done: number, total: number) => void = () => {},
): Promise<SearchResult> {
  const order = harms.map((harm) => harm.layer);
  const total = Math.ceil(Math.log2(order.length + 1)) + 2;
  let trials = 0;
  const withFloat = (float: ReadonlySet<string>) => new Set(order.filter((layer) => !float.has(layer)));
  const measure = async (float: ReadonlySet<string>) => {
    trials += 1;
    progress(trials, Math.max(total, trials));
    return accuracyOf(withFloat(float));
  };
  const top = (count: number) => new Set(order.slice(0, count));

  // Invariant of the bisection: `enough` layers in float are known to suffice, or are all of them.
  let tooFew = -1;
  let enough = 0;
  let accuracy = await measure(top(0));
  for (let step = 1; accuracy < wanted && enough < order.length; step *= 2) {
    tooFew = enough;
    enough = Math.min(order.length, step);
    accuracy = await measure(top(enough));
  }
  if (accuracy < wanted) return result(order, top(order.length), withFloat, accuracy, false, trials);
  while (enough - tooFew > 1) {
    const middle = (enough + tooFew) >> 1;
    const found = await measure(top(middle));
    if (found >= wanted) {
      enough = middle;
      accuracy = found;
    } else tooFew = middle;
  }
  const float = top(enough);
  for (const layer of order.slice(0, enough).reverse()) {
    float.delete(layer);
    const found = await measure(float);
    if (found >= wanted) accuracy = found;
    else float.add(layer);
  }
  return result(order, float, withFloat, accuracy, true, trials);
}

function result(
  order: readonly string[],
  float: ReadonlySet<string>,
  withFloat: (float: ReadonlySet<string>) => Set<string>,
  accuracy: number,
  reached: boolean,
  trials: number,
): SearchResult {
  return {
    quantized: withFloat(float),
    float: order.filter((layer) => float.has(layer)),
    accuracy,
    reached,
    trials,
  };
}

import { mean, strideOf, type TaskAnswer } from './task-answer.ts';

const mostSamples = 512;

/**
 * How far away the picture is, how far it reaches, how much farther its upper half is, and where nothing is known. Of
 * disparities, whose unit changes, the last three are relative to their range.
 */
export const depth: TaskAnswer = {
  names: ['log_depth', 'depth_spread', 'depth_slope', 'depth_missing'],
  measure: (found) => {
    const map = found.find((one) => one.depth !== undefined)?.depth;
    if (map === undefined) return { values: [Number.NaN, Number.NaN, Number.NaN, 1] };
    const { values, columns, gives } = map;
    const stride = strideOf(values.length, columns, mostSamples);
    const [upper, lower]: [number[], number[]] = [[], []];
    let looked = 0;
    for (let i = 0; i < values.length; i += stride, looked++) {
      const value = gives === 'metres' ? Math.log(values[i]!) : values[i]!;
      if (Number.isFinite(value)) (2 * i < values.length ? upper : lower).push(value);
    }
    const known = Float64Array.from([...upper, ...lower]).sort();
    const at = (share: number) => known[Math.floor(share * (known.length - 1))] ?? Number.NaN;
    const [low, middle, high] = [at(0.1), at(0.5), at(0.9)];
    const slope = mean(upper) - mean(lower);
    const missing = 1 - known.length / looked;
    if (gives === 'metres') return { values: [middle, high - low, slope, missing] };
    const range = Math.max(high - low, 1e-6);
    return {
      values: [middle > 0 ? Math.log(middle) : Number.NaN, (middle - low) / range, slope / range, missing],
    };
  },
};

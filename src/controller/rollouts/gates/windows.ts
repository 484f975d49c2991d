import type { Series } from './series.ts';

/** The first blocks after the change: what comes later is cut off. */
export function firstPart(series: readonly Series[], blocks: number): Series[] {
  return series.map((one) => {
    const end = Math.min(one.value.length, one.changed + one.settle + blocks);
    return { ...one, value: one.value.subarray(0, end), weight: one.weight.subarray(0, end) };
  });
}

/**
 * `length` blocks that end `back` blocks before the end, as what is after the change: of those series that had changed and
 * settled when they began.
 */
export function newestPart(series: readonly Series[], length: number, back: number): Series[] {
  return series.flatMap((one) => {
    const end = one.value.length - back;
    const changed = end - length;
    if (changed < one.changed + one.settle || changed <= one.usual) return [];
    const [value, weight] = [one.value.subarray(0, end), one.weight.subarray(0, end)];
    return [{ ...one, value, weight, changed, settle: 0 }];
  });
}

/** 2048 bins, as TensorRT's entropy calibrator: fine enough for a threshold, small enough for a hundred values. */
export const binCount = 2048;

/**
 * Distribution of |x| of one value over all calibration pictures, and its smallest and largest x. The range grows by
 * doubling the bins' width, so one pass over the pictures is enough and nothing is sorted.
 */
export class Histogram {
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  /** Width of a bin in the value's own unit; 0 until a value other than zero was seen. */
  width = 0;
  count = 0;
  readonly bins = new Float64Array(binCount);
  readonly #fresh = new Uint32Array(binCount);

  add(values: Float32Array): void {
    const { min, max } = extremes(values);
    this.min = Math.min(this.min, min);
    this.max = Math.max(this.max, max);
    this.#cover(Math.max(max, -min));
    this.count += values.length;
    if (this.width === 0) {
      this.bins[0]! += values.length;
      return;
    }
    count(values, 1 / this.width, this.#fresh);
    for (let i = 0; i < binCount; i += 1) this.bins[i]! += this.#fresh[i]!;
    this.#fresh.fill(0);
  }

  /** Largest |x|. */
  get limit(): number {
    return Math.max(this.max, -this.min, 0);
  }

  toJSON(): HistogramState {
    const { min, max, width, count } = this;
    return { min, max, width, count, bins: [...this.bins] };
  }

  static from(state: HistogramState): Histogram {
    const histogram = new Histogram();
    histogram.min = state.min;
    histogram.max = state.max;
    histogram.width = state.width;
    histogram.count = state.count;
    histogram.bins.set(state.bins);
    return histogram;
  }

  #cover(limit: number): void {
    if (!(limit > 0) || !Number.isFinite(limit)) return;
    if (this.width === 0) this.width = limit / binCount;
    while (limit > this.width * binCount) {
      for (let i = 0; i < binCount / 2; i += 1) this.bins[i] = this.bins[2 * i]! + this.bins[2 * i + 1]!;
      this.bins.fill(0, binCount / 2);
      this.width *= 2;
    }
  }
}

function extremes(values: Float32Array): { readonly min: number; readonly max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** The hot loop of calibration: 30 million values per picture. The largest |x| falls on the edge of the last bin. */
function count(values: Float32Array, perUnit: number, bins: Uint32Array): void {
  for (let i = 0; i < values.length; i += 1) {
    const bin = (Math.abs(values[i]!) * perUnit) | 0;
    const at = bin < binCount ? bin : binCount - 1;
    bins[at] = bins[at]! + 1;
  }
}

export interface HistogramState {
  readonly min: number;
  readonly max: number;
  readonly width: number;
  readonly count: number;
  readonly bins: readonly number[];
}

/** Embeddings are projected to this many numbers: their covariance must be learned from some thousand seconds. */
export const projectedLength = 24;

/** What a network made of the pictures of one second. */
export interface Embedding {
  /** Length of what the network gave. */
  readonly dimensions: number;
  /** `projectedLength` numbers. */
  readonly projected: Float64Array;
}

/** The mean embedding of a second's frames: a sum per frame, and one projection when the second ends. */
export class EmbeddingMean {
  #sum = new Float64Array(0);
  #frames = 0;

  /** `values`: a pooled tensor of the backbone, of one length as long as the model is the same. */
  add(values: ArrayLike<number>): void {
    if (values.length !== this.#sum.length) {
      this.#sum = new Float64Array(values.length);
      this.#frames = 0;
    }
    const sum = this.#sum;
    for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
    this.#frames++;
  }

  /** Undefined where no frame had one, or one that was not finite: a network that overflows says so elsewhere. */
  take(): Embedding | undefined {
    const frames = this.#frames;
    if (frames === 0) return undefined;
    const projected = project(this.#sum).map((value) => value / frames);
    this.reset();
    return projected.every(Number.isFinite) ? { dimensions: this.#sum.length, projected } : undefined;
  }

  reset(): void {
    this.#sum.fill(0);
    this.#frames = 0;
  }
}

/** A random projection keeps distances (Johnson and Lindenstrauss 1984); the same for every profile. */
function project(values: ArrayLike<number>): Float64Array {
  const out = new Float64Array(projectedLength);
  let state = 0x12345678;
  const scale = 1 / Math.sqrt(values.length);
  for (let i = 0; i < values.length; i++)
    for (let k = 0; k < projectedLength; k++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      out[k]! += (state & 1 ? scale : -scale) * values[i]!;
    }
  return out;
}

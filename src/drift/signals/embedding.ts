import type { DetectorIdentity } from '../../perception/index.ts';

/** Embeddings are projected to this many numbers: their covariance must be learned from some thousand seconds. */
export const projectedLength = 24;

/** What a network made of the pictures of one second. */
export interface Embedding {
  readonly source: string;
  /** `projectedLength` numbers. */
  readonly projected: Float64Array;
}

/**
 * What made an embedding. One of another source says nothing about the picture: YOLOX-Nano's in INT8 is 35 % away from its
 * own in float32, where unrelated pictures are 108 % apart (medians, docs/evidence/models.md).
 */
export function embeddingSource({ engine, precision }: DetectorIdentity, length: number): string {
  return `${engine} ${precision}, ${length} numbers`;
}

/** The mean embedding of a second's frames: a sum per frame, and one projection when the second ends. */
export class EmbeddingMean {
  #sum = new Float64Array(0);
  #source = '';
  #by: DetectorIdentity | undefined;
  #frames = 0;

  /** `values`: a pooled tensor of the backbone. Another source begins anew. */
  add(values: ArrayLike<number>, by: DetectorIdentity): void {
    if (by !== this.#by || values.length !== this.#sum.length) this.#begin(values.length, by);
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
    return projected.every(Number.isFinite) ? { source: this.#source, projected } : undefined;
  }

  reset(): void {
    this.#sum.fill(0);
    this.#frames = 0;
  }

  #begin(length: number, by: DetectorIdentity): void {
    this.#by = by;
    const source = embeddingSource(by, length);
    if (source === this.#source) return;
    this.#source = source;
    this.#sum = new Float64Array(length);
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

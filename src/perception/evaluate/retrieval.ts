/** The vector of one picture, and what it shows. */
export interface EmbeddedPicture {
  readonly identity: number;
  readonly embedding: ArrayLike<number>;
}

export interface RetrievalAccuracy {
  /** Pictures that have another one of the same identity: only those can be asked for. */
  readonly queries: number;
  /** Share of the queries whose nearest other picture is of the same identity; 0..1. */
  readonly recall1: number;
  /** The same for one among the five nearest. */
  readonly recall5: number;
  /** Of each query: the nearest is right. */
  readonly right: readonly boolean[];
}

/** Recall at 1 and 5 by cosine, each picture against all others (Oh Song et al., 2016). */
export function retrievalAccuracy(pictures: readonly EmbeddedPicture[]): RetrievalAccuracy {
  const unit = pictures.map(({ embedding }) => normalised(embedding));
  let five = 0;
  const right: boolean[] = [];
  for (const [i, { identity }] of pictures.entries()) {
    if (!pictures.some((other, j) => j !== i && other.identity === identity)) continue;
    const near = pictures
      .map((other, j) => ({ other, near: j === i ? Number.NEGATIVE_INFINITY : dot(unit[i]!, unit[j]!) }))
      .sort((a, b) => b.near - a.near)
      .slice(0, Math.min(5, pictures.length - 1));
    right.push(near[0]?.other.identity === identity);
    if (near.some(({ other }) => other.identity === identity)) five += 1;
  }
  const queries = right.length;
  const share = (count: number) => (queries === 0 ? 0 : count / queries);
  return { queries, recall1: share(right.filter(Boolean).length), recall5: share(five), right };
}

function normalised(values: ArrayLike<number>): Float64Array {
  const all = Float64Array.from(values);
  const norm = Math.sqrt(dot(all, all)) || 1;
  return all.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The appearance of an object: a vector of an embedding model. Vectors of two models cannot be compared. */
export interface Look {
  readonly values: Float32Array;
  /** Digest of the model. */
  readonly model: string;
}

/** 1 - the cosine: 0 for the same, 2 for opposites; infinite where the two can't be compared. */
export function lookDistance(a: Look, b: Look): number {
  if (a.model !== b.model || a.values.length !== b.values.length) return Number.POSITIVE_INFINITY;
  let [product, ownA, ownB] = [0, 0, 0];
  for (let i = 0; i < a.values.length; i++) {
    const [x, y] = [a.values[i]!, b.values[i]!];
    product += x * y;
    ownA += x * x;
    ownB += y * y;
  }
  const norm = Math.sqrt(ownA * ownB);
  return norm > 0 ? Math.max(0, 1 - product / norm) : Number.POSITIVE_INFINITY;
}

/** Share of what is new: looks change with light and pose, and a single picture may be a bad one (as in FairMOT and BoT-SORT). */
const fresh = 0.1;

/** The look that is kept of what was seen again. One of another model takes its place. */
export function blended(kept: Look | undefined, seen: Look): Look {
  if (kept === undefined || kept.model !== seen.model || kept.values.length !== seen.values.length)
    return seen;
  const [a, b] = [norm(kept.values), norm(seen.values)];
  if (!(a > 0 && b > 0)) return seen;
  const values = kept.values.map((value, i) => ((1 - fresh) * value) / a + (fresh * seen.values[i]!) / b);
  return { values, model: kept.model };
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

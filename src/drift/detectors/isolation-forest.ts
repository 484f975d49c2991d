import type { Random } from '../random.ts';

/** One tree as parallel arrays; an inner node has a feature, a leaf has -1 and its expected rest of the path. */
export interface IsolationTree {
  readonly feature: number[];
  /** Inner: goes left where value < split. Leaf: path length that its size stands for. */
  readonly split: number[];
  /** Index of the left child; the right one follows it. */
  readonly left: number[];
}

export interface IsolationForest {
  readonly sampleSize: number;
  readonly trees: IsolationTree[];
}

/** Mean path length of an unsuccessful search in a binary tree of n values (Liu, Ting, Zhou 2008, equation 1). */
export function averagePath(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n;
}

export function trainIsolationForest(
  rows: readonly ArrayLike<number>[],
  random: Random,
  treeCount = 64,
  sampleSize = 256,
): IsolationForest {
  const size = Math.min(sampleSize, rows.length);
  const depth = Math.ceil(Math.log2(Math.max(2, size)));
  const trees = Array.from({ length: treeCount }, () => grow(sample(rows, size, random), depth, random));
  return { sampleSize: size, trees };
}

/** Anomaly score of Liu et al., 0..1: about 0.5 is usual, towards 1 is alone. */
export function isolationScore(forest: IsolationForest, x: ArrayLike<number>): number {
  let sum = 0;
  for (const tree of forest.trees) {
    let node = 0;
    let depth = 0;
    while (tree.feature[node]! >= 0) {
      node = tree.left[node]! + (x[tree.feature[node]!]! < tree.split[node]! ? 0 : 1);
      depth++;
    }
    sum += depth + tree.split[node]!;
  }
  return 2 ** (-sum / (forest.trees.length * Math.max(1e-9, averagePath(forest.sampleSize))));
}

function sample(rows: readonly ArrayLike<number>[], size: number, random: Random): ArrayLike<number>[] {
  const order = rows.map((_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + random.below(order.length - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.slice(0, size).map((i) => rows[i]!);
}

function grow(rows: ArrayLike<number>[], maxDepth: number, random: Random): IsolationTree {
  const feature: number[] = [-1];
  const split: number[] = [0];
  const left: number[] = [0];
  const open = [{ node: 0, rows, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    const cut = depth < maxDepth && next.rows.length > 1 ? chooseCut(next.rows, random) : undefined;
    if (cut === undefined) {
      split[node] = Math.round(averagePath(next.rows.length) * 1e4) / 1e4;
      continue;
    }
    const first = feature.length;
    for (let i = 0; i < 2; i++) {
      feature.push(-1);
      split.push(0);
      left.push(0);
    }
    feature[node] = cut.feature;
    split[node] = cut.at;
    left[node] = first;
    const below = next.rows.filter((row) => row[cut.feature]! < cut.at);
    const above = next.rows.filter((row) => !(row[cut.feature]! < cut.at));
    open.push(
      { node: first, rows: below, depth: depth + 1 },
      { node: first + 1, rows: above, depth: depth + 1 },
    );
  }
  return { feature, split, left };
}

/** A random feature that still varies, cut at a random place; undefined where all rows are the same. */
function chooseCut(
  rows: readonly ArrayLike<number>[],
  random: Random,
): { feature: number; at: number } | undefined {
  const count = rows[0]!.length;
  const begin = random.below(count);
  for (let tried = 0; tried < count; tried++) {
    const feature = (begin + tried) % count;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      low = Math.min(low, row[feature]!);
      high = Math.max(high, row[feature]!);
    }
    if (!(high > low)) continue;
    const at = Math.round((low + (high - low) * random.next()) * 1e4) / 1e4;
    if (at > low && at <= high) return { feature, at };
  }
  return undefined;
}

import { describe, expect, it } from 'vitest';
import { Cusum } from '../../../../src/drift/detectors/cusum.ts';
import {
  averagePath,
  type IsolationTree,
  isolationScore,
  trainIsolationForest,
} from '../../../../src/drift/detectors/isolation-forest.ts';
import { ksDistance } from '../../../../src/drift/detectors/kolmogorov-smirnov.ts';
import { Mahalanobis } from '../../../../src/drift/detectors/mahalanobis.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { reference } from './reference.ts';

/** One of scikit-learn's trees in our arrays; it goes left where value <= threshold, we where value < split. */
function translate(tree: (typeof reference.isolationForest.trees)[number]): IsolationTree {
  const feature: number[] = [-1];
  const split: number[] = [0];
  const left: number[] = [0];
  const open: [from: number, to: number][] = [[0, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, to] = next;
    if (tree.feature[from]! < 0) {
      split[to] = averagePath(tree.samples[from]!);
      continue;
    }
    const child = feature.length;
    feature.push(-1, -1);
    split.push(0, 0);
    left.push(0, 0);
    feature[to] = tree.feature[from]!;
    split[to] = tree.threshold[from]! + 1e-9;
    left[to] = child;
    open.push([tree.left[from]!, child], [tree.right[from]!, child + 1]);
  }
  return { feature, split, left };
}

describe('Detectors give what scipy and scikit-learn give', () => {
  it('Kolmogorov-Smirnov distance of binned samples', () => {
    for (const { a, b, distance } of reference.kolmogorovSmirnov.cases) {
      expect(ksDistance(a, b)).toBeCloseTo(distance, 12);
    }
  });

  it('squared Mahalanobis distance', () => {
    const { rows, points, squared } = reference.mahalanobis;
    const fitted = Mahalanobis.fit(rows, 0);
    for (const [i, point] of points.entries()) {
      expect(Math.abs(fitted.squared(point) / squared[i]! - 1)).toBeLessThan(1e-5);
    }
  });

  it("isolation score of scikit-learn's own trees", () => {
    const { trees, sampleSize, points, scores } = reference.isolationForest;
    const forest = { sampleSize, trees: trees.map(translate) };
    for (const [i, point] of points.entries()) {
      expect(isolationScore(forest, point)).toBeCloseTo(scores[i]!, 6);
    }
  });

  it('a forest of our own ranks points as scikit-learn does', () => {
    const { rows, points, scoresOfMany: scores } = reference.isolationForest;
    const forest = trainIsolationForest(rows, seededRandom(3), 300, 64);
    const ours = points.map((point) => isolationScore(forest, point));
    let same = 0;
    let pairs = 0;
    for (let i = 0; i < points.length; i++)
      for (let j = 0; j < i; j++) {
        if (Math.abs(scores[i]! - scores[j]!) < 0.03) continue;
        pairs++;
        if (scores[i]! > scores[j]! === ours[i]! > ours[j]!) same++;
      }
    expect(pairs).toBeGreaterThan(30);
    expect(same / pairs).toBeGreaterThan(0.93);
  });

  it('CUSUM', () => {
    const { x, allowance, cusum } = reference.cusum;
    const total = new Cusum(allowance);
    for (const [i, value] of x.entries()) expect(total.add(value)).toBeCloseTo(cusum[i]!, 10);
  });
});

import { describe, expect, it } from 'vitest';
import { mixDistance } from '../../../../src/drift/detectors/chi-squared.ts';
import { Cusum } from '../../../../src/drift/detectors/cusum.ts';
import {
  averagePath,
  type IsolationTree,
  isolationScore,
  trainIsolationForest,
} from '../../../../src/drift/detectors/isolation-forest.ts';
import { ksDistance } from '../../../../src/drift/detectors/kolmogorov-smirnov.ts';
import { Mahalanobis } from '../../../../src/drift/detectors/mahalanobis.ts';
import { FourierFeatures, OnlineMmd } from '../../../../src/drift/detectors/mmd.ts';
import { psi } from '../../../../src/drift/detectors/psi.ts';
import { seededRandom } from '../../../../src/drift/random.ts';
import { reference } from './reference.ts';

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

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

  it('chi-squared distance of a class mix, times the number of objects', () => {
    for (const { counts, shares, statistic } of reference.chiSquared.cases) {
      expect(sum(counts) * mixDistance(counts, shares, 0)).toBeCloseTo(statistic, 8);
    }
  });

  it('population stability index as two relative entropies', () => {
    const { p, q, psi: expected } = reference.psi;
    expect(psi(p, q, 0)).toBeCloseTo(expected, 10);
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

  it('maximum mean discrepancy of the Gaussian kernel, within what random features allow', () => {
    const { bandwidth, x, y, squared } = reference.mmd;
    const features = new FourierFeatures(3, 4000, bandwidth, 1);
    const mean = (rows: number[][]) => {
      const out = new Float64Array(features.count);
      for (const row of rows)
        for (const [k, value] of features.map(row).entries()) out[k]! += value / rows.length;
      return out;
    };
    const a = mean(x);
    const distance = sum([...mean(y)].map((value, k) => (value - a[k]!) ** 2));
    expect(Math.abs(distance - squared)).toBeLessThan(0.1 * squared);
  });

  it('CUSUM', () => {
    const { x, allowance, cusum } = reference.cusum;
    const total = new Cusum(allowance);
    for (const [i, value] of x.entries()) expect(total.add(value)).toBeCloseTo(cusum[i]!, 10);
  });
});

describe('Online MMD', () => {
  it('rises when the distribution moves and falls back when it returns', () => {
    const random = seededRandom(9);
    const draw = (shift: number) => [random.normal() + shift, random.normal(), random.normal()];
    const features = new FourierFeatures(3, 128, 2, 1);
    const mean = new Float64Array(128);
    for (let i = 0; i < 2000; i++) for (const [k, v] of features.map(draw(0)).entries()) mean[k]! += v / 2000;
    const mmd = new OnlineMmd(features, mean, 0.05);
    const run = (shift: number) => {
      let last = 0;
      for (let i = 0; i < 150; i++) last = mmd.add(draw(shift));
      return last;
    };
    const before = run(0);
    const during = run(2);
    const after = run(0);
    expect(during).toBeGreaterThan(4 * before);
    expect(after).toBeLessThan(during / 4);
  });
});

import { readFileSync } from 'node:fs';

interface Reference {
  readonly made: string;
  readonly kolmogorovSmirnov: {
    readonly cases: readonly { a: number[]; b: number[]; distance: number }[];
  };
  readonly psi: { readonly p: number[]; readonly q: number[]; readonly psi: number };
  readonly mahalanobis: {
    readonly rows: number[][];
    readonly points: number[][];
    readonly squared: number[];
  };
  readonly isolationForest: {
    readonly sampleSize: number;
    readonly trees: readonly {
      feature: number[];
      threshold: number[];
      left: number[];
      right: number[];
      samples: number[];
    }[];
    readonly points: number[][];
    readonly scores: number[];
    /** Of 500 other trees. */
    readonly scoresOfMany: number[];
    readonly rows: number[][];
  };
  readonly cusum: {
    readonly x: number[];
    readonly allowance: number;
    readonly cusum: number[];
  };
}

/** Made by test/fixtures/drift/make.py with scipy and scikit-learn. */
export const reference = JSON.parse(
  readFileSync(new URL('../../../fixtures/drift/reference.json', import.meta.url), 'utf8'),
) as Reference;

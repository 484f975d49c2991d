import { logGamma } from './log-gamma.ts';

/** P(Z >= z) of a standard normal; relative error below 1e-7 in the tail too (Numerical Recipes' erfc of Chebyshev). */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  let sum = 0;
  for (let i = erfc.length - 1; i >= 0; i--) sum = sum * t + erfc[i]!;
  const tail = 0.5 * t * Math.exp(-x * x + sum);
  return z >= 0 ? tail : 1 - tail;
}

const erfc = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];

/** P(T >= t) of Student's t; any positive degrees of freedom. */
export function studentTail(t: number, freedom: number): number {
  const half = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t >= 0 ? half : 1 - half;
}

/** The t with P(T >= t) = tail, by bisection. */
export function studentQuantile(tail: number, freedom: number): number {
  return bisect((t) => studentTail(t, freedom) > tail, -1000, 1000);
}

export function normalQuantile(tail: number): number {
  return bisect((z) => normalTail(z) > tail, -40, 40);
}

/** Where `below` turns from true to false. */
export function bisect(below: (x: number) => boolean, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let step = 0; step < 100; step++) {
    const middle = (a + b) / 2;
    if (middle === a || middle === b) break;
    if (below(middle)) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/** Regularised incomplete beta function, by Lentz's continued fraction. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return (front * value) / a;
}

function nonZero(x: number, tiny: number): number {
  return Math.abs(x) < tiny ? tiny : x;
}

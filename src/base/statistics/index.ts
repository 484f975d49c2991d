export { binomialAtLeast } from './binomial.ts';
export { binomialLower, binomialUpper, poissonAtLeast, poissonLower, poissonUpper } from './bounds.ts';
export { ExponentialHistogram, type HistogramCounts, upperEdge } from './exponential-histogram.ts';
export { holm } from './holm.ts';
export { logGamma } from './log-gamma.ts';
export { percentile } from './percentile.ts';
export { bisect, incompleteBeta, normalQuantile, normalTail, studentQuantile, studentTail } from './tails.ts';

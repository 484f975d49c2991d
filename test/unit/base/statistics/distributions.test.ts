import { describe, expect, it } from 'vitest';
import {
  binomialLower,
  binomialUpper,
  incompleteBeta,
  normalQuantile,
  normalTail,
  poissonAtLeast,
  poissonLower,
  poissonUpper,
  studentQuantile,
  studentTail,
} from '../../../../src/base/index.ts';

describe('Distributions', () => {
  // Out of tables.
  it.each([
    [0, 0.5],
    [1.644854, 0.05],
    [1.959964, 0.025],
    [3.090232, 0.001],
    [-1, 0.841345],
  ])('have the tail of the normal at %f', (z, tail) => {
    expect(normalTail(z)).toBeCloseTo(tail, 6);
    expect(normalQuantile(tail)).toBeCloseTo(z, 4);
  });

  it.each([
    [12.7062, 1, 0.025],
    [2.570582, 5, 0.025],
    [1.812461, 10, 0.05],
    [3.385185, 30, 0.001],
  ])('have the tail of Student at %f with %i', (t, freedom, tail) => {
    expect(studentTail(t, freedom)).toBeCloseTo(tail, 6);
    expect(studentQuantile(tail, freedom)).toBeCloseTo(t, 3);
  });

  it('know the incomplete beta of a uniform', () => {
    expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(incompleteBeta(0.25, 2, 3)).toBeCloseTo(0.26171875, 10);
  });

  it('know exact bounds of counts: nothing in so many is three at most, and 5 of 10', () => {
    expect(poissonUpper(0, 0.05)).toBeCloseTo(2.9957, 3);
    expect(poissonUpper(3, 0.025)).toBeCloseTo(8.7673, 3);
    expect(poissonLower(3, 0.025)).toBeCloseTo(0.6187, 3);
    expect(poissonAtLeast(2, 1)).toBeCloseTo(1 - 2 / Math.E, 10);
    expect(binomialUpper(5, 10, 0.025)).toBeCloseTo(0.8129, 3);
    expect(binomialLower(5, 10, 0.025)).toBeCloseTo(0.1871, 3);
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { piecesFound, piecesOf } from './search.ts';

describe('The search of a disk for weights', () => {
  it('finds stored weights at any place, whole or in part, and no others', () => {
    const weights = randomBytes(100_000);
    const pieces = piecesOf(weights);
    expect(pieces.length).toBeGreaterThan(300);
    const disk = Buffer.concat([Buffer.alloc(4_097), weights.subarray(0, 50_000), randomBytes(10_000)]);
    expect(piecesFound(disk, pieces)).toBeGreaterThan(pieces.length * 0.45);
    expect(piecesFound(disk, pieces)).toBeLessThan(pieces.length * 0.55);
    expect(piecesFound(randomBytes(200_000), pieces)).toBe(0);
  });

  it('looks for nothing that is in every file', () => {
    expect(piecesOf(Buffer.alloc(100_000))).toEqual([]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { putTogether, type ReferenceProfile, takeApart } from '../../../../src/drift/index.ts';
import { learnToy } from '../toy-camera.ts';

let profile: ReferenceProfile;
beforeAll(() => {
  profile = learnToy(700);
});

describe('A profile in pieces', () => {
  it('is the same when it is put together', () => {
    expect(putTogether(takeApart(profile))).toEqual(profile);
  });

  it('has no piece with more than a time of day or some thousand numbers', () => {
    const bucket = profile.buckets[0]!;
    const pieces = takeApart({ ...profile, buckets: Array.from({ length: 24 }, () => bucket) });
    for (const { rest, buckets = [], trees = [] } of pieces) {
      expect(buckets.length).toBeLessThanOrEqual(1);
      expect(trees.reduce((sum, { feature }) => sum + 3 * feature.length, 0)).toBeLessThan(6000);
      expect(rest?.buckets ?? []).toEqual([]);
    }
    expect(pieces.length).toBeGreaterThan(24);
  });

  it('is nothing without its first piece', () => {
    expect(putTogether([])).toBeUndefined();
    expect(putTogether(takeApart(profile).slice(1))).toBeUndefined();
  });
});

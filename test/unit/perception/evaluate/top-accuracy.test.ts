import { describe, expect, it } from 'vitest';
import { topAccuracy } from '../../../../src/perception/index.ts';

describe('The accuracy of a classifier', () => {
  it('counts the likeliest class, and the five likeliest', () => {
    const pictures = [
      { truth: 0, said: [0, 1, 2] },
      { truth: 0, said: [1, 0, 2] },
      { truth: 3, said: [9, 8, 7, 6, 3, 4] },
      { truth: 3, said: [9, 8, 7, 6, 5, 3] },
    ];
    expect(topAccuracy(pictures)).toEqual({
      pictures: 4,
      top1: 0.25,
      top5: 0.75,
      balanced: 0.25,
      perClass: [
        { classId: 0, pictures: 2, top1: 0.5 },
        { classId: 3, pictures: 2, top1: 0 },
      ],
    });
  });

  it('lets a class with few pictures count as much as one with many', () => {
    const many = Array.from({ length: 9 }, () => ({ truth: 0, said: [0] }));
    const { top1, balanced } = topAccuracy([...many, { truth: 1, said: [0] }]);
    expect([top1, balanced]).toEqual([0.9, 0.5]);
  });

  it('is nothing without pictures', () => {
    expect(topAccuracy([])).toMatchObject({ pictures: 0, top1: 0, top5: 0, balanced: 0 });
  });
});

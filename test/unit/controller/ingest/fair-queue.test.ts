import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue } from '../../../../src/controller/ingest/fair-queue.ts';

const fill = (queue: FairQueue<string>, owner: string, size: number) => {
  let pushed = 0;
  while (queue.push(owner, `${owner}${pushed}`, size)) pushed += 1;
  return pushed * size;
};

describe('The room', () => {
  test.each([
    { floods: 1, each: 500 },
    { floods: 2, each: 250 },
  ])(
    'that $floods flooding owners get leaves the next one half of what the last of them has',
    ({ floods, each }) => {
      const queue = new FairQueue<string>(1000, 10);
      const held = Array.from({ length: floods }, (_, i) => fill(queue, `f${i}`, 1));
      expect(held[floods - 1]).toBe(each);
      expect(fill(queue, 'honest', 1)).toBe(each / 2);
    },
  );

  test('is never exceeded, and somebody new always finds some while there is any', () => {
    const pushes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 30 })));
    fc.assert(
      fc.property(pushes, (steps) => {
        const queue = new FairQueue<number>(100, 10);
        for (const [owner, size] of steps) queue.push(owner, size, size);
        expect(queue.size).toBeLessThanOrEqual(100);
        if (queue.size < 100) expect(queue.push('new', 1, 1)).toBe(true);
      }),
    );
  });

  test('that others hold is not given away', () => {
    const queue = new FairQueue<string>(100, 10);
    expect(queue.push('a', 'x', 30, 80)).toBe(false);
    expect(queue.push('a', 'x', 20, 80)).toBe(true);
  });
});

describe('What is taken', () => {
  test('has a share of the one who sends little beside one who sends much', () => {
    const queue = new FairQueue<string>(10_000, 10);
    fill(queue, 'flood', 10);
    for (const value of ['h0', 'h1']) queue.push('honest', value, 5);
    expect(queue.take(100).values.filter((value) => value.startsWith('h'))).toEqual(['h0', 'h1']);
  });

  test('resumes where it ended, so that none waits longer than one round', () => {
    const queue = new FairQueue<string>(100_000, 10);
    const owners = Array.from({ length: 7 }, (_, i) => `o${i}`);
    for (const owner of owners) for (let i = 0; i < 100; i++) queue.push(owner, owner, 10);
    const first = queue.take(30).values;
    expect([...first, ...queue.take(40).values].sort()).toEqual(owners);
  });

  test('is one item larger than a round allows, after some rounds', () => {
    const queue = new FairQueue<string>(10_000, 10);
    queue.push('large', 'large', 95);
    fill(queue, 'small', 10);
    expect(queue.take(120).values).toContain('large');
  });

  test('is every item once, those of an owner in their order', () => {
    const pushes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 30 })));
    fc.assert(
      fc.property(pushes, fc.array(fc.integer({ min: 1, max: 60 })), (steps, takes) => {
        const queue = new FairQueue<{ readonly owner: string; readonly at: number }>(1000, 8);
        const taken: { readonly owner: string; readonly at: number }[] = [];
        const pushed: { readonly owner: string; readonly at: number }[] = [];
        for (const [at, [owner, size]] of steps.entries()) {
          if (queue.push(owner, { owner, at }, size)) pushed.push({ owner, at });
          const take = takes[at];
          if (take !== undefined && at % 3 === 0) taken.push(...queue.take(take).values);
        }
        taken.push(...queue.take(Number.POSITIVE_INFINITY).values);
        expect(queue.size).toBe(0);
        for (const name of ['a', 'b', 'c'])
          expect(taken.filter(({ owner }) => owner === name)).toEqual(
            pushed.filter(({ owner }) => owner === name),
          );
      }),
    );
  });

  test('leaves out an owner that is forgotten', () => {
    const queue = new FairQueue<string>(100, 10);
    queue.push('a', 'a', 10);
    queue.push('b', 'b', 10);
    queue.forget('a');
    expect(queue.size).toBe(10);
    expect(queue.take(100)).toEqual({ values: ['b'], size: 10 });
  });
});

import { describe, expect, it } from 'vitest';
import { SharedBufferPool } from '../../../src/platform/index.ts';

describe('Buffers that go round', () => {
  it('lie in shared memory and are used again after their release, each once', () => {
    const pool = new SharedBufferPool(12);
    const [first, second] = [pool.take(), pool.take()];
    expect(first.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([first.data.length, pool.taken]).toEqual([12, 2]);
    first.release();
    first.release();
    expect(pool.taken).toBe(1);
    const third = pool.take();
    expect(third.data).toBe(first.data);
    expect(pool.take().data).not.toBe(third.data);
    second.release();
    expect(pool.taken).toBe(2);
  });
});

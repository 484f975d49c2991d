import { afterEach, describe, expect, it, vi } from 'vitest';
import { within } from '../../../../src/adapters/oci/within.ts';

describe('A request to a server', () => {
  afterEach(() => void vi.useRealTimers());

  const until = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('it was aborted'))),
    );

  it('is given up if not even the head of an answer comes', async () => {
    vi.useFakeTimers();
    const asked = within('http://a', 30_000, undefined, until);
    const outcome = expect(asked).rejects.toMatchObject({ code: 'registry-silent' });
    await vi.advanceTimersByTimeAsync(29_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
  });

  it('gets the full time again after each sign of life', async () => {
    vi.useFakeTimers();
    const asked = within('http://a', 1_000, undefined, async (signal, heard) => {
      setTimeout(heard, 900);
      await until(signal);
    });
    let ended = false;
    const outcome = expect(asked.finally(() => (ended = true))).rejects.toMatchObject({
      code: 'registry-silent',
    });
    await vi.advanceTimersByTimeAsync(1_800);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    await outcome;
  });
});

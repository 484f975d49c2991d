import { describe, expect, it } from 'vitest';
import { CancelledError, MissingError } from '../../../../src/base/index.ts';
import { attempt, works } from '../../../../src/runtime/selftest/trial.ts';

describe('A trial', () => {
  it('is its rows', async () => {
    const row = works('disk', 'room', '5 GB free');
    expect(await attempt('disk', 'room', async () => row)).toEqual([row]);
    expect(await attempt('disk', 'room', async () => [row, row])).toEqual([row, row]);
  });

  it('that throws is a row with the cause and the remedy, and not the end of the selftest', async () => {
    const missing = new MissingError('bundle-missing', 'There is none.', 'Make one.');
    expect(await attempt('engines', 'engines', () => Promise.reject(missing))).toEqual([
      { group: 'engines', name: 'engines', state: 'fails', detail: 'There is none.', remedy: 'Make one.' },
    ]);
    const [row] = await attempt('disk', 'speed', () => Promise.reject(new TypeError('x is not a function')));
    expect(row).toMatchObject({ state: 'fails', detail: 'x is not a function' });
    expect(row?.remedy).toMatch(/report/);
  });

  it('that the user ends is the end', async () => {
    const cancelled = new CancelledError('The selftest');
    await expect(attempt('disk', 'room', () => Promise.reject(cancelled))).rejects.toBe(cancelled);
  });
});

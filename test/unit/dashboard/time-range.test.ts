import { describe, expect, it } from 'vitest';
import { fitsFilter } from '../../../src/dashboard/activity/merge.ts';
import { formatWindow, readRange, timesOf } from '../../../src/dashboard/state/time-range.ts';

const read = (text: string) => readRange(new Map(new URLSearchParams(text)));
const nine = Date.UTC(2026, 11, 2, 9);
const half = 30 * 60_000;

describe('a range of the address', () => {
  it('is a span that ends now, or a window that stays', () => {
    expect(read('q=x')).toBeUndefined();
    expect(timesOf(read('span=6h')!, nine)).toEqual({ fromMs: nine - 6 * 3_600_000, toMs: nine });
    const zoomed = read('span=6h&window=20261202T090000Z-20261202T093000Z')!;
    expect(zoomed).toMatchObject({ span: '6h', lengthMs: half });
    expect(timesOf(zoomed, nine + 86_400_000)).toEqual({ fromMs: nine, toMs: nine + half });
    expect(read('window=20261202T090000Z-20261202T093000Z')).toMatchObject({ span: '1h', lengthMs: half });
  });

  it('is written as it is read', () => {
    const text = formatWindow({ fromMs: nine, toMs: nine + half });
    expect(text).toBe('20261202T090000Z-20261202T093000Z');
    expect(read(`window=${text}`)?.window).toEqual({ fromMs: nine, toMs: nine + half });
  });

  it.each([
    ['that is no time', 'yesterday-today'],
    ['of a day that is not in the calendar', '20261302T090000Z-20261402T093000Z'],
    ['that ends before it begins', '20261202T093000Z-20261202T090000Z'],
    ['that is empty', '20261202T090000Z-20261202T090000Z'],
    ['of years', '20160101T000000Z-20261202T090000Z'],
    ['with a third time', '20261202T090000Z-20261202T093000Z-20261202T100000Z'],
    ['without an end', '20261202T090000Z'],
  ])('is not a window %s', (_, window) => {
    expect(read(`window=${window}`)).toBeUndefined();
    expect(read(`span=1d&window=${window}`)).toMatchObject({ key: '1d', window: undefined });
  });

  it('says of an event of the stream whether it is in the list', () => {
    const range = read('window=20261202T090000Z-20261202T093000Z');
    const at = (timeMs: number) => ({
      ...{ seq: 1, id: 'e', device: 'cam-1', timeMs, receivedMs: nine, kind: 'camera.lost', message: '' },
      severity: 'error' as const,
    });
    const filter = { severity: '', kind: '', device: '', range } as const;
    expect([nine - 1, nine, nine + half - 1, nine + half].map((one) => fitsFilter(at(one), filter))).toEqual([
      ...[false, true, true, false],
    ]);
    expect(fitsFilter(at(0), { ...filter, range: read('span=15m') })).toBe(true);
  });
});

import { Cron } from 'croner';
import { describe, expect, test, vi } from 'vitest';
import { checkWindow, isOpen, nextOpening } from '../../../../src/controller/rollouts/windows.ts';

const at = (text: string) => Date.parse(text);
const night = { cron: '0 2 * * *', timeZone: 'Europe/Vienna', minutes: 120, graceMinutes: 30 };

describe('A window', () => {
  test.each([
    ['2026-06-10T00:00:00Z', true, 'opens at 02:00 of Vienna, which is midnight of UTC in summer'],
    ['2026-06-10T01:59:59Z', true, 'stays open'],
    ['2026-06-10T02:00:00Z', false, 'closes after its minutes'],
    ['2026-01-10T00:30:00Z', false, 'follows the clock of its place in winter'],
    ['2026-01-10T01:00:00Z', true, 'follows the clock of its place in winter'],
  ])('%s %s: %s', (time, open) => {
    expect(isOpen([night], 'switch', at(time))).toBe(open);
  });

  test('lets running switches finish within its grace, and starts none then', () => {
    const time = at('2026-06-10T02:20:00Z');
    expect(isOpen([night], 'switch', time)).toBe(false);
    expect(isOpen([night], 'switch', time, true)).toBe(true);
    expect(isOpen([night], 'switch', time + 11 * 60_000, true)).toBe(false);
  });

  test('of downloads does not limit switches, and without one it is always open', () => {
    const time = at('2026-06-10T12:00:00Z');
    expect(isOpen([{ ...night, what: 'switch' }], 'download', time)).toBe(true);
    expect(isOpen([{ ...night, what: 'download' }], 'download', time)).toBe(false);
    expect(isOpen(undefined, 'switch', time)).toBe(true);
  });

  test('says when it opens next, over the change of the clocks', () => {
    // 25 October 2026: the clocks go back, 02:00 of Vienna comes at 00:00 UTC (the first of two).
    expect(nextOpening([night], 'switch', at('2026-10-24T12:00:00Z'))).toBe(at('2026-10-25T00:00:00Z'));
    expect(nextOpening([night], 'switch', at('2026-10-25T12:00:00Z'))).toBe(at('2026-10-26T01:00:00Z'));
    // 29 March 2026 has no 02:00: it opens when the clocks went forward.
    expect(nextOpening([night], 'switch', at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
    expect(
      nextOpening([{ ...night, cron: '0 0 31 2 *' }], 'switch', at('2026-03-28T12:00:00Z')),
    ).toBeUndefined();
  });

  test.each([
    ['0 0 30 2 *', false],
    ['0 0 31 4,6,9,11 *', false],
    ['0 0 29 2 *', true],
    ['0 0 31 2,3 *', true],
    // Either day fits where both are restricted.
    ['0 0 31 2 1', true],
  ])('at %s is refused where no month has such a day', (cron, opens) => {
    const check = expect(() => checkWindow({ ...night, cron }));
    if (opens) check.not.toThrow();
    else check.toThrow(expect.objectContaining({ code: 'cron-form' }));
  });

  test('opens in places with half hours, at the minute', () => {
    const india = { cron: '15 9 * * 1-5', timeZone: 'Asia/Kolkata', minutes: 10 };
    expect(nextOpening([india], 'switch', at('2026-06-12T12:00:00Z'))).toBe(at('2026-06-15T03:45:00Z'));
    expect(isOpen([india], 'switch', at('2026-06-15T03:54:59Z'))).toBe(true);
    expect(isOpen([india], 'switch', at('2026-06-15T03:55:00Z'))).toBe(false);
  });

  test('of a place that is none is refused', () => {
    expect(() => checkWindow({ ...night, timeZone: 'Mars/Olympus' })).toThrow(/no time zone/);
  });
});

describe('Windows of many rollouts', () => {
  test('are searched for once until they open, however rare', () => {
    const search = vi.spyOn(Cron.prototype, 'nextRun');
    const leap = Array.from({ length: 60 }, (_, minute) => ({
      ...{ cron: `${minute} 0 29 2 *`, timeZone: 'Europe/Vienna', minutes: 90, graceMinutes: 30 },
    }));
    const from = at('2026-03-01T00:00:00Z');
    // A day of steps.
    for (let step = 0; step < 43_200; step += 100)
      for (const begun of [false, true])
        for (const window of leap) expect(isOpen([window], 'switch', from + step * 2_000, begun)).toBe(false);
    expect(nextOpening(leap, 'switch', from)).toBeUndefined();
    expect(search.mock.calls.length).toBeLessThanOrEqual(60 * 3);
    search.mockRestore();
  });

  test('open as those that are searched for at every step', () => {
    const often = { cron: '*/7 * * * *', timeZone: 'America/New_York', minutes: 3 };
    const cron = new Cron(often.cron, { mode: '5-part', timezone: often.timeZone });
    // Over a change of the clock, forward and back in time.
    const begin = at('2026-11-01T04:00:00Z');
    for (let step = 0; step < 400; step++) {
      const now = begin + ((step * 7919) % 14_400) * 1_000;
      const opened = cron.nextRun(new Date(now - 180_000))!.getTime();
      expect([now, isOpen([often], 'switch', now)]).toEqual([now, opened <= now]);
    }
  });
});

describe('A time of cron', () => {
  test('has lists, ranges, steps and names', () => {
    const often = { cron: '*/20,5 8-10 * jan-mar mon,7', timeZone: 'UTC', minutes: 1 };
    const opens = [at('2026-03-28T12:00:00Z')];
    while (opens.length < 15) opens.push(nextOpening([often], 'switch', opens.at(-1)!)!);
    expect(opens.slice(1, 6).map((ms) => new Date(ms).toISOString().slice(8, 16))).toEqual([
      '29T08:00',
      '29T08:05',
      '29T08:20',
      '29T08:40',
      '29T09:00',
    ]);
    expect(new Date(opens[14]!).toISOString()).toBe('2026-03-30T08:05:00.000Z');
  });

  test('with both days restricted fits either', () => {
    const friday = { cron: '0 0 13 * 5', timeZone: 'UTC', minutes: 60 };
    expect(isOpen([friday], 'switch', at('2026-06-12T00:30:00Z'))).toBe(true);
    expect(isOpen([friday], 'switch', at('2026-06-13T00:30:00Z'))).toBe(true);
    expect(isOpen([friday], 'switch', at('2026-06-14T00:30:00Z'))).toBe(false);
  });

  test.each([
    '',
    '* * * *',
    '60 * * * *',
    '* 5-2 * * *',
    '0 0 2 * * *',
    '*/0 * * * *',
    'x * * * *',
    '1-2-3 * * * *',
    '* * 0 * *',
    '*/2/3 * * * *',
  ])('that is none is refused: %j', (text) => {
    const check = () => checkWindow({ ...night, cron: text });
    expect(check).toThrow(expect.objectContaining({ code: 'cron-form' }));
  });
});

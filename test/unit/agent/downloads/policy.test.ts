import { describe, expect, it } from 'vitest';
import {
  type DownloadRules,
  mayDownload,
  parseWindow,
  retryAfterMs,
  startDelayMs,
  TokenBucket,
  usualPatienceMs,
  usualSpreadMs,
} from '../../../../src/agent/index.ts';

const always: DownloadRules = { windows: [], timeZone: 'UTC', notOver: [] };
const windowsOf = (...texts: string[]) => texts.map((text) => parseWindow(text)!);

describe('The windows for downloads', () => {
  // 2026-11-27 is a Friday.
  it.each([
    ['22:00-05:30', '2026-11-27T21:59:00Z', false],
    ['22:00-05:30', '2026-11-27T22:00:00Z', true],
    ['22:00-05:30', '2026-11-28T05:29:59Z', true],
    ['22:00-05:30', '2026-11-28T05:30:00Z', false],
    ['mon-fri 22:00-05:30', '2026-11-28T02:00:00Z', true],
    ['mon-fri 22:00-05:30', '2026-11-28T22:30:00Z', false],
    ['mon-fri 22:00-05:30', '2026-11-29T02:00:00Z', false],
    ['sat,sun 00:00-24:00', '2026-11-29T23:59:59Z', true],
    ['fri-mon 12:00-13:00', '2026-11-29T12:30:00Z', true],
    ['fri-mon 12:00-13:00', '2026-12-01T12:30:00Z', false],
  ])('%s at %s: %s', (window, time, open) => {
    const verdict = mayDownload({ ...always, windows: windowsOf(window) }, Date.parse(time), undefined);
    expect(verdict.go).toBe(open);
  });

  it('are of the place that is named, through summer time', () => {
    const rules = { ...always, windows: windowsOf('02:00-04:00'), timeZone: 'Europe/Berlin' };
    expect(mayDownload(rules, Date.parse('2026-07-01T00:30:00Z'), undefined).go).toBe(true);
    expect(mayDownload(rules, Date.parse('2026-12-01T00:30:00Z'), undefined).go).toBe(false);
    expect(mayDownload(rules, Date.parse('2026-12-01T01:30:00Z'), undefined).go).toBe(true);
  });

  it('are looked at again with the next minute', () => {
    const rules = { ...always, windows: windowsOf('22:00-23:00') };
    expect(mayDownload(rules, Date.parse('2026-11-27T21:59:30Z'), undefined)).toMatchObject({
      waitMs: 30_000,
    });
  });

  it.each([
    '',
    '25:00-26:00',
    '10:00-10:00',
    '10:60-11:00',
    'foo 10:00-11:00',
    'mon-tue-wed 10:00-11:00',
    '1:00-2:00',
  ])('refuse "%s"', (text) => expect(parseWindow(text)).toBeUndefined());
});

describe('The rule for networks', () => {
  it.each([
    [['mobile'], { interface: 'wwan0', kind: 'mobile' }, false],
    [['mobile'], { interface: 'eth0', kind: 'wired' }, true],
    [['eth1'], { interface: 'eth1', kind: 'wired' }, false],
    [['mobile'], { interface: undefined, kind: 'other' }, true],
    [['mobile'], undefined, true],
  ] as const)('not over %j, on %j: %s', (notOver, network, go) => {
    expect(mayDownload({ ...always, notOver }, 0, network).go).toBe(go);
  });
});

describe('The start of a fleet', () => {
  it.each([
    [undefined, 0, 600],
    [10, 0.5, 600],
    [200, 10, 3600],
    [10_000, 500, 3600],
    [10_000_000, 3600, 3600],
  ])('of %s devices is spread over %d s, and peers are waited for up to %d s', (fleet, spread, patience) => {
    expect([usualSpreadMs(fleet) / 1000, usualPatienceMs(fleet) / 1000]).toEqual([spread, patience]);
  });

  it('has no second in which more come than a registry serves, where nobody sets anything', () => {
    const counts = new Array<number>(500).fill(0);
    for (let device = 0; device < 10_000; device++)
      counts[Math.floor(startDelayMs(`camera-${device}`, 'sha256:a', usualSpreadMs(10_000)) / 1000)]! += 1;
    // 20 a second on average.
    expect(Math.max(...counts)).toBeLessThan(45);
  });

  it('is spread evenly, and is the same for a device at every try', () => {
    const counts = new Array<number>(60).fill(0);
    for (let device = 0; device < 10_000; device++)
      counts[Math.floor(startDelayMs(`camera-${device}`, 'sha256:a', 60_000) / 1000)]! += 1;
    // 167 a second on average; a second with 250 would be one in 10^9.
    expect(Math.max(...counts)).toBeLessThan(250);
    expect(Math.min(...counts)).toBeGreaterThan(100);
    expect(startDelayMs('a', 'b', 1000)).toBe(startDelayMs('a', 'b', 1000));
    expect(startDelayMs('a', 'b', 0)).toBe(0);
  });
});

describe('The cap on bytes', () => {
  it('lets a second through at once, then the rate and no more', () => {
    const bucket = new TokenBucket(1000, 0);
    expect(bucket.take(1000, 0)).toBe(0);
    expect(bucket.take(500, 0)).toBe(500);
    expect(bucket.take(0, 500)).toBe(0);
    // A long rest earns no more than a second.
    expect(bucket.take(3000, 100_000)).toBe(2000);
  });
});

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-11-27T12:00:00Z');
  it.each([
    ['120', 120_000],
    ['Fri, 27 Nov 2026 12:01:00 GMT', 60_000],
    ['Fri, 27 Nov 2026 11:00:00 GMT', 0],
    ['999999', 3_600_000],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s: %s', (header, ms) => expect(retryAfterMs(header, nowMs)).toBe(ms));
});

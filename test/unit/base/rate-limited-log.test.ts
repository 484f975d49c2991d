import { beforeEach, describe, expect, it } from 'vitest';
import { RateLimitedLog } from '../../../src/base/index.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

let clock: FakeClock;
let log: RecordingLog;
let limited: RateLimitedLog;
beforeEach(() => {
  clock = new FakeClock();
  log = new RecordingLog();
  limited = new RateLimitedLog(log, clock);
});

const warnings = () => log.at('warn');

describe('A rate-limited log', () => {
  it('writes the first warning of a key and leaves out those of the next ten seconds', async () => {
    limited.warn('skew d1', 'The clock is wrong', { device: 'd1' });
    await clock.pass(9_999);
    limited.warn('skew d1', 'The clock is wrong', { device: 'd1' });
    expect(warnings()).toEqual([['The clock is wrong', { device: 'd1' }]]);
  });

  it('says with the next warning how many were left out', async () => {
    for (let i = 0; i < 4; i++) limited.warn('a', 'again', { i });
    await clock.pass(10_000);
    limited.warn('a', 'again', { i: 4 });
    await clock.pass(10_000);
    limited.warn('a', 'again', { i: 5 });
    expect(warnings()).toEqual([
      ['again', { i: 0 }],
      ['again', { i: 4, leftOut: 3 }],
      ['again', { i: 5 }],
    ]);
  });

  it('counts each key by itself', () => {
    limited.warn('a', 'first');
    limited.warn('b', 'second');
    limited.warn('a', 'third');
    expect(warnings()).toEqual([
      ['first', {}],
      ['second', {}],
    ]);
  });

  it('does not fill memory with keys that come from outside', () => {
    limited.warn('known', 'known');
    for (let i = 0; i < 1_000; i++) limited.warn(`key ${i}`, 'other');
    // It started over, so the first key may be written again.
    limited.warn('known', 'known');
    expect(warnings().filter(([message]) => message === 'known')).toHaveLength(2);
  });
});

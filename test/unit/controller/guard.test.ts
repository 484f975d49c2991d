import { expect, test } from 'vitest';
import { RateLimitedLog } from '../../../src/base/index.ts';
import { Counters } from '../../../src/controller/counters.ts';
import { Guard } from '../../../src/controller/guard.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

test('a timer that throws is counted and logged once in a while, and the others go on', async () => {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const counters = new Counters();
  const guarded = new Guard(new RateLimitedLog(log, clock), counters).clock(clock);
  let others = 0;
  const stop = guarded.every(100, () => {
    throw new Error('a defect');
  });
  guarded.after(250, () => {
    others += 1;
  });
  await clock.pass(1_000);
  expect(others).toBe(1);
  expect(counters.failedCallbacks).toBe(10);
  expect(log.at('warn')).toHaveLength(1);
  expect(log.at('warn')[0]?.[1]).toMatchObject({ cause: 'a defect' });
  stop();
  expect(clock.pending).toBe(0);
});

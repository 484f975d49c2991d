import { SystemClock } from '../../src/adapters/system/index.ts';
import { RateLimitedLog, silentLog } from '../../src/base/index.ts';
import { Counters } from '../../src/controller/counters.ts';
import { Guard } from '../../src/controller/guard.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { describeClock } from './clock.ts';

describeClock('the fake', () => {
  const clock = new FakeClock();
  return { clock, pass: (ms) => clock.pass(ms) };
});

describeClock('guarded, as the controller has it', () => {
  const clock = new FakeClock();
  const guard = new Guard(new RateLimitedLog(silentLog, clock), new Counters());
  return { clock: guard.clock(clock), pass: (ms) => clock.pass(ms) };
});

describeClock('of the machine', () => ({
  clock: new SystemClock(),
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

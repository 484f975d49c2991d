import { SystemClock } from '../../src/adapters/system/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { describeClock } from './clock.ts';

describeClock('the fake', () => {
  const clock = new FakeClock();
  return { clock, pass: (ms) => clock.pass(ms) };
});

describeClock('of the machine', () => ({
  clock: new SystemClock(),
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

import { afterEach, expect, it } from 'vitest';
import { Hangup } from '../../../src/runtime/hangup.ts';

afterEach(() => process.removeAllListeners('SIGHUP'));

it('a hangup before the program is ready is heard once it is, and none is heard while it ends', () => {
  const hangup = new Hangup();
  let heard = 0;
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  expect(heard).toBe(0);
  hangup.use(() => {
    heard += 1;
  });
  expect(heard).toBe(1);
  process.emit('SIGHUP');
  expect(heard).toBe(2);
  hangup.ignore();
  process.emit('SIGHUP');
  expect(heard).toBe(2);
  // Still listened to: without a listener the signal ends the process.
  expect(process.listenerCount('SIGHUP')).toBe(1);
});

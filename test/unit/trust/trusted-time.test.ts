import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { TrustedTime } from '../../../src/trust/index.ts';

const day = 86_400_000;
const began = Date.UTC(2026, 10, 1);
const fresh = { ms: 0, root: 0, stepFromMs: 0 };
/** A board without a clock. */
const noClock = { ms: 0, synchronised: false };

describe('The earliest possible time', () => {
  let time: TrustedTime;
  beforeEach(() => {
    time = new TrustedTime(fresh, 0);
    time.under({ version: 1, issuedMs: began }, 0);
  });

  it('is the time that the owners signed with the root, and passes by a monotonic clock', () => {
    expect(time.nowMs(0, 0)).toBe(began);
    expect(time.nowMs(0, 5 * day)).toBe(began + 5 * day);
    expect(time.nowMs(began + 9 * day, 5 * day)).toBe(began + 9 * day);
  });

  it('goes with what the owners signed since, however far', () => {
    time.ownersSaid(began + 400 * day, 0);
    expect(time.knownMs(0)).toBe(began + 400 * day);
    time.ownersSaid(began, 0);
    expect(time.knownMs(0)).toBe(began + 400 * day);
  });

  it('is moved two days by a controller alone, once a day', () => {
    const says = (days: number, monotonicMs: number) =>
      time.controllerSaid(began + days * day, noClock, monotonicMs);
    expect(says(1, 0)).toBe(true);
    expect(time.knownMs(0)).toBe(began + day);
    expect(says(100, 0)).toBe(false);
    // It was moved just now.
    expect(time.knownMs(0)).toBe(began + day);
    expect(says(100, day)).toBe(false);
    expect(time.knownMs(day)).toBe(began + 4 * day);
  });

  it('goes with a controller that the system clock confirms, however far', () => {
    const wall = { ms: began + 299.5 * day, synchronised: false };
    expect(time.controllerSaid(began + 300 * day, wall, 0)).toBe(true);
    expect(time.knownMs(0)).toBe(began + 300 * day);
  });

  it('is not moved at all by a controller that NTP contradicts', () => {
    const wall = { ms: began, synchronised: true };
    expect(time.controllerSaid(began + 120 * day, wall, 0)).toBe(false);
    expect(time.knownMs(0)).toBe(began);
  });

  it('is set by a new root, later or earlier', () => {
    time.ownersSaid(began + 400 * day, 0);
    time.under({ version: 1, issuedMs: began }, 0);
    expect(time.knownMs(0)).toBe(began + 400 * day);
    time.under({ version: 2, issuedMs: began + day }, 0);
    expect(time.knownMs(0)).toBe(began + day);
  });

  it('is known after a restart, with the steps that were taken', () => {
    time.controllerSaid(began + 100 * day, noClock, 0);
    const again = new TrustedTime(time.kept(0), 77);
    expect(again.knownMs(77)).toBe(began + 2 * day);
    again.controllerSaid(began + 100 * day, noClock, 77);
    expect(again.knownMs(77)).toBe(began + 2 * day);
  });

  it('never decreases under one root, and no single key moves it by more than two days in a day', () => {
    const said = fc.record({
      issuedMs: fc.integer({ min: 0, max: 4e14 }),
      passMs: fc.integer({ min: 0, max: 3 * day }),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(said, { maxLength: 40 }), (all) => {
        let now = new TrustedTime({ ms: began, root: 1, stepFromMs: 0 }, 0);
        let at = 0;
        let passed = 0;
        for (const { issuedMs, passMs, restart } of all) {
          at += passMs;
          passed += passMs;
          if (restart) {
            now = new TrustedTime(now.kept(at), 0);
            at = 0;
          }
          const before = now.knownMs(at);
          now.controllerSaid(issuedMs, noClock, at);
          expect(now.knownMs(at)).toBeGreaterThanOrEqual(before);
        }
        // A step, and another one for each day of what is known since then.
        expect(now.knownMs(at)).toBeLessThanOrEqual(began + passed + (2 + (2 * passed) / day) * day);
      }),
    );
  });
});

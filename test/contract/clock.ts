import { expect, it } from 'vitest';
import { type Clock, sleep } from '../../src/base/index.ts';
import { suite } from './suite.ts';

export interface TestClock {
  readonly clock: Clock;
  /** Lets real or pretended time pass, at least so much of it. */
  pass(ms: number): Promise<void>;
}

/** What everybody expects of any clock. No bound above: a machine may be slow. */
export function describeClock(name: string, make: () => TestClock, missing?: string): void {
  suite(`A clock: ${name}`, missing, () => {
    it('calls once, not before the delay is over, in the order of the delays', async () => {
      const { clock, pass } = make();
      const startMs = clock.monotonicMs();
      const calls: [string, number][] = [];
      for (const delayMs of [60, 20, 40])
        clock.after(delayMs, () => calls.push([`${delayMs}`, clock.monotonicMs() - startMs]));
      expect(calls).toEqual([]);
      await until(pass, () => calls.length === 3);
      expect(calls.map(([what]) => what)).toEqual(['20', '40', '60']);
      // A timer of the machine may be a millisecond early by its own rounding.
      for (const [what, atMs] of calls) expect(atMs).toBeGreaterThanOrEqual(Number(what) - 1);
    });

    it('calls soon, but never at once, where there is nothing to wait for', async () => {
      const { clock, pass } = make();
      const calls: number[] = [];
      for (const delayMs of [0, -5]) clock.after(delayMs, () => calls.push(delayMs));
      expect(calls).toEqual([]);
      await until(pass, () => calls.length === 2);
      expect(calls.sort()).toEqual([-5, 0]);
    });

    it('calls nothing that was cancelled, and cancels again, and too late, without complaint', async () => {
      const { clock, pass } = make();
      let calls = 0;
      const early = clock.after(30, () => (calls += 1));
      const late = clock.after(10, () => (calls += 10));
      early();
      early();
      await until(pass, () => calls > 0);
      late();
      await pass(40);
      expect(calls).toBe(10);
    });

    it('repeats until it is cancelled, which it may be by what it calls', async () => {
      const { clock, pass } = make();
      let calls = 0;
      const cancel = clock.every(10, () => {
        calls += 1;
        if (calls === 3) cancel();
      });
      await until(pass, () => calls === 3);
      await pass(60);
      expect(calls).toBe(3);
      cancel();
    });

    it('goes on with the other timers where one of them starts or cancels others', async () => {
      const { clock, pass } = make();
      const calls: string[] = [];
      clock.after(10, () => {
        calls.push('first');
        cancel();
        clock.after(10, () => calls.push('third'));
      });
      const cancel = clock.after(60, () => calls.push('cancelled'));
      clock.after(15, () => calls.push('second'));
      await until(pass, () => calls.includes('third'));
      await pass(60);
      expect(calls.sort()).toEqual(['first', 'second', 'third']);
    });

    it('tells a monotonic time that never goes back, and a wall time that goes with it', async () => {
      const { clock, pass } = make();
      const before = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs(), wallNs: clock.wallNs() };
      expect(Math.abs(Number(before.wallNs / 1_000_000n) - before.wallMs)).toBeLessThan(1000);
      await pass(50);
      const passedMs = clock.monotonicMs() - before.monotonicMs;
      expect(passedMs).toBeGreaterThanOrEqual(49);
      expect(clock.wallMs() - before.wallMs).toBeGreaterThanOrEqual(48);
      expect(Number(clock.wallNs() - before.wallNs) / 1e6).toBeGreaterThanOrEqual(48);
      expect(Number.isInteger(clock.wallMs())).toBe(true);
    });

    it('lets one sleep', async () => {
      const { clock, pass } = make();
      let awake = false;
      const slept = sleep(clock, 20).then(() => (awake = true));
      expect(awake).toBe(false);
      await pass(60);
      await slept;
      expect(awake).toBe(true);
    });
  });
}

async function until(pass: TestClock['pass'], holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 500 && !holds(); turns += 1) await pass(20);
}

import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../../src/base/index.ts';
import { fetchTimes } from '../../../../../src/runtime/device/fetch/fetch-times.ts';
import { FakeClock } from '../../../../fakes/fake-clock.ts';

const never = new AbortController().signal;
const settings = {
  ...{ windows: [], timeZone: 'UTC', notOver: [], spreadSeconds: 0, peerPatienceSeconds: 0 },
};
const model = { digest: `sha256:${'a'.repeat(64)}` };

/** When the promise was kept, by that clock; undefined while it is not. */
function watch(clock: FakeClock, promise: Promise<unknown>) {
  const seen: { atMs?: number; error?: unknown } = {};
  const startMs = clock.monotonicMs();
  promise.then(
    () => {
      seen.atMs = clock.monotonicMs() - startMs;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

describe('The times of downloads', () => {
  const times = (change: Readonly<Record<string, unknown>>, network?: () => Promise<never>) => {
    const clock = new FakeClock();
    const ports = { device: 'cam-1', clock, log: silentLog, ...(network === undefined ? {} : { network }) };
    return { clock, ...fetchTimes({ ...settings, ...change } as never, ports as never) };
  };

  it('are now, where nothing is set', async () => {
    const { clock, mayFetch } = times({});
    const seen = watch(clock, mayFetch(model, never));
    await clock.pass(1);
    expect(seen.atMs).toBeLessThan(2);
  });

  it('are the device’s own within the spread, and the next try of the same model waits no more', async () => {
    const { clock, mayFetch } = times({ spreadSeconds: 600 });
    const first = watch(clock, mayFetch(model, never));
    await clock.pass(600_000);
    expect(first.atMs).toBeGreaterThan(0);
    const again = watch(clock, mayFetch(model, never));
    await clock.pass(1);
    expect(again.atMs).toBeLessThan(2);
  });

  it('are spread by the size of the fleet, where the settings do not say', async () => {
    const { clock, mayFetch } = times({ spreadSeconds: undefined });
    const small = watch(clock, mayFetch(model, never));
    const large = watch(clock, mayFetch({ digest: `sha256:${'b'.repeat(64)}`, fleet: 10_000 }, never));
    await clock.pass(500_000);
    expect(small.atMs).toBeLessThan(2);
    expect(large.atMs).toBeGreaterThan(2);
  });

  it('are remembered for each of several models that wait at the same time', async () => {
    const { clock, mayFetch } = times({ spreadSeconds: 600 });
    const other = { digest: `sha256:${'b'.repeat(64)}` };
    const both = [watch(clock, mayFetch(model, never)), watch(clock, mayFetch(other, never))];
    await clock.pass(600_000);
    expect(both.every(({ atMs }) => atMs !== undefined)).toBe(true);
    const again = [watch(clock, mayFetch(model, never)), watch(clock, mayFetch(other, never))];
    await clock.pass(1);
    for (const { atMs } of again) expect(atMs).toBeLessThan(2);
  });

  it('come when the network is another one', async () => {
    let kind = 'mobile';
    const network = async () => ({ interface: 'wwan0', kind }) as never;
    const { clock, mayFetch } = times({ notOver: ['mobile'] }, network);
    const seen = watch(clock, mayFetch(model, never));
    await clock.pass(300_000);
    expect(seen.atMs).toBeUndefined();
    kind = 'wired';
    await clock.pass(61_000);
    expect(seen.atMs).toBeGreaterThan(299_000);
  });

  it('end with the order that they are for', async () => {
    const stop = new AbortController();
    const { clock, mayFetch } = times({ notOver: ['mobile'] }, async () => ({ kind: 'mobile' }) as never);
    const seen = watch(clock, mayFetch(model, stop.signal));
    await clock.pass(10_000);
    stop.abort();
    await clock.pass(1);
    expect(seen.error).toMatchObject({ code: 'cancelled' });
  });

  it('wait for peers for a time of the device’s own, once for a model', async () => {
    const { clock, patience } = times({ peerPatienceSeconds: 600 });
    let asked = 0;
    const waiting = (async () => {
      while (await patience(model, never)) asked += 1;
    })();
    const seen = watch(clock, waiting);
    await clock.pass(620_000);
    expect(seen.atMs).toBeLessThan(620_000);
    expect(asked).toBeGreaterThan(0);
    expect(await patience(model, never)).toBe(false);
  });

  it.each([
    [{ windows: ['25:00-26:00'] }, /not a span of a week/],
    [{ timeZone: 'Mars/Olympus' }, /not a time zone/],
  ])('%j are refused at the start', (change, words) => {
    expect(() => times(change)).toThrow(words);
  });
});

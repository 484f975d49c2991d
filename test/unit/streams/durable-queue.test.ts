import { describe, expect, it } from 'vitest';
import { MissingError, silentLog } from '../../../src/base/index.ts';
import { StreamCounts } from '../../../src/streams/index.ts';
import { DurableQueue } from '../../../src/streams/mqtt/durable-queue.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';
import { FakeOutboxStore } from '../../fakes/fake-outbox-store.ts';

async function made(maxBytes: number, store = new FakeOutboxStore()) {
  const clock = new FakeClock();
  const counts = new StreamCounts();
  const got: string[] = [];
  let fails = false;
  const queue = new DurableQueue(
    { store, maxBytes },
    {
      ...{ counts, clock, log: silentLog },
      publish: async (camera, text) => {
        if (fails) throw new MissingError('transport-offline', 'Away.', 'Wait.');
        got.push(`${camera} ${text}`);
      },
    },
  );
  await queue.open();
  const offer = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      counts.produce();
      queue.offer('front', JSON.stringify({ i }));
      await settle();
    }
  };
  return { clock, counts, got, queue, offer, fail: (yes: boolean) => (fails = yes) };
}

describe('Results that are kept until the broker has them', () => {
  it('wait while it is away, and go in their order when it is there', async () => {
    const { queue, got, counts, offer, clock } = await made(1_000_000);
    await offer(0, 5);
    expect(counts.reading).toEqual({ produced: 5, sent: 0, leftOut: {}, waiting: 5 });
    queue.online(true);
    await clock.pass(1_000);
    expect(got).toEqual([0, 1, 2, 3, 4].map((i) => `front {"i":${i}}`));
    expect(counts.reading).toEqual({ produced: 5, sent: 5, leftOut: {}, waiting: 0 });
  });

  it('are tried again where publishing fails, and counted once', async () => {
    const { queue, got, counts, offer, clock, fail } = await made(1_000_000);
    queue.online(true);
    fail(true);
    await offer(0, 3);
    await clock.pass(5_000);
    fail(false);
    await clock.pass(60_000);
    expect(got).toHaveLength(3);
    expect(counts.reading).toEqual({ produced: 3, sent: 3, leftOut: {}, waiting: 0 });
  });

  it('are thinned where their room is full: the older half loses every second one, and it is counted', async () => {
    const { queue, got, counts, offer, clock } = await made(8_000);
    await offer(0, 400);
    const { waiting, leftOut } = counts.reading;
    expect(waiting).toBeLessThan(120);
    expect(leftOut).toEqual({ slow: 400 - waiting });
    queue.online(true);
    await clock.pass(60_000);
    expect(got).toHaveLength(waiting);
    // The last one is there, and something of the time before.
    expect(got.at(-1)).toBe('front {"i":399}');
    await queue.close(0);
    expect(counts.reading).toMatchObject({ produced: 400, sent: waiting, waiting: 0 });
  });

  it('that the disk refuses are held in memory, a bounded number, and are gone with the end', async () => {
    const store = new FakeOutboxStore();
    const { queue, counts, offer } = await made(64_000_000, store);
    store.full = true;
    await offer(0, 3);
    expect(counts.reading.waiting).toBe(3);
    await queue.close(0);
    expect(counts.reading).toEqual({ produced: 3, sent: 0, leftOut: { closed: 3 }, waiting: 0 });
  });

  it('go on from the disk after a restart', async () => {
    const store = new FakeOutboxStore();
    const first = await made(1_000_000, store);
    await first.offer(0, 3);
    await first.queue.close(0);
    expect(first.counts.reading.waiting).toBe(3);
    const second = await made(1_000_000, store);
    await second.offer(3, 4);
    second.queue.online(true);
    await second.clock.pass(5_000);
    expect(second.got).toHaveLength(4);
    expect(second.counts.reading).toEqual({ produced: 4, sent: 4, leftOut: {}, waiting: 0 });
  });
});

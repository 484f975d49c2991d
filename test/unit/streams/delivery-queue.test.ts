import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MissingError, RefusedError, silentLog } from '../../../src/base/index.ts';
import { DeliveryQueue, StreamCounts } from '../../../src/streams/index.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';

interface Item {
  readonly bytes: number;
  readonly name: number;
}

/** A receiver that answers when it is told to. */
function receiver() {
  const got: number[][] = [];
  const waiting: { yes: () => void; no: (error: Error) => void }[] = [];
  return {
    got,
    get underWay() {
      return waiting.length;
    },
    deliver: (items: readonly Item[]) =>
      new Promise<void>((yes, no) => {
        waiting.push({
          yes: () => {
            got.push(items.map(({ name }) => name));
            yes();
          },
          no,
        });
      }),
    async answer(error?: Error) {
      const one = waiting.shift();
      if (error === undefined) one?.yes();
      else one?.no(error);
      await settle();
    },
  };
}

function made(more: Partial<ConstructorParameters<typeof DeliveryQueue<Item>>[0]> = {}) {
  const clock = new FakeClock();
  const counts = new StreamCounts();
  const to = receiver();
  const queue = new DeliveryQueue<Item>({
    ...{ maxMessages: 3, maxBytes: 1_000, clock, log: silentLog, counts, deliver: to.deliver },
    ...more,
  });
  const offer = (name: number, bytes = 10) => {
    counts.produce();
    queue.offer({ bytes, name });
  };
  return { clock, counts, to, queue, offer };
}

const away = new MissingError('away', 'Nobody is there.', 'Wait.');
const no = new RefusedError('no', 'No.', 'Stop.');
const retry = { attempts: 3, backoff: { firstMs: 1_000, maxMs: 4_000 }, random: () => 1 };

describe('A queue of what waits for a receiver', () => {
  it('gives the newest where the receiver is slow, one delivery at a time', async () => {
    const { to, offer, counts } = made();
    for (let name = 0; name < 10; name++) offer(name);
    expect(to.underWay).toBe(1);
    for (let i = 0; i < 5; i++) await to.answer();
    expect(to.got).toEqual([[0], [7], [8], [9]]);
    expect(counts.reading).toEqual({ produced: 10, sent: 4, leftOut: { slow: 6 }, waiting: 0 });
  });

  it('is bounded by bytes too, and leaves out what is larger than all of it', async () => {
    const { queue, offer, counts } = made();
    offer(0);
    for (let name = 1; name < 4; name++) offer(name, 600);
    offer(4, 1_001);
    expect(queue.waiting).toBe(1);
    expect(counts.reading.leftOut).toEqual({ slow: 2, size: 1 });
  });

  it('collects a batch for a while, and no longer than until it is full', async () => {
    const { to, offer, clock } = made({ maxBatch: 2, lingerMs: 500 });
    offer(0);
    expect(to.underWay).toBe(0);
    await clock.pass(500);
    expect(to.underWay).toBe(1);
    await to.answer();
    offer(1);
    offer(2);
    await to.answer();
    expect(to.got).toEqual([[0], [1, 2]]);
  });

  it('tries again with ever longer waits, then leaves it out and goes on', async () => {
    const { to, offer, clock, counts } = made({ retry });
    offer(0);
    offer(1);
    await to.answer(away);
    await clock.pass(999);
    expect(to.underWay).toBe(0);
    await clock.pass(1);
    await to.answer(away);
    await clock.pass(2_000);
    await to.answer(away);
    await to.answer();
    expect(to.got).toEqual([[1]]);
    expect(counts.reading).toMatchObject({ sent: 1, leftOut: { failed: 1 } });
  });

  it('takes a no for the last word', async () => {
    const { to, offer, counts } = made({ retry });
    offer(0);
    await to.answer(no);
    expect(counts.reading.leftOut).toEqual({ refused: 1 });
  });

  it('gives what waits a moment at the end, and counts a delivery that hangs as left out, once', async () => {
    const { to, offer, clock, counts, queue } = made();
    for (let name = 0; name < 3; name++) offer(name);
    const closed = queue.close(1_000);
    await to.answer();
    await clock.pass(1_000);
    await closed;
    offer(3);
    await to.answer();
    expect(counts.reading).toEqual({ produced: 4, sent: 1, leftOut: { closed: 3 }, waiting: 0 });
    expect(clock.pending).toBe(0);
  });

  it('accounts for each message once, whatever the receiver does', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('offer'), bytes: fc.integer({ min: 1, max: 500 }) }),
      fc.record({ kind: fc.constantFrom('yes', 'away', 'no', 'wait') }),
    );
    const options = fc.record({
      maxBatch: fc.integer({ min: 1, max: 4 }),
      lingerMs: fc.constantFrom(0, 100),
      retries: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), options, async (steps, { retries, ...more }) => {
        const { to, offer, clock, counts, queue } = made({ ...more, ...(retries ? { retry } : {}) });
        let name = 0;
        for (const one of steps) {
          if (one.kind === 'offer') offer(name++, (one as { bytes: number }).bytes);
          else if (one.kind === 'wait') await clock.pass(1_000);
          else await to.answer({ yes: undefined, away, no }[one.kind as 'yes']);
          expect(queue.waiting).toBeLessThanOrEqual(3);
          expect(to.underWay).toBeLessThanOrEqual(1);
          expect(counts.reading.waiting).toBeGreaterThanOrEqual(queue.waiting);
        }
        const closed = queue.close(100);
        await clock.pass(200);
        await closed;
        const { produced, sent, waiting } = counts.reading;
        expect({ produced, waiting }).toEqual({ produced: name, waiting: 0 });
        expect(to.got.flat()).toHaveLength(sent);
        // In order, and nothing twice.
        expect(to.got.flat()).toEqual([...new Set(to.got.flat())].sort((a, b) => a - b));
        expect(clock.pending).toBe(0);
      }),
    );
  });
});

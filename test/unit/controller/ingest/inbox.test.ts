import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../../src/base/index.ts';
import { Inbox } from '../../../../src/controller/ingest/inbox.ts';
import type { Message } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';

const message = (device: string, number: number, bytes = 1000): Message => ({
  topic: `goshawk/1/${device}/events/${number}`,
  payload: new Uint8Array(bytes),
  qos: 1,
  retain: false,
});

/** Time passes while messages are worked on; what is for the next turn of the event loop waits for it. */
class TurningClock implements Pick<Clock, 'monotonicMs' | 'after'> {
  nowMs = 0;
  readonly timers = new Set<() => void>();

  monotonicMs(): number {
    return this.nowMs;
  }

  after(_delayMs: number, run: () => void): () => void {
    this.timers.add(run);
    return () => this.timers.delete(run);
  }

  async turn(): Promise<void> {
    const due = [...this.timers];
    this.timers.clear();
    for (const run of due) run();
    await settle();
  }
}

/** An inbox whose messages take so long each; `turns` has what was worked on in each turn of the event loop. */
function inboxOf(workMs: number, limits?: ConstructorParameters<typeof Inbox>[2]) {
  const clock = new TurningClock();
  const turns: string[][] = [[]];
  const inbox = new Inbox(
    clock,
    ({ topic }) => {
      const [, , device, , number] = topic.split('/');
      turns.at(-1)?.push(`${device}${number}`);
      clock.nowMs += workMs;
    },
    limits,
  );
  const give = (device: string, number: number, bytes?: number) =>
    inbox.take(device, message(device, number, bytes));
  /** What came is worked on in turns; between two of them everything else has its own. */
  const turn = async () => {
    turns.push([]);
    await clock.turn();
  };
  return { inbox, clock, turns, give, turn };
}

describe('Messages', () => {
  test('are worked on as they come while there is time, and then a turn at a time', async () => {
    const { turns, give, turn } = inboxOf(4, { turnMs: 10, fullBytes: 1e9 });
    for (let i = 0; i < 8; i++) expect(give('a', i)).toBeUndefined();
    expect(turns).toEqual([['a0', 'a1', 'a2']]);
    await turn();
    await turn();
    expect(turns.slice(1).flat()).toEqual(['a3', 'a4', 'a5', 'a6', 'a7']);
    expect(Math.max(...turns.map((one) => one.length))).toBe(3);
  });

  test('of a device come before the excess of another device', async () => {
    const { turns, give, turn } = inboxOf(10, { turnMs: 10, fullBytes: 1e9 });
    for (let i = 0; i < 500; i++) give('flood', i, 16_000);
    give('honest', 0);
    for (let i = 0; i < 4; i++) await turn();
    expect(turns.slice(0, 5).flat()).toContain('honest0');
  });

  test('of a device keep their order, none is lost and none comes twice, whatever they cost', async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 40_000 })), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 30 }), async (given, workMs) => {
        const { inbox, turns, give, turn } = inboxOf(workMs);
        for (const [i, [device, bytes]] of given.entries()) give(device, i, bytes);
        let done = false;
        void inbox.flush().then(() => {
          done = true;
        });
        for (let i = 0; i <= given.length; i++) await turn();
        expect(done).toBe(true);
        for (const device of ['a', 'b'])
          expect(turns.flat().filter((one) => one.startsWith(device))).toEqual(
            given.flatMap(([owner], i) => (owner === device ? `${owner}${i}` : [])),
          );
      }),
      { numRuns: 40 },
    );
  });

  test('that are too many make the broker wait until half of them are gone', async () => {
    const { give, turn, turns } = inboxOf(10, { turnMs: 10, fullBytes: 200_000 });
    const waits = Array.from({ length: 11 }, (_, i) => give('a', i, 20_000));
    expect(waits.map((wait) => wait !== undefined)).toEqual([...Array(10).fill(false), true]);
    let free = false;
    void waits.at(-1)?.then(() => {
      free = true;
    });
    await turn();
    await settle();
    expect(free).toBe(false);
    while (!free) await turn();
    expect(turns.flat().length).toBeLessThan(11);
  });

  test('of a deleted device, and those left at the end, are dropped, and closing does not wait', async () => {
    const { inbox, clock, turns, give, turn } = inboxOf(10, { turnMs: 10, fullBytes: 2_000 });
    give('a', 0);
    give('b', 1);
    inbox.forgetDevice('b');
    await turn();
    await inbox.flush();
    for (let i = 2; i < 5; i++) give('a', i);
    const room = give('a', 5);
    const flushed = inbox.flush();
    inbox.close();
    await Promise.all([room, flushed]);
    expect(turns.flat()).toEqual(['a0', 'a2']);
    expect(clock.timers.size).toBe(0);
  });
});

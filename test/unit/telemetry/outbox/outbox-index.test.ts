import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryInfo } from '../../../../src/telemetry/index.ts';
import { OutboxIndex, overheadBytes } from '../../../../src/telemetry/outbox/outbox-index.ts';

const each = 100 + overheadBytes;
const metrics = (entry: number, session = 1): EntryInfo => ({
  entry,
  kind: 'metrics',
  bytes: 100,
  session,
  thinned: 0,
});
const event = (entry: number, bytes = 100): EntryInfo => ({
  entry,
  kind: 'event',
  bytes,
  session: 1,
  thinned: 0,
});
const kept = (index: OutboxIndex) => [...index.of('metrics')].map(({ entry, thinned }) => [entry, thinned]);

describe('The index of the outbox', () => {
  it('gives up every second batch of the older half first, and counts them in the next one kept', () => {
    const index = new OutboxIndex(8 * each);
    for (let entry = 0; entry < 8; entry++) index.admit(metrics(entry));
    const admission = index.admit(metrics(8));
    expect(admission).toEqual({
      admitted: true,
      givenUp: 2,
      thinning: {
        remove: [0, 2],
        thinned: [
          { entry: 1, thinned: 1 },
          { entry: 3, thinned: 1 },
        ],
      },
    });
    expect(kept(index)).toEqual([
      [1, 1],
      [3, 1],
      [4, 0],
      [5, 0],
      [6, 0],
      [7, 0],
      [8, 0],
    ]);
  });

  it('thins again when that was not enough', () => {
    const index = new OutboxIndex(4 * each);
    for (let entry = 0; entry < 4; entry++) index.admit(metrics(entry));
    index.admit(event(4, 3 * each - overheadBytes));
    expect(kept(index)).toEqual([[3, 3]]);
  });

  it('gives up all metrics for an event, and remembers them for the next batch of the session', () => {
    const index = new OutboxIndex(2 * each);
    index.admit(metrics(0));
    index.admit(metrics(1));
    expect(index.admit(event(2, 2 * each - overheadBytes))).toMatchObject({ admitted: true, givenUp: 2 });
    expect(index.admit(metrics(3))).toEqual({ admitted: false });
    index.remove(2);
    index.admit(metrics(4));
    expect(kept(index)).toEqual([[4, 3]]);
  });

  it('never gives up an event', () => {
    const index = new OutboxIndex(2 * each);
    index.admit(event(0));
    index.admit(event(1));
    expect(index.admit(event(2))).toEqual({ admitted: false });
    expect([...index.of('event')].map(({ entry }) => entry)).toEqual([0, 1]);
  });

  it('does not count batches of one session in another', () => {
    const index = new OutboxIndex(2 * each);
    index.admit(metrics(0, 1));
    index.admit(metrics(1, 2));
    index.admit(metrics(2, 2));
    expect(kept(index)).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('keeps its invariants whatever comes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('event' as const, 'metrics' as const), bytes: fc.nat(400) }),
      fc.record({ ack: fc.nat(60) }),
      fc.record({ newSession: fc.constant(true) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const maxBytes = 3000;
        const index = new OutboxIndex(maxBytes);
        let entry = 0;
        let session = 1;
        let made = 0;
        const acked = new Set<number>();
        const events = new Set<number>();
        const madeIn = new Map<number, number[]>();
        for (const one of steps) {
          if ('newSession' in one) {
            session++;
            made = 0;
            continue;
          }
          if ('ack' in one) {
            if (index.remove(one.ack)) acked.add(one.ack);
            events.delete(one.ack);
            continue;
          }
          if (one.kind === 'metrics') made++;
          const admission = index.admit({ entry, kind: one.kind, bytes: one.bytes, session, thinned: 0 });
          if (one.kind === 'metrics') madeIn.set(session, [...(madeIn.get(session) ?? []), entry]);
          if (admission.admitted && one.kind === 'event') events.add(entry);
          entry++;
          expect(index.bytes).toBeLessThanOrEqual(maxBytes);
          expect([...index.of('event')].map((info) => info.entry)).toEqual([...events].sort((a, b) => a - b));
        }
        // Every batch is in the index, was acknowledged, or is counted in a later one; none is counted twice.
        for (const [of, entries] of madeIn) {
          const left = [...index.of('metrics')].filter((info) => info.session === of);
          const accounted = left.reduce((sum, { thinned }) => sum + 1 + thinned, 0);
          expect(accounted).toBeLessThanOrEqual(entries.length);
          for (const { entry: number, thinned } of left)
            expect(thinned).toBeLessThanOrEqual(entries.indexOf(number));
        }
        expect(made).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

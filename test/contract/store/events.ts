import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/controller/index.ts';
import { event } from './rows.ts';
import type { StoreUnderTest } from './store-under-test.ts';

/** What devices told. */
export function promisesOfEvents(tested: StoreUnderTest): void {
  const { load, reopen } = tested;

  describe('events', () => {
    it('are numbered as they come and kept once per device and id, over a restart', async () => {
      const events = [event('e1'), event('e2'), event('e1')];
      expect((await tested.store.commit({ events })).events.map(({ seq, id }) => [seq, id])).toEqual([
        [1, 'e1'],
        [2, 'e2'],
      ]);
      await reopen();
      expect(
        (await tested.store.commit({ events: [...events, event('e1', { device: 'd2' })] })).events,
      ).toEqual([{ seq: 3, ...event('e1', { device: 'd2' }) }]);
      expect((await load()).drift.newestSeq).toBe(3);
    });

    it('are paged from the newest', async () => {
      await tested.store.commit({ events: Array.from({ length: 5 }, (_, i) => event(`e${i}`)) });
      const first = await tested.store.events({ limit: 3 });
      expect(first.events.map(({ id }) => id)).toEqual(['e4', 'e3', 'e2']);
      const second = await tested.store.events({ limit: 3, before: first.next! });
      expect(second.events.map(({ id }) => id)).toEqual(['e1', 'e0']);
      expect(second.next).toBeUndefined();
      expect((await tested.store.events({ limit: 5 })).next).toBeUndefined();
    });

    it('are on pages that end early where events are large, and none is left out', async () => {
      const large = (i: number) => event(`e${i}`, { data: { text: 'x'.repeat(60_000) } });
      for (let i = 0; i < 50; i += 10)
        await tested.store.commit({ events: Array.from({ length: 10 }, (_, at) => large(i + at)) });
      const seen: number[] = [];
      let before: number | undefined;
      do {
        const page = await tested.store.events({ limit: 1000, ...(before === undefined ? {} : { before }) });
        expect(JSON.stringify(page).length).toBeLessThan(1.2 * 1024 * 1024);
        seen.push(...page.events.map(({ seq }) => seq));
        before = page.next;
      } while (before !== undefined);
      expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => 50 - i));
    });

    it('are found by device, by kind or its beginning, and from a severity on', async () => {
      const full = event('a', {
        kind: 'drift.alarm',
        severity: 'warning',
        camera: 'front',
        data: { p: 0.01 },
      });
      await tested.store.commit({
        events: [
          full,
          event('b', { kind: 'drift', severity: 'info' }),
          event('c', { kind: 'driftwood', severity: 'critical', device: 'd2' }),
        ],
      });
      const ids = async (query: Parameters<Store['events']>[0]) =>
        (await tested.store.events(query)).events.map(({ id }) => id);
      expect(await ids({ kind: 'drift' })).toEqual(['b', 'a']);
      expect(await ids({ severity: 'warning' })).toEqual(['c', 'a']);
      expect(await ids({ severity: 'info' })).toEqual(['c', 'b', 'a']);
      expect(await ids({ device: 'd2' })).toEqual(['c']);
      expect(await ids({ device: 'nobody' })).toEqual([]);
      expect(await ids({ devices: ['d2', 'nobody'] })).toEqual(['c']);
      expect(await ids({ devices: ['d1', 'd2'], kind: 'drift' })).toEqual(['b', 'a']);
      expect(await ids({ devices: [] })).toEqual([]);
      expect(await ids({ device: 'd1', kind: 'drift', severity: 'warning' })).toEqual(['a']);
      expect((await tested.store.events({ kind: 'drift.alarm' })).events).toEqual([{ seq: 1, ...full }]);
    });

    it('are found by when they happened, also where they came late', async () => {
      await tested.store.commit({
        events: [
          event('noon', { timeMs: 1200, receivedMs: 1201 }),
          event('late', { timeMs: 1000, receivedMs: 1300 }),
          event('evening', { timeMs: 1800, receivedMs: 1801 }),
        ],
      });
      const ids = async (query: Parameters<Store['events']>[0]) =>
        (await tested.store.events(query)).events.map(({ id }) => id);
      expect(await ids({ from: 1000, to: 1200 })).toEqual(['late']);
      expect(await ids({ from: 1200 })).toEqual(['evening', 'noon']);
      expect(await ids({ to: 1800, device: 'd1' })).toEqual(['late', 'noon']);
      expect((await tested.store.events({ from: 1200, limit: 1 })).next).toBe(3);
      expect(await ids({ from: 1200, before: 3 })).toEqual(['noon']);
      expect(await ids({ from: 1801 })).toEqual([]);
    });
  });
}

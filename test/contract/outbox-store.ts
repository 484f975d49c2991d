import { afterEach, beforeEach, expect, it } from 'vitest';
import { GoshawkError } from '../../src/base/index.ts';
import type { OutboxStore, StoredEntry } from '../../src/telemetry/index.ts';
import { suite } from './suite.ts';

/** A disk for one outbox, with room for about 60 kB of payloads. */
export interface OutboxDisk {
  /** A store on this disk, as a new process makes it; the one before was closed. */
  store(): OutboxStore;
  close(): Promise<void>;
}

/** What an outbox expects of any store. */
export function describeOutboxStore(name: string, make: () => OutboxDisk, missing?: string): void {
  suite(`An outbox store: ${name}`, missing, () => {
    let disk: OutboxDisk;
    let store: OutboxStore;
    let first: number;

    beforeEach(async () => {
      disk = make();
      store = disk.store();
      first = (await store.open()).nextEntry;
    });
    afterEach(async () => {
      await store.close();
      await disk.close();
    });

    async function restart() {
      await store.close();
      store = disk.store();
      return store.open();
    }

    it('gives back after a restart what it took, by rising number', async () => {
      await store.append(stored(first + 1, 'two', { kind: 'metrics', thinned: 2 }));
      await store.append(stored(first, 'one', { session: 8 }));
      expect((await restart()).entries).toEqual([
        { entry: first, kind: 'event', bytes: 3, session: 8, thinned: 0 },
        { entry: first + 1, kind: 'metrics', bytes: 3, session: 3, thinned: 2 },
      ]);
      expect(text(await store.read(first))).toBe('one');
      expect(text(await store.read(first + 1))).toBe('two');
    });

    it('begins empty, and reports no damage', async () => {
      expect(await restart()).toEqual({ nextEntry: first, entries: [] });
    });

    it('continues above every number that was ever used, also when it is empty', async () => {
      await store.append(stored(first + 50));
      await store.remove([first + 50]);
      expect((await restart()).nextEntry).toBe(first + 51);
    });

    it('makes room and takes the new entry in one step', async () => {
      await store.append(stored(first, 'old'));
      await store.append(stored(first + 1, 'kept', { kind: 'metrics' }));
      await store.append(stored(first + 2, 'new', { kind: 'metrics' }), {
        remove: [first],
        thinned: [{ entry: first + 1, thinned: 4 }],
      });
      expect(await store.read(first)).toBeUndefined();
      expect((await restart()).entries.map(({ entry, thinned }) => [entry, thinned])).toEqual([
        [first + 1, 4],
        [first + 2, 0],
      ]);
    });

    it('takes an entry twice without complaint', async () => {
      await store.append(stored(first));
      await store.append(stored(first));
      expect((await restart()).entries).toHaveLength(1);
    });

    it('has nothing to say of an entry that is not there, and removes it without complaint', async () => {
      expect(await store.read(first + 7)).toBeUndefined();
      await store.remove([first + 7, first + 8]);
    });

    it('takes calls that do not wait for each other in the order in which they were made', async () => {
      const appended = Array.from({ length: 300 }, (_, i) => store.append(stored(first + i)));
      const removed = store.remove([first + 7]);
      const [seven, eight] = await Promise.all([store.read(first + 7), store.read(first + 8)]);
      await Promise.all([...appended, removed]);
      expect(seven).toBeUndefined();
      expect(text(eight)).toBe(`payload ${first + 8}`);
      expect((await restart()).entries).toHaveLength(299);
    });

    it('does what was asked of it before it closes', async () => {
      const appended = Array.from({ length: 20 }, (_, i) => store.append(stored(first + i)));
      const closed = store.close();
      await Promise.all([...appended, closed]);
      expect((await restart()).entries).toHaveLength(20);
    });

    it('reports outbox-disk when the disk is full, keeps its entries, and continues when there is room', async () => {
      const kept: number[] = [];
      const before = stored(first, 'x'.repeat(1000), { kind: 'metrics' });
      await store.append(before);
      let refusal: unknown;
      let entry = first;
      while (refusal === undefined) {
        entry += 1;
        const thinning = { remove: [], thinned: [{ entry: first, thinned: entry - first }] };
        await store.append(stored(entry, 'y'.repeat(2000)), thinning).then(
          () => kept.push(entry),
          (error: unknown) => {
            refusal = error;
          },
        );
        if (kept.length > 500) throw new Error('The disk does not get full');
      }
      expect(refusal).toBeInstanceOf(GoshawkError);
      expect(refusal).toMatchObject({ code: 'outbox-disk', remedy: expect.stringMatching(/./) });
      for (const one of kept) expect(await store.read(one)).toHaveLength(2000);
      expect(await store.read(entry)).toBeUndefined();
      // What the refused call would have thinned is as it was.
      await store.remove(kept.slice(0, 12));
      await store.append(stored(entry + 1, 'z'.repeat(2000)));
      const { entries } = await restart();
      expect(entries[0]).toMatchObject({ entry: first, thinned: kept.length });
      expect(entries.map((info) => info.entry)).toEqual([first, ...kept.slice(12), entry + 1]);
    });

    it('rejects before it is opened and after it is closed, and closes twice without complaint', async () => {
      const closed = { code: 'outbox-closed' };
      await store.close();
      await store.close();
      await expect(store.append(stored(first))).rejects.toMatchObject(closed);
      await expect(store.read(first)).rejects.toMatchObject(closed);
      await expect(store.remove([first])).rejects.toMatchObject(closed);
      store = disk.store();
      await expect(store.append(stored(first))).rejects.toMatchObject(closed);
    });
  });
}

function stored(entry: number, content = `payload ${entry}`, over: Partial<StoredEntry> = {}): StoredEntry {
  const payload = new TextEncoder().encode(content);
  return { entry, kind: 'event', bytes: payload.byteLength, session: 3, thinned: 0, payload, ...over };
}

const text = (payload: Uint8Array | undefined) => new TextDecoder().decode(payload);

import { expect, it, vi } from 'vitest';
import { IncomingRequests, type Sample } from '../../../device/dds/incoming-requests.ts';
import type { DdsGaveWay, DdsReaderHandle } from '../../../native/index.ts';

const sample = (id: number): Sample => ({ id, bytes: Uint8Array.of(id % 256) });

/** A reader in which requests wait until they are taken, as in the addon: it tells once until then. */
function reader() {
  let waiting: Sample[] = [];
  let told = false;
  let gaveWay: DdsGaveWay[] = [];
  const state = { taken: 0, released: [] as number[], answered: [] as number[], refused: [] as number[] };
  const handle = {
    guid: () => new Uint8Array(16),
    take: () => {
      told = false;
      state.taken += 1;
      const samples = waiting;
      waiting = [];
      const taken = { samples, gaveWay, events: [], superseded: 0, tooLarge: 0, largest: 0 };
      gaveWay = [];
      return taken;
    },
    release: (id: number) => void state.released.push(id),
    gather: () => {},
    close: () => {},
  } satisfies DdsReaderHandle;
  const incoming = new IncomingRequests({
    answer: ({ id }) => state.answered.push(id),
    refuse: ({ size }) => state.refused.push(size),
    look: () => {},
  });
  const giveWay = (size: number, count: number) => {
    const none = new Uint8Array(24);
    gaveWay = Array.from({ length: count }, () => ({ bytes: none, size, own: none, related: none }));
  };
  const come = (...ids: readonly number[]) => {
    waiting.push(...ids.map(sample));
    if (told) return;
    told = true;
    incoming.takeFrom(handle);
  };
  return { incoming, come, giveWay, state };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

it('Requests are answered at the pace of their clients, and what comes meanwhile is not forgotten', async () => {
  const { come, state } = reader();
  come(...range(0, 12));
  expect(state.answered).toEqual(range(0, 8));
  come(12, 13);
  come(14);
  expect(state.taken).toBe(1);
  await expect.poll(() => state.released).toEqual(range(0, 15));
  expect(state.answered).toEqual(range(0, 15));
  come(15);
  await expect.poll(() => state.answered).toEqual(range(0, 16));
});

it('Requests without room are refused before the others are answered', async () => {
  const { come, state, giveWay } = reader();
  giveWay(100, 9);
  come(1, 2);
  await expect.poll(() => state.answered).toEqual([1, 2]);
  expect(state.refused).toEqual(Array.from({ length: 9 }, () => 100));
  expect(state.released).toEqual([1, 2]);
});

it('Requests of a service that is closed are answered no more', () => {
  vi.useFakeTimers();
  try {
    const { come, state, incoming } = reader();
    come(...range(0, 12));
    incoming.close();
    vi.advanceTimersByTime(1000);
    expect(state.answered).toEqual(range(0, 8));
  } finally {
    vi.useRealTimers();
  }
});

import { expect, it } from 'vitest';
import { IncomingRequests, type Sample } from '../../../device/dds/incoming-requests.ts';
import type { DdsReaderHandle } from '../../../native/index.ts';

const sample = (id: number): Sample => ({ id, bytes: Uint8Array.of(id % 256) });

/** A reader in which requests wait until they are taken, as in the addon: it tells once until then. */
function reader() {
  let waiting: Sample[] = [];
  let told = false;
  const state = { taken: 0, released: [] as number[], answered: [] as number[], turns: 0, hold: 0 };
  const handle = {
    guid: () => new Uint8Array(16),
    take: () => {
      told = false;
      state.taken += 1;
      const samples = waiting;
      waiting = [];
      return { samples, events: [], superseded: 0, tooLarge: 0, largest: 0 };
    },
    release: (id: number) => void state.released.push(id),
    gather: () => {},
    close: () => {},
  } satisfies DdsReaderHandle;
  const incoming = new IncomingRequests(
    ({ id }) => {
      state.answered.push(id);
      const endMs = performance.now() + state.hold;
      while (performance.now() < endMs);
    },
    () => {},
  );
  const come = (...ids: readonly number[]) => {
    waiting.push(...ids.map(sample));
    if (told) return;
    told = true;
    incoming.takeFrom(handle);
  };
  return { incoming, come, state };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('Requests that take their time let the event loop have its turns, and what comes meanwhile is not forgotten', async () => {
  const { come, state } = reader();
  state.hold = 3;
  come(...range(0, 5));
  expect(state.answered).toEqual([0]);
  come(5, 6);
  come(7);
  await turn();
  expect(state.answered.length).toBeLessThan(8);
  await expect.poll(() => state.released).toEqual(range(0, 8));
  expect(state.answered).toEqual(range(0, 8));
  await turn();
  come(8);
  await expect.poll(() => state.answered).toEqual(range(0, 9));
});

it('Requests of a service that is closed are answered no more', async () => {
  const { come, state, incoming } = reader();
  state.hold = 3;
  come(0, 1, 2);
  incoming.close();
  await turn();
  await turn();
  expect(state.answered).toEqual([0]);
});

import { expect, it } from 'vitest';
import { waitForOrder } from '../../../../src/runtime/fleet/wait-for-order.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const model = { name: 'street', version: '2', digest, order: 'new' };
const device = (
  deployment: { readonly state: string; readonly [field: string]: unknown },
  online = true,
) => ({
  summary: { online },
  desired: { generation: 2, timeMs: 1, slots: { main: { model } } },
  reported: {
    generation: 2,
    slots: {
      main: {
        deployment: { order: 'new', ...deployment },
        ...(deployment.state === 'committed' ? { loaded: model } : {}),
      },
    },
  },
});
const answer = { order: 'new', generations: { d1: 2, d2: 2, d3: 2 } };

function fleet(devices: Readonly<Record<string, readonly object[]>>) {
  const api = new FakeFleetApi();
  for (const [id, states] of Object.entries(devices)) {
    let asked = 0;
    api.answers.set(`/devices/${id}`, () => states[Math.min(asked++, states.length - 1)]);
  }
  return api;
}

it('goes on for the others when one has failed, and says how each ended', async () => {
  const clock = new FakeClock();
  const api = fleet({
    d1: [device({ state: 'failed', reason: 'no room' })],
    d2: [device({ state: 'downloading' }), device({ state: 'committed' })],
    d3: [device({ state: 'committed' })],
  });
  const changes: string[] = [];
  const waiting = waitForOrder(api, answer, {
    clock,
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    onOutcome: ({ device: id, outcome }) => changes.push(`${id} ${outcome}`),
  });
  await clock.pass(2_000);
  expect((await waiting).map(({ outcome }) => outcome)).toEqual(['failed', 'committed', 'committed']);
  expect(changes).toEqual(['d1 failed', 'd2 working', 'd3 committed', 'd2 committed']);
});

it('ends when time is up, with what is known then', async () => {
  const clock = new FakeClock();
  const api = fleet({
    d1: [device({ state: 'committed' })],
    d2: [device({ state: 'committed', order: 'old' }, false)],
    d3: [device({ state: 'preparing' })],
  });
  const waiting = waitForOrder(api, answer, {
    clock,
    timeoutMs: 3_000,
    signal: new AbortController().signal,
    onOutcome: () => {},
  });
  await clock.pass(10_000);
  expect((await waiting).map(({ outcome }) => outcome)).toEqual(['committed', 'unreachable', 'working']);
});

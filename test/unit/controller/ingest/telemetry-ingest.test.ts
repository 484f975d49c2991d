import { expect, it } from 'vitest';
import { silentLog } from '../../../../src/base/index.ts';
import { type IngestStore, TelemetryIngest } from '../../../../src/controller/index.ts';
import { encodePayload, type TelemetryMessage, topics } from '../../../../src/protocol/index.ts';
import { FakeClock, settle as settled } from '../../../fakes/fake-clock.ts';

/** A process that stores, with a database that can be told to fail and a broker that knows what is settled. */
function process() {
  const clock = new FakeClock();
  let give: ((message: TelemetryMessage) => unknown) | undefined;
  const state = { fails: false, knows: true, commits: 0 };
  const store: IngestStore = {
    devices: async (names) =>
      state.knows ? names.map((device) => ({ device, catalogues: [{ session: 1, aliases: [] }] })) : [],
    async commit() {
      if (state.fails) throw new Error('away');
      state.commits += 1;
      return { unknown: [], duplicateBatches: 0, repeatedSessions: [], newEvents: [] } as never;
    },
    close: async () => {},
  };
  const ingest = new TelemetryIngest({
    ...{ store, clock, log: silentLog, secrets: { randomBytes: (count: number) => new Uint8Array(count) } },
    source: {
      ...{ start: () => {}, status: () => ({ state: 'online' }) as const, close: async () => {} },
      onMessage(listener) {
        give = listener;
        return () => {};
      },
    },
  });
  ingest.start();
  const settledTopics: string[] = [];
  const event = {
    id: 'event-number-1',
    entry: 1,
    session: 1,
    timeMs: 0,
    kind: 'camera.lost',
    severity: 'info',
    message: 'x',
  };
  const usual = encodePayload('events', event as never);
  return {
    ...{ state, settledTopics, ingest },
    send(topic = topics.events('d1'), payload: Uint8Array = usual) {
      const message = { topic, payload, qos: 1, retain: false } as const;
      give?.({ ...message, settle: () => void settledTopics.push(topic) });
    },
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        await settled();
      }
    },
  };
}

it('settles a message after the commit that holds it, not before, and once', async () => {
  const { state, settledTopics, send, pass } = process();
  state.fails = true;
  send();
  await pass(2_000);
  expect(settledTopics).toEqual([]);
  state.fails = false;
  await pass(20_000);
  expect(settledTopics).toEqual([topics.events('d1')]);
  expect(state.commits).toBe(1);
});

it('acknowledges at once a message that can never be stored', async () => {
  const { settledTopics, send, pass } = process();
  send('goshawk/1/d1/reported');
  send('nothing');
  expect(settledTopics).toEqual(['goshawk/1/d1/reported', 'nothing']);
  send(topics.metrics('d1'), new Uint8Array([1, 2, 3]));
  await pass(1_000);
  expect(settledTopics).toHaveLength(3);
});

it('settles what waited in vain for the leader to know its device: the device sends it again', async () => {
  const { state, settledTopics, send, pass } = process();
  state.knows = false;
  send();
  await pass(5_000);
  expect(settledTopics).toEqual([]);
  await pass(10_000);
  expect(settledTopics).toHaveLength(1);
  expect(state.commits).toBe(0);
});

it('settles nothing at its end that is not stored: another process gets it', async () => {
  const { state, settledTopics, send, pass, ingest } = process();
  state.fails = true;
  send();
  await pass(500);
  await ingest.close();
  expect(settledTopics).toEqual([]);
});

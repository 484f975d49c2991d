import { encode as encodeCbor } from 'cborg';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePayload, topics } from '../../../src/protocol/index.ts';
import { birth, TestFleet } from '../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await TestFleet.open();
});
afterAll(() => fleet.stop());

const kinds = ['state', 'metrics', 'events', 'reported', 'response', 'preview/front', 'desired'] as const;
const topicOf = (kind: string, id = 'fuzz') => `goshawk/1/${id}/${kind}`;

/** Values near the truth: right fields, any content. */
const field = fc.oneof(
  fc.constantFrom(
    'online',
    'session',
    'sequence',
    'entry',
    'samples',
    'historical',
    'catalogue',
    'id',
    'kind',
    'generation',
    'timeMs',
    'ok',
    'jpeg',
    '__proto__',
  ),
  fc.string(),
);
const nested = fc.dictionary(field, fc.anything({ maxDepth: 3, withBigInt: false, withDate: false }));
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 200 }),
  nested.map((value) => new TextEncoder().encode(JSON.stringify(value) ?? 'null')),
  nested.map((value) => {
    try {
      return encodeCbor(value);
    } catch {
      return new Uint8Array([0xff]);
    }
  }),
);

const good = {
  state: encodePayload('state', birth),
  metrics: encodePayload('metrics', {
    session: 1,
    sequence: 0,
    entry: 1,
    historical: false,
    samples: [[1_790_000_000_000, 1, 3]],
  }),
  events: encodePayload('events', {
    id: 'event-fuzz',
    entry: 2,
    session: 1,
    timeMs: 1,
    kind: 'a.b',
    severity: 'info',
    message: '',
  }),
  reported: encodePayload('reported', {
    generation: 0,
    session: 1,
    timeMs: 1,
    slots: {},
    pipelines: {},
  }),
};

for (const kind of kinds)
  test(`any bytes on ${kind} are handled: understood or counted as malformed, and the controller lives on`, async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (payload) => {
        const before = fleet.controller.counters.messages;
        await fleet.send(topicOf(kind), payload);
        expect(fleet.controller.counters.messages).toBe(before + 1);
      }),
      { numRuns: 300 },
    );
    const id = `after-${kind.replace('/', '-')}`;
    await fleet.birth(id);
    expect(fleet.controller.registry.get(id)?.online).toBe(true);
  });

test('a good payload with any of its bytes changed never throws and never becomes another device', async () => {
  const devices = new Set([...fleet.controller.registry.devices()].map((device) => device.id));
  for (const [kind, payload] of Object.entries(good))
    await fc.assert(
      fc.asyncProperty(fc.nat(payload.length - 1), fc.nat(255), async (at, value) => {
        const changed = Uint8Array.from(payload);
        changed[at] = value;
        await fleet.send(topicOf(kind, 'mutant'), changed);
      }),
      { numRuns: 300 },
    );
  devices.add('mutant');
  expect([...fleet.controller.registry.devices()].every((device) => devices.has(device.id))).toBe(true);
  await fleet.controller.flush();
  expect(fleet.controller.summary.current().storageFault).toBeUndefined();
});

test('topics that are not ours are counted and ignored', async () => {
  const before = fleet.controller.counters.malformed;
  for (const topic of ['goshawk/1/../state', 'goshawk/1/a b/state', `goshawk/1/${'x'.repeat(200)}/state`])
    await fleet.send(topic, good.state);
  expect(fleet.controller.counters.malformed).toBe(before + 3);
});

test('an entry that can never be read is taken off the hands of its device', async () => {
  await fleet.send(topics.metrics('poison'), encodeCbor({ entry: 77, session: 'not a number' }));
  await fleet.send(topics.events('poison'), new TextEncoder().encode('{"entry":78,"kind":"NOT A KIND"}'));
  await fleet.clock.pass(1_500);
  expect(fleet.acked('poison')).toEqual([77, 78]);
});

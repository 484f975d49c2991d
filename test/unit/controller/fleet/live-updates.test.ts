import { expect, test } from 'vitest';
import { EventBus } from '../../../../src/controller/event-bus.ts';
import { LiveUpdates } from '../../../../src/controller/fleet/live-updates.ts';

type Ports = ConstructorParameters<typeof LiveUpdates>[0];

/** A second of a fleet: which devices its readers get. */
function fleet() {
  const guard = { run: (_what: string, work: () => unknown) => work() } as unknown as Ports['guard'];
  const registry = { get: (id: string) => ({ id }), summary: ({ id }: { id: string }) => ({ id }) };
  const bus = new EventBus(guard);
  const updates = new LiveUpdates({ bus, guard, registry: registry as unknown as Ports['registry'] });
  const told: string[] = [];
  updates.subscribe((update) => {
    if (update.name === 'device') told.push(update.data.id);
  });
  const second = () => {
    told.length = 0;
    updates.tasks()[0]?.run();
    return [...told];
  };
  return { bus, second };
}
const ids = (count: number) => Array.from({ length: count }, (_, at) => `d${at}`);

test('a device that changed is told before all that only sent metrics', () => {
  const { bus, second } = fleet();
  for (const id of ids(2_000)) bus.emit('deviceChanged', id, true);
  bus.emit('deviceChanged', 'd1999');
  bus.emit('deviceChanged', 'new');
  const first = second();
  expect(first.slice(0, 2)).toEqual(['d1999', 'new']);
  expect(first).toHaveLength(500);
  const all = [...first, ...second(), ...second(), ...second(), ...second()];
  expect(new Set(all)).toEqual(new Set([...ids(2_000), 'new']));
  expect(all).toHaveLength(2_001);
});

test('a deleted device is not told any more', () => {
  const { bus, second } = fleet();
  bus.emit('deviceChanged', 'd1', true);
  bus.emit('deviceChanged', 'd2');
  bus.emit('deviceDeleted', 'd1');
  bus.emit('deviceDeleted', 'd2');
  expect(second()).toEqual([]);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultQuotas, defaultRetention } from '../../../src/controller/index.ts';
import { birth, TestFleet } from '../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

const device = (id = 'd1') => fleet.controller.registry.get(id)!;
const summary = (id = 'd1') => fleet.controller.registry.summary(device(id));

test('a restart keeps devices, names and numbers, and asks again for what its former life had not committed', async () => {
  await fleet.birth('d1');
  await fleet.metrics('d1', { sequence: 0 });
  await fleet.clock.pass(1_000);
  await fleet.restart();
  expect(summary()).toMatchObject({ id: 'd1', board: birth.board.name, online: true });
  await fleet.metrics('d1', { sequence: 3 });
  expect(fleet.controller.counters).toMatchObject({ rebirthsAsked: 1, gaps: 0, missingBatches: 0 });
  // Only what came before the restart may have been under way; from now on a gap is one.
  await fleet.metrics('d1', { sequence: 6 });
  expect(fleet.controller.counters).toMatchObject({ gaps: 1, missingBatches: 2 });
});

test('what was sent while the broker was away is asked for again, and counted as no gap', async () => {
  await fleet.birth('d1');
  await fleet.metrics('d1', { sequence: 0 });
  fleet.broker.stop();
  await fleet.clock.pass(1_000);
  fleet.broker.restart();
  await fleet.clock.pass(500);
  await fleet.metrics('d1', { sequence: 1, historical: true });
  await fleet.metrics('d1', { sequence: 4 });
  expect(fleet.controller.counters).toMatchObject({ rebirthsAsked: 1, gaps: 0, missingBatches: 0 });
  await fleet.metrics('d1', { sequence: 6 });
  expect(fleet.controller.counters).toMatchObject({ gaps: 1, missingBatches: 1 });
});

test('the first admin is made once, and a token chosen elsewhere works', async () => {
  const first = await fleet.controller.access.createFirstAdmin();
  expect(fleet.controller.access.authenticate(first?.token)).toMatchObject({ role: 'admin' });
  expect(await fleet.controller.access.createFirstAdmin()).toBeUndefined();
  const chosen = `gsk_${'1'.repeat(12)}_${'2'.repeat(64)}`;
  await fleet.controller.access.adoptToken(chosen, { name: 'device', role: 'device' });
  await fleet.restart();
  expect(fleet.controller.access.authenticate(chosen)).toMatchObject({
    name: 'device',
    role: 'device',
  });
  expect(() => fleet.controller.access.authenticate(`${chosen}0`)).toThrow(/not valid/);
  await expect(
    fleet.controller.access.adoptToken('short', { name: 'x', role: 'admin' }),
  ).rejects.toMatchObject({
    code: 'token-form',
  });
});

test('closing leaves no timer behind', async () => {
  await fleet.birth('d1');
  await fleet.metrics('d1');
  await fleet.stop();
  expect(fleet.store.metricsRows).toHaveLength(1);
  await fleet.device.close();
  expect(fleet.clock.pending).toBe(0);
});

test('other limits are in force with the next clean-up, evaluation and message, without a restart', async () => {
  const retain = vi.spyOn(fleet.store, 'retain');
  const raw = { maxAgeMs: 3_600_000, maxBytes: 1_000_000 };
  const quotas = { ...defaultQuotas, birthsPerMinute: 24 };
  fleet.controller.reconfigure({
    retention: { ...defaultRetention, raw },
    quotas,
    falseDiscoveryRate: 0.3,
  });
  await fleet.clock.pass(61_000);
  expect(retain).toHaveBeenLastCalledWith(expect.objectContaining({ raw }), expect.anything());
  expect(fleet.controller.drift.listCameras({}).falseDiscoveryRate).toBe(0.3);
  // 24 a minute are two at once.
  for (let session = 1; session <= 3; session++) await fleet.birth('d1', { session });
  expect(device().birth?.session).toBe(2);
});

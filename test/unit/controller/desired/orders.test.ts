import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { admin, digest, otherDigest, TestFleet } from '../../../fakes/test-fleet.ts';

const model = { name: 'street', version: '1', digest };
const other = { name: 'street', version: '2', digest: otherDigest };

describe('Orders for models', () => {
  let fleet: TestFleet;
  beforeEach(async () => {
    fleet = await TestFleet.open();
    await fleet.birth('d1', { groups: ['west'] });
    await fleet.birth('d2', { groups: ['west'] });
  });
  afterEach(() => fleet.stop());

  const desired = (id: string) => fleet.controller.devices.detail(id).desired;
  const { setDevice, setGroup, retryDevice, retryGroup } = {
    setDevice: (id: string, settings: object) =>
      fleet.controller.desiredState.setDevice(admin, id, settings, true),
    setGroup: (settings: object) => fleet.controller.desiredState.setGroup(admin, 'west', settings, true),
    retryDevice: (id: string) => fleet.controller.desiredState.retryDevice(admin, id),
    retryGroup: () => fleet.controller.desiredState.retryGroup(admin, 'west'),
  };

  test('the same model ordered again is another order', async () => {
    const first = await setDevice('d1', { slots: { main: { model } } });
    const second = await setDevice('d1', { slots: { main: { model } } });
    expect(second.order).not.toBe(first.order);
    expect(desired('d1')).toMatchObject({
      generation: 2,
      slots: { main: { model: { ...model, order: second.order } } },
    });
  });

  test('settings that are sent back with something else changed keep the order', async () => {
    const { order } = await setDevice('d1', { slots: { main: { model } } });
    const { settings } = fleet.controller.devices.detail('d1');
    const answer = await setDevice('d1', { ...settings, pipelines: { '*': { scoreThreshold: 0.5 } } });
    expect(answer.order).toBe(order);
    expect(desired('d1')?.slots?.main?.model?.order).toBe(order);
  });

  test('an order id of another caller is not accepted', async () => {
    const { order } = await setDevice('d1', { slots: { main: { model: { ...model, order: 'mine' } } } });
    expect(order).not.toBe('mine');
  });

  test('a device with a model of its own is named, and follows its group once its own settings name none', async () => {
    await setDevice('d1', { slots: { main: { model: other } } });
    const { order, overridden } = await setGroup({ slots: { main: { model } } });
    expect(overridden).toEqual({ d1: expect.objectContaining(other) });
    expect(desired('d2')?.slots?.main?.model).toMatchObject({ ...model, order });
    await setDevice('d1', {});
    expect(desired('d1')?.slots?.main?.model).toMatchObject({ ...model, order });
  });

  test('an order that expires says so to the device', async () => {
    await setDevice('d1', { slots: { main: { model: { ...model, expiresAtMs: 1_900_000_000_000 } } } });
    expect(desired('d1')).toMatchObject({ slots: { main: { expiresAtMs: 1_900_000_000_000 } } });
    expect(desired('d1')?.slots?.main?.model).not.toHaveProperty('expiresAtMs');
  });

  test('a retry of one device leaves the others and the group as they are', async () => {
    const { order } = await setGroup({ slots: { main: { model } } });
    const before = desired('d2');
    const first = await retryDevice('d1');
    expect(first).toMatchObject({ generations: { d1: 2 } });
    expect(desired('d1')?.slots?.main?.model).toEqual({ ...model, order: first.order });
    const second = await retryDevice('d1');
    expect(desired('d1')?.slots?.main?.model).toEqual({ ...model, order: second.order });
    expect(new Set([order, first.order, second.order]).size).toBe(3);
    expect(desired('d2')).toEqual(before);
    // What the group is ordered after it wins.
    const { order: newest } = await setGroup({ slots: { main: { model: other } } });
    expect(desired('d1')?.slots?.main?.model).toMatchObject({ ...other, order: newest });
  });

  test('a retry has all the time, also of an order that had expired', async () => {
    await setGroup({ slots: { main: { model: { ...model, expiresAtMs: 1_800_000_000_000 } } } });
    await retryDevice('d1');
    expect(desired('d1')).not.toHaveProperty('expiresAtMs');
    expect(desired('d2')).toMatchObject({ slots: { main: { expiresAtMs: 1_800_000_000_000 } } });
    await retryGroup();
    expect(desired('d2')).not.toHaveProperty('expiresAtMs');
  });

  test('a device gets no address but that of the controller', async () => {
    await setDevice('d1', { slots: { main: { model: { ...model, url: 'http://169.254.169.254/' } } } });
    expect(desired('d1')?.slots?.main?.model).not.toHaveProperty('url');
  });

  test('a retry of a group is one order for all of its devices', async () => {
    await setGroup({ slots: { main: { model } } });
    const { order } = await retryGroup();
    expect([desired('d1')?.slots?.main?.model?.order, desired('d2')?.slots?.main?.model?.order]).toEqual([
      order,
      order,
    ]);
  });

  test('there is nothing to try again where no model is set', async () => {
    await expect(retryDevice('d1')).rejects.toMatchObject({ code: 'model-not-set' });
    await expect(retryGroup()).rejects.toMatchObject({ code: 'model-not-set' });
  });
});

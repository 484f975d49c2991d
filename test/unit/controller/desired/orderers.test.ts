import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { admin, digest, otherDigest, TestFleet } from '../../../fakes/test-fleet.ts';

const model = { name: 'street', version: '1', digest };
const other = { name: 'street', version: '2', digest: otherDigest };
const bob = { tokenId: 'b0b', name: 'bob', role: 'operator' as const };

describe('The source of a model', () => {
  let fleet: TestFleet;
  beforeEach(async () => {
    fleet = await TestFleet.open();
    await fleet.birth('d1', { groups: ['west'] });
  });
  afterEach(() => fleet.stop());

  const detail = () => fleet.controller.devices.detail('d1');
  const setDevice = (caller: typeof admin, settings: object) =>
    fleet.controller.desiredState.setDevice(caller, 'd1', settings, true);
  const source = () => detail().sources.main;

  test('is the person who ordered it, and when', async () => {
    await setDevice(bob, { slots: { main: { model } } });
    const ordered = { by: 'bob (b0b)', timeMs: expect.any(Number) };
    expect(source()).toEqual(ordered);
    expect(detail().settings.slots?.main?.model).toMatchObject({ ...model, ordered });
    expect(detail().desired?.slots?.main?.model).not.toHaveProperty('ordered');
  });

  test('stays when another person changes other settings, and cannot be forged', async () => {
    await setDevice(bob, { slots: { main: { model } } });
    const before = source();
    const { settings } = detail();
    const forged = { ...settings.slots?.main?.model, ordered: { by: 'eve', timeMs: 1 } };
    await setDevice(admin, {
      ...{ slots: { main: { model: forged } }, pipelines: { '*': { scoreThreshold: 0.5 } } },
    });
    expect(source()).toEqual(before);
    await setDevice(admin, { slots: { main: { model: { ...other, ordered: { by: 'eve', timeMs: 1 } } } } });
    expect(source()?.by).toBe(`${admin.name} (${admin.tokenId})`);
  });

  test('names the group that sets it, until the device has an order of its own', async () => {
    await fleet.controller.desiredState.setGroup(admin, 'west', { slots: { main: { model } } }, true);
    expect(source()).toMatchObject({ group: 'west', by: `${admin.name} (${admin.tokenId})` });
    await setDevice(bob, { slots: { main: { model: other } } });
    expect(source()).toEqual({ by: 'bob (b0b)', timeMs: expect.any(Number) });
  });
});

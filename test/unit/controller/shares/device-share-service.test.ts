import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { admin, loaded, otherDigest, slot as slotOf } from '../../../fakes/test-fleet.ts';
import { RolloutFleet } from '../rollouts/rollout-fleet.ts';

const ids = Array.from({ length: 8 }, (_, at) => `cam-${at}`);
const part = (fromPercent: number, toPercent: number) => ({
  target: { all: true as const, share: { of: 'ab', fromPercent, toPercent } },
});
const version = (name: string) => ({ model: { name: 'street', version: name } });

describe('Two versions that divide devices by rollouts', () => {
  let fleet: RolloutFleet;
  const shares = () => fleet.fleet.controller.deviceShares;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(ids);
    await fleet.push('1.0.0');
    await fleet.push('2.0.0');
  });
  afterEach(() => fleet.fleet.stop());

  test('are listed by where they begin, and each device says why it belongs to its rollout', async () => {
    await fleet.create({ ...part(50, 100), ...version('2.0.0') }, { name: 'b' });
    await fleet.create({ ...part(0, 50), ...version('1.0.0') }, { name: 'a' });
    await fleet.turn(6);
    const [listed, ...others] = (await shares().list()).shares;
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ by: 'share', of: 'ab', slot: 'main' });
    expect(listed?.sides.map(({ name, fromPercent }) => [name, fromPercent])).toEqual([
      ['a', 0],
      ['b', 50],
    ]);
    const report = await shares().report('ab');
    expect(report.compared).toBe('street 2.0.0 (b) against street 1.0.0 (a)');
    expect(report.devices.map(({ device }) => device)).toEqual(ids);
    for (const { device, rollout, model, why } of report.devices) {
      expect(fleet.stateOf(device, rollout)).toBe('committed');
      expect(model).toBe(`street ${rollout === 'a' ? '1.0.0' : '2.0.0'}`);
      const place = Number(why.split(' ')[0]);
      expect(place < 50 ? 'a' : 'b').toBe(rollout);
      expect(why).toContain(rollout === 'a' ? 'within 0 to 50 %' : 'within 50 to 100 %');
    }
    // Nobody has sent a metric: that is no difference of nothing.
    expect(report.comparison?.outcome).toBe('no-data');
  });

  test('are the values of a label, too; one version by itself, and one that went back, divide nothing', async () => {
    const { labels } = fleet.fleet.controller;
    for (const [at, id] of ids.entries()) await labels.setLabels(admin, id, { ring: at < 4 ? 'a' : 'b' });
    const ring = (value: string) => ({ target: { labels: { ring: value } } });
    await fleet.create({ ...ring('a'), ...version('1.0.0') }, { name: 'a' });
    expect((await shares().list()).shares).toEqual([]);
    await fleet.create({ ...ring('b'), ...version('2.0.0') }, { name: 'b' });
    await fleet.turn(6);
    const of = 'street by ring';
    expect((await shares().list()).shares).toMatchObject([
      { by: 'labels', of, sides: [{ name: 'a' }, { name: 'b', run: 4 }] },
    ]);
    const report = await shares().report(of);
    expect(report.devices.map(({ why }) => why)).toEqual(ids.map((_, at) => `ring=${at < 4 ? 'a' : 'b'}`));
    await fleet.rollouts.act(admin, 'b', { action: 'rollback' });
    await fleet.turn(4);
    expect((await shares().list()).shares).toEqual([]);
    await expect(shares().report(of)).rejects.toMatchObject({ code: 'share-unknown' });
  });

  test('of another slot say what that slot runs', async () => {
    const slot = (value: object) => ({ ...value, slot: 'night' });
    await fleet.create({ ...slot(part(0, 50)), ...version('1.0.0') }, { name: 'a' });
    await fleet.turn(6);
    for (const { device } of (await shares().report('ab')).devices) {
      const main = slotOf({ loaded: { ...loaded, version: '9.0.0', digest: otherDigest } });
      const night = slotOf({ cameras: [] });
      await fleet.fleet.reported(device, {
        generation: fleet.desired(device)?.generation ?? 1,
        slots: { main, night },
      });
    }
    const report = await shares().report('ab', 'night');
    expect(report.devices.length).toBeGreaterThan(0);
    for (const { model } of report.devices) expect(model).toBe('street 1.0.0');
  });
});

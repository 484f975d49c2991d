import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../../../src/controller/index.ts';
import { admin, TestFleet } from '../../../fakes/test-fleet.ts';

const berlin: Caller = {
  ...{ tokenId: 't2', name: 'bea', role: 'admin' },
  scope: { labels: { site: 'berlin' } },
};
const hall: Caller = { tokenId: 't3', name: 'hal', role: 'operator', scope: { groups: ['hall-1'] } };
const settings = { pipelines: { front: { scoreThreshold: 0.5 } } };

/** Commands as somebody gives them who came past the gate before the server. */
describe('A command with a scope', () => {
  let fleet: TestFleet;
  beforeEach(async () => {
    fleet = await TestFleet.open();
    for (const id of ['in', 'out']) await fleet.birth(id);
    await fleet.settle();
    await fleet.controller.labels.setLabels(admin, 'in', { site: 'berlin' });
    await fleet.controller.groups.setMembers(admin, 'hall-1', ['in']);
  });
  afterEach(() => fleet.stop());

  const refused = { code: 'scope-exceeded' };

  it('changes a device of the part', async () => {
    await fleet.controller.desiredState.setDevice(berlin, 'in', settings);
    await fleet.controller.labels.hold(berlin, 'in', 'wait');
    await fleet.controller.desiredState.setGroup(hall, 'hall-1', settings);
    expect(fleet.controller.devices.detail('in').settings).toEqual(settings);
  });

  it.each<[string, (by: TestFleet['controller']) => Promise<unknown>]>([
    ['a device elsewhere', (by) => by.desiredState.setDevice(berlin, 'out', settings)],
    ['its deletion', (by) => by.devices.deleteDevice(berlin, 'out')],
    ['its labels', (by) => by.labels.setLabels(berlin, 'out', { site: 'berlin' })],
    ['a hold', (by) => by.labels.hold(berlin, 'out', 'wait')],
    ['a group', (by) => by.desiredState.setGroup(berlin, 'hall-1', settings)],
    ['members', (by) => by.groups.setMembers(hall, 'hall-1', ['in', 'out'])],
    ['a token', (by) => by.access.createToken(berlin, { name: 'more', role: 'admin' })],
    ['rules', (by) => by.approvals.setRules(berlin, { rules: [] })],
    ['the freeze', (by) => by.rollouts.freeze(berlin, 'all of it')],
  ])('does not change what is not of the part: %s', async (_what, command) => {
    const before = fleet.store.commits.length;
    await expect(command(fleet.controller)).rejects.toMatchObject(refused);
    // Its entry in the audit log is all that is written.
    expect(fleet.store.commits.slice(before).flatMap(({ changes = [] }) => changes)).toEqual([]);
    expect(fleet.store.auditRows.at(-1)).toMatchObject({ result: 'scope-exceeded' });
  });

  it('does not change a device that left the part while the command waited', async () => {
    const { labels, desiredState } = fleet.controller;
    const moved = labels.setLabels(admin, 'in', { site: 'munich' });
    const late = desiredState.setDevice(berlin, 'in', settings);
    await moved;
    await expect(late).rejects.toMatchObject(refused);
  });
});

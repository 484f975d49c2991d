import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRule } from '../../src/api/index.ts';
import type { Caller } from '../../src/controller/index.ts';
import { admin, digest as oldDigest } from '../fakes/test-fleet.ts';
import { bob, RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';

const ann: Caller = { tokenId: 't-ann', name: 'ann', role: 'operator' };
const twin: Caller = { ...ann, tokenId: 't-ann-2' };
const needed = { code: 'approval-needed' };
const second = { code: 'approval-second-person' };

describe('A target that needs a second person', () => {
  let fleet: RolloutFleet;
  let digest: string;
  const controller = () => fleet.fleet.controller;
  const rules: ApprovalRule[] = [
    { name: 'clinic', target: { labels: { site: 'clinic' } } },
    { name: 'night', target: { groups: ['night'] } },
  ];
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2', 'd3']);
    digest = await fleet.push('2.0.0');
    // A camera may be called as that what an order leaves out.
    await fleet.join('d1', [], ['front', 'order']);
    await controller().labels.setLabels(admin, 'd1', { site: 'clinic' });
    await controller().groups.setMembers(admin, 'night', ['d2']);
    await controller().approvals.setRules(admin, { rules });
  });
  afterEach(() => fleet.fleet.stop());

  const waiting = () => controller().approvals.list().approvals;
  const order = (device: string, by = ann) =>
    controller().slots.set(by, { device }, 'main', { name: 'street' });

  /** Everything that somebody alone may try, and with what it is refused. */
  const attempts: readonly [what: string, attempt: () => Promise<unknown>][] = [
    ['orders a device by hand', () => order('d1')],
    ['orders it as an admin', () => order('d1', admin)],
    [
      'orders its group by hand',
      () => controller().slots.set(ann, { group: 'night' }, 'main', { name: 'street' }),
    ],
    [
      'replaces its settings',
      () => controller().desiredState.setDevice(ann, 'd1', { pipelines: { '*': { enabled: false } } }),
    ],
    [
      'names a camera as what is left out',
      () => controller().desiredState.setDevice(ann, 'd1', { pipelines: { order: { enabled: false } } }),
    ],
    [
      'orders its group before it comes',
      async () => {
        await controller().labels.setLabels(admin, 'd9', { site: 'clinic' });
        await controller().groups.setMembers(admin, 'new', ['d9']);
        return controller().slots.set(ann, { group: 'new' }, 'main', { name: 'street' });
      },
    ],
    [
      'takes one out of the group that is to come',
      async () => {
        await controller().groups.setMembers(admin, 'night', ['d2', 'd8']);
        return controller().groups.setMembers(ann, 'night', ['d2']);
      },
    ],
    ['takes its label away', () => controller().labels.setLabels(ann, 'd1', {})],
    ['takes it out of the group', () => controller().groups.setMembers(ann, 'night', [])],
    ['deletes the group', () => controller().groups.deleteGroup(ann, 'night')],
    ['deletes the device', () => controller().devices.deleteDevice(admin, 'd1')],
    ['takes the rules away', () => controller().approvals.setRules(admin, { rules: [] })],
    [
      'changes a rule',
      () =>
        controller().approvals.setRules(admin, {
          rules: [{ ...rules[0]!, target: { devices: ['d9'] } }, rules[1]!],
        }),
    ],
  ];
  test('is still asked for, and approved once, after the controller was started again', async () => {
    await expect(order('d1')).rejects.toMatchObject(needed);
    await expect(order('d2')).rejects.toMatchObject(needed);
    await fleet.turn(1);
    await fleet.fleet.restart();
    const [second, first] = waiting();
    expect([first?.devices, second?.devices]).toEqual([['d1'], ['d2']]);
    await controller().approvals.approve(bob, first!.id);
    await controller().approvals.refuse(bob, second!.id);
    await fleet.fleet.restart();
    expect(waiting().map(({ id, approvedBy }) => [id, approvedBy])).toEqual([[first!.id, 'bob (t2)']]);
    await order('d1');
    await fleet.fleet.restart();
    expect(waiting()).toEqual([]);
    await expect(order('d2')).rejects.toMatchObject(needed);
  });

  test.each(attempts)('is not changed by one who %s', async (_, attempt) => {
    await expect(attempt()).rejects.toMatchObject(needed);
    await fleet.turn(2);
    expect(['d1', 'd2'].map((id) => fleet.running.get(id)?.digest)).toEqual([oldDigest, oldDigest]);
    expect(waiting()).toHaveLength(1);
    // Asking again is the same question.
    await expect(attempt()).rejects.toMatchObject(needed);
    expect(waiting()).toHaveLength(1);
  });

  test('is changed as always where the rule does not have it, and may get more rules', async () => {
    await order('d3');
    await controller().labels.setLabels(ann, 'd1', { site: 'clinic', floor: '2' });
    await controller().groups.setMembers(ann, 'night', ['d2', 'd3']);
    await controller().approvals.setRules(admin, {
      rules: [...rules, { name: 'all', target: { all: true } }],
    });
    await expect(order('d3')).resolves.toBeDefined();
    expect(waiting()).toEqual([]);
  });

  test('is changed once, by the person who asked, after a second person approved exactly that', async () => {
    await expect(order('d1')).rejects.toMatchObject(needed);
    const [{ id } = { id: '' }] = waiting();
    await expect(controller().approvals.approve(ann, id)).rejects.toMatchObject(second);
    await expect(controller().approvals.approve(twin, id)).rejects.toMatchObject(second);
    await controller().approvals.approve(bob, id);
    // Another person, and other words, are other questions.
    await expect(order('d1', bob)).rejects.toMatchObject(needed);
    await expect(
      controller().desiredState.setDevice(ann, 'd1', { pipelines: { '*': { enabled: false } } }),
    ).rejects.toMatchObject(needed);
    await order('d1');
    await fleet.turn(2);
    expect(fleet.running.get('d1')?.digest).toBe(digest);
    await expect(
      controller().slots.set(ann, { device: 'd1' }, 'main', {
        name: 'street',
        expiresAtMs: fleet.fleet.clock.wallMs() + 3_600_000,
      }),
    ).rejects.toMatchObject(needed);
  });

  test('gets only the approved version: one that was pushed meanwhile needs a new approval', async () => {
    await expect(order('d1')).rejects.toMatchObject(needed);
    await controller().approvals.approve(bob, waiting()[0]!.id);
    await fleet.minutes(1);
    await fleet.push('3.0.0');
    await expect(order('d1')).rejects.toMatchObject(needed);
  });

  test('does not follow a version that one person pushed', async () => {
    const follow = { name: 'street', policy: { follows: 'latest' as const } };
    const set = () => controller().slots.set(ann, { device: 'd1' }, 'main', follow);
    await expect(set()).rejects.toMatchObject(needed);
    await controller().approvals.approve(bob, waiting()[0]!.id);
    await set();
    await fleet.turn(2);
    await fleet.push('3.0.0');
    await fleet.turn(3);
    expect(fleet.running.get('d1')).toEqual({ digest, version: '2.0.0' });
    expect(waiting()[0]).toMatchObject({ action: 'device.version', target: 'd1' });
  });

  test('makes rollouts wait for a second person, whatever their policy says, and their successors too', async () => {
    const make = (name: string, supersede = false) =>
      controller().rollouts.create(ann, {
        name,
        policy: { model: { name: 'street' }, target: { all: true }, supersede, approval: false },
      });
    expect(await make('first')).toMatchObject({ state: 'waiting-for-approval', policy: { approval: true } });
    expect(await make('second', true)).toMatchObject({ state: 'waiting-for-approval' });
    await expect(controller().rollouts.act(ann, 'second', { action: 'approve' })).rejects.toMatchObject(
      second,
    );
    await fleet.turn(3);
    expect(fleet.running.get('d1')?.digest).toBe(oldDigest);
    await controller().rollouts.act(bob, 'second', { action: 'approve' });
    await fleet.turn(4);
    expect(fleet.running.get('d1')?.digest).toBe(digest);
  });

  test('gets no order of a rollout that it joined later without a second approval', async () => {
    await controller().rollouts.create(ann, {
      ...{ name: 'west', policy: { model: { name: 'street' }, target: { devices: ['d3', 'd4'] } } },
    });
    await fleet.turn(3);
    expect(fleet.show('west').state).toBe('finished');
    await controller().labels.setLabels(ann, 'd4', { site: 'clinic' });
    await fleet.join('d4');
    await fleet.minutes(2);
    expect(fleet.show('west').devices.find(({ device }) => device === 'd4')).toMatchObject({
      ...{ state: 'left-out', by: 'approval' },
    });
    expect(fleet.running.get('d4')?.digest).toBe(oldDigest);
  });

  test('is changed in an emergency by an admin alone, which is told and audited', async () => {
    await expect(order('d1', admin)).rejects.toMatchObject(needed);
    const [{ id } = { id: '' }] = waiting();
    await controller().approvals.breakGlass(admin, id, 'it sees nothing');
    await order('d1', admin);
    await fleet.turn(2);
    expect(fleet.running.get('d1')?.digest).toBe(digest);
    await controller().flush();
    const told = await fleet.fleet.store.events({ kind: 'approval.broken-glass', limit: 5 });
    expect(told.events).toMatchObject([
      { severity: 'error', message: expect.stringContaining('it sees nothing') },
    ]);
    const audited = fleet.fleet.store.auditRows.filter(({ action }) => action === 'approval.broken-glass');
    expect(audited).toHaveLength(1);
  });

  test('has its rules after a restart', async () => {
    await fleet.fleet.restart();
    expect(controller().approvals.rules).toEqual({ rules });
    await expect(order('d1')).rejects.toMatchObject(needed);
  });
});

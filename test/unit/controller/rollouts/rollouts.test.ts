import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredSettings } from '../../../../src/api/index.ts';
import { admin, digest as oldDigest } from '../../../fakes/test-fleet.ts';
import { bob, RolloutFleet } from './rollout-fleet.ts';

describe('A rollout', () => {
  let fleet: RolloutFleet;
  let digest: string;
  beforeEach(async () => {
    fleet = await RolloutFleet.open(['d1', 'd2', 'd3', 'd4']);
    digest = await fleet.push('2.0.0');
  });
  afterEach(() => fleet.fleet.stop());
  const waves = [
    { devices: ['d1'], soakMinutes: 10 },
    { percent: 50, soakMinutes: 0 },
  ];

  test('goes wave by wave: the next begins when the one before has committed and soaked', async () => {
    await fleet.create({ waves });
    await fleet.turn(3);
    expect(fleet.show()).toMatchObject({ state: 'soaking', wave: 0, counts: { committed: 1, waiting: 3 } });
    expect(fleet.desired('d1')?.slots?.main?.model).toMatchObject({ digest });
    expect(fleet.desired('d2')?.slots?.main?.model).toBeUndefined();
    await fleet.minutes(9);
    expect(fleet.show().state).toBe('soaking');
    await fleet.minutes(3);
    expect(fleet.show()).toMatchObject({ state: 'finished', counts: { committed: 4 } });
    expect(fleet.show().waves.map((wave) => wave.devices)).toEqual([1, 1, 2]);
  });

  test('rolls all waves back when a device of a later one fails, and each has its previous model', async () => {
    fleet.behaviours.set('d3', 'goes-back');
    await fleet.create({ waves: [{ devices: ['d1', 'd2'] }, { devices: ['d3'] }] });
    await fleet.turn(12);
    const shown = fleet.show();
    expect(shown).toMatchObject({ state: 'rolled-back', reason: expect.stringContaining('1 of 3 devices') });
    expect(shown.counts).toEqual({ reverted: 3, waiting: 1 });
    for (const id of ['d1', 'd2', 'd3']) {
      expect(fleet.running.get(id)?.digest).toBe(oldDigest);
      expect(fleet.desired(id)?.slots?.main?.model?.digest).toBe(oldDigest);
    }
    expect(fleet.desired('d4')).toBeUndefined();
  });

  test('gives a device back what its own settings named, by a new order', async () => {
    const before = await fleet.push('1.5.0');
    await fleet.fleet.controller.slots.set(admin, { device: 'd1' }, 'main', {
      ...{ name: 'street', policy: { follows: 'range', range: '^1' } as const },
    });
    await fleet.turn(1);
    const own = fleet.desired('d1')?.slots?.main?.model;
    expect(own?.digest).toBe(before);
    await fleet.create({ model: { name: 'street', version: '2.0.0' }, waves: [{ devices: ['d1'] }] });
    await fleet.turn(2);
    await fleet.rollouts.act(admin, 'to-2', { action: 'rollback', reason: 'it rains' });
    await fleet.turn(3);
    expect(fleet.desired('d1')?.slots?.main?.model).toMatchObject({
      digest: before,
      policy: { range: '^1' },
    });
    expect(fleet.desired('d1')?.slots?.main?.model?.order).not.toBe(own?.order);
    expect(fleet.show()).toMatchObject({ state: 'rolled-back', reason: 'Rolled back by hand: it rains' });
  });

  test('lets admins alone override what a machine says of its safety', async () => {
    fleet.behaviours.set('d1', 'unsafe');
    await fleet.create({ waves: [{ devices: ['d1'] }] });
    await fleet.turn(3);
    expect(fleet.show().devices[0]).toMatchObject({ state: 'deferred', by: 'safety', reason: 'It drives.' });
    const { controller } = fleet.fleet;
    const model = { ...controller.devices.detail('d1').settings.slots!.main!.model, overrideSafety: true };
    const set = (who: typeof bob) =>
      controller.desiredState.setDevice(who, 'd1', { slots: { main: { model } } });
    await expect(set(bob)).rejects.toMatchObject({ code: 'override-admin' });
    await controller.slots.overrideSafety(admin, 'd1', 'main', 'it stands on blocks');
    await fleet.turn(3);
    expect(fleet.stateOf('d1')).toBe('committed');
    // What an admin allowed comes back with other settings of the operator, and is good for nothing else.
    const allowed = controller.devices.detail('d1').settings.slots!.main!.model;
    expect(allowed.overrideSafety).toBe(true);
    const as = (slots: DesiredSettings['slots'] & object) =>
      controller.desiredState.setDevice(bob, 'd1', { slots }, true);
    const { order: _, ...withoutOrder } = allowed;
    const another = { ...allowed, version: '1.0.0', digest: oldDigest };
    for (const slots of [
      { main: { model: another } },
      { main: { model: withoutOrder } },
      { main: { model: allowed }, plate: { model: allowed } },
      { plate: { model: allowed } },
    ])
      await expect(as(slots)).rejects.toMatchObject({ code: 'override-admin' });
    await as({ main: { model: allowed } });
    expect(fleet.desired('d1')?.slots?.main?.model).toMatchObject({
      order: allowed.order,
      overrideSafety: true,
    });
    const entry = fleet.fleet.store.auditRows.find(({ action }) => action === 'device.override-safety');
    expect(entry).toMatchObject({ target: 'd1', result: 'ok', detail: expect.stringContaining('on blocks') });
  });

  test('does not wait for ever for a device that cannot go back, and says which', async () => {
    fleet.behaviours.set('d1', 'stays');
    fleet.behaviours.set('d3', 'goes-back');
    await fleet.create({ waves: [{ devices: ['d1', 'd2'] }, { devices: ['d3'] }] });
    await fleet.turn(12);
    const shown = fleet.show();
    expect(shown).toMatchObject({ state: 'rolled-back', counts: { reverting: 1, reverted: 2, waiting: 1 } });
    expect(shown.notes.at(-1)?.what).toContain('1 could not roll back: d1.');
    expect(shown.devices[0]).toMatchObject({ by: 'stuck', reason: expect.stringContaining('not signed') });
    // Somebody mends it.
    fleet.behaviours.delete('d1');
    await fleet.fleet.controller.desiredState.retryDevice(admin, 'd1');
    await fleet.minutes(2);
    expect(['reverted', 'left-out']).toContain(fleet.stateOf('d1'));
    expect(fleet.running.get('d1')?.digest).toBe(oldDigest);
  });

  test('says of a device that was offline at the end, and cannot go back when it comes', async () => {
    for (const id of ['d1', 'd2']) fleet.behaviours.set(id, 'stays');
    await fleet.create({ waves: [{ devices: ['d1', 'd2', 'd3'] }] });
    await fleet.turn(3);
    for (const id of ['d1', 'd2']) await fleet.offline(id);
    await fleet.rollouts.act(admin, 'to-2', { action: 'rollback' });
    await fleet.turn(3);
    expect(fleet.show()).toMatchObject({ state: 'rolled-back', counts: { reverting: 2 } });
    expect(fleet.show().notes.at(-1)?.what).not.toContain('could not roll back');
    await fleet.online('d1');
    await fleet.minutes(2);
    expect(fleet.show().notes.at(-1)?.what).toBe('1 could not roll back: d1.');
    // It tries again, and nothing is new.
    await fleet.fleet.controller.desiredState.retryDevice(admin, 'd1');
    await fleet.minutes(2);
    expect(fleet.show().notes.filter(({ what }) => what.includes('could not roll back'))).toHaveLength(1);
    await fleet.online('d2');
    await fleet.minutes(2);
    expect(fleet.show().notes.at(-1)?.what).toBe('1 could not roll back: d2.');
  });

  test('pauses on failure where the policy says so, and a person decides', async () => {
    fleet.behaviours.set('d1', 'fails');
    await fleet.create({ waves, onFail: 'pause' });
    await fleet.turn(3);
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'failed' } });
    expect(fleet.stateOf('d1')).toBe('failed');
    await fleet.rollouts.act(admin, 'to-2', { action: 'promote', reason: 'd1 is broken' });
    await fleet.turn(5);
    // What failed counts in every wave after it.
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'failed' }, wave: 1 });
  });

  test('goes on over some failures where the policy allows a share of them', async () => {
    fleet.behaviours.set('d4', 'refuses');
    await fleet.create({ success: { abortPercent: 25, minimum: 4 } });
    await fleet.turn(4);
    expect(fleet.show()).toMatchObject({ state: 'finished', counts: { committed: 3, refused: 1 } });
    expect(fleet.show().devices.find(({ device }) => device === 'd4')?.reason).toBe('It sees nothing.');
  });

  test('stops nothing before so many answers as the policy asks for', async () => {
    fleet.behaviours.set('d1', 'fails');
    for (const id of ['d2', 'd3', 'd4']) fleet.behaviours.set(id, 'silent');
    await fleet.create({ success: { abortPercent: 30, minimum: 3 } });
    await fleet.turn(3);
    expect(fleet.show().state).toBe('running');
    fleet.behaviours.set('d2', 'fails');
    fleet.behaviours.set('d3', 'fails');
    await fleet.turn(3);
    expect(['rolling-back', 'rolled-back']).toContain(fleet.show().state);
  });

  test('pauses and resumes; in a pause no device that is ready switches', async () => {
    fleet.behaviours.set('d1', 'silent');
    await fleet.create({ waves });
    await fleet.turn(1);
    expect(fleet.stateOf('d1')).toBe('ordered');
    await fleet.rollouts.act(bob, 'to-2', { action: 'pause', reason: 'lunch' });
    await fleet.turn(1);
    expect(fleet.desired('d1')?.slots?.main?.model).toMatchObject({ digest, hold: true });
    fleet.behaviours.delete('d1');
    await fleet.turn(2);
    expect(fleet.stateOf('d1')).toBe('deferred');
    await fleet.rollouts.act(bob, 'to-2', { action: 'resume' });
    await fleet.turn(3);
    expect(fleet.desired('d1')?.slots?.main?.model).not.toHaveProperty('hold');
    expect(fleet.stateOf('d1')).toBe('committed');
  });

  test('is aborted: unfinished devices roll back, finished ones keep it', async () => {
    fleet.behaviours.set('d2', 'probation');
    await fleet.create({ waves: [{ devices: ['d1', 'd2'] }] });
    await fleet.turn(3);
    expect(fleet.stateOf('d2')).toBe('probation');
    await fleet.rollouts.act(admin, 'to-2', { action: 'abort' });
    await fleet.turn(4);
    expect(fleet.show()).toMatchObject({
      state: 'aborted',
      counts: { committed: 1, reverted: 1, waiting: 2 },
    });
    expect(fleet.desired('d2')?.slots?.main?.model?.digest).toBe(oldDigest);
  });

  test('begins, and passes to a wave, with the approval of a second person only', async () => {
    await fleet.create({ approval: true, waves: [{ devices: ['d1'] }, { count: 1, approval: true }] });
    await fleet.turn(2);
    expect(fleet.show()).toMatchObject({ state: 'waiting-for-approval', wave: 0 });
    const approve = (who: typeof bob) => fleet.rollouts.act(who, 'to-2', { action: 'approve' });
    await expect(approve(admin)).rejects.toMatchObject({ code: 'approval-second-person' });
    await expect(approve({ ...admin, tokenId: 't9' })).rejects.toMatchObject({
      code: 'approval-second-person',
    });
    await approve(bob);
    await fleet.turn(4);
    expect(fleet.show()).toMatchObject({ state: 'waiting-for-approval', wave: 1 });
    await expect(fleet.rollouts.act(bob, 'to-2', { action: 'promote' })).rejects.toMatchObject({
      code: 'rollout-state',
    });
    await approve(bob);
    await fleet.turn(6);
    expect(fleet.show().state).toBe('finished');
  });

  test('is no success when nobody answers: a wave whose devices are all offline pauses by rule', async () => {
    await fleet.offline('d1');
    await fleet.create({ waves, unreachable: { afterMinutes: 5, rule: 'skip' } });
    await fleet.turn(1);
    expect(fleet.stateOf('d1')).toBe('unreachable');
    expect(fleet.show().next).toContain('1 offline');
    await fleet.minutes(6);
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'no-data' } });
    expect(fleet.show().pause?.settle).not.toEqual([]);
  });

  test('takes back a wave that nobody answers for where the policy says so', async () => {
    await fleet.offline('d1');
    await fleet.create({ waves, unreachable: { afterMinutes: 5, rule: 'skip' }, onUnclear: 'rollback' });
    await fleet.minutes(7);
    expect(fleet.show()).toMatchObject({
      state: 'rolled-back',
      reason: 'No device of the wave gave an answer.',
    });
    expect(fleet.desired('d1')?.slots?.main?.model).toBeUndefined();
  });

  test('waits for a device that is long offline where the policy says so, until the deadline of the wave', async () => {
    await fleet.offline('d1');
    await fleet.create({ waves, waveDeadlineMinutes: 10 });
    await fleet.minutes(9);
    expect(fleet.show().state).toBe('running');
    await fleet.minutes(2);
    expect(fleet.show()).toMatchObject({
      ...{ state: 'paused', pause: { kind: 'deadline', what: expect.stringContaining('1 unreachable') } },
    });
  });

  test('reaches late joiners and those that come back after its end', async () => {
    await fleet.offline('d4');
    await fleet.create({ unreachable: { afterMinutes: 1, rule: 'skip' } });
    await fleet.minutes(3);
    expect(fleet.show()).toMatchObject({ state: 'finished', counts: { committed: 3, unreachable: 1 } });
    await fleet.join('d9');
    await fleet.online('d4');
    // What is over is looked at twice a minute.
    await fleet.minutes(2);
    expect(fleet.show().counts).toEqual({ committed: 5 });
  });

  test('leaves devices alone that are pinned, held or ordered by hand', async () => {
    await fleet.fleet.controller.slots.set(admin, { device: 'd1' }, 'main', {
      ...{ name: 'street', version: '2.0.0', policy: { follows: 'digest', pinned: true } as const },
    });
    await fleet.fleet.controller.labels.hold(admin, 'd2', 'a film is made there');
    fleet.behaviours.set('d3', 'silent');
    const pinned = fleet.desired('d1')?.slots?.main?.model?.order;
    await fleet.create({});
    await fleet.turn(2);
    await fleet.fleet.controller.slots.set(admin, { device: 'd3' }, 'main', {
      name: 'street',
      version: '2.0.0',
    });
    await fleet.turn(3);
    const by = Object.fromEntries(fleet.show().devices.map((one) => [one.device, one.by ?? one.state]));
    expect(by).toEqual({ d1: 'pinned', d2: 'held', d3: 'by-hand', d4: 'committed' });
    expect(fleet.desired('d1')?.slots?.main?.model?.order).toBe(pinned);
    expect(fleet.show().state).toBe('finished');
  });

  test('is stopped with all others by one command, and gives no order until it is lifted', async () => {
    await fleet.create({ waves });
    await fleet.rollouts.freeze(bob, 'storm');
    await fleet.turn(3);
    expect(fleet.show()).toMatchObject({ state: 'paused', pause: { kind: 'frozen' } });
    expect(fleet.desired('d1')).toBeUndefined();
    await expect(fleet.rollouts.act(bob, 'to-2', { action: 'resume' })).rejects.toMatchObject({
      code: 'rollouts-frozen',
    });
    await fleet.fleet.restart();
    expect(fleet.rollouts.frozen).toMatchObject({ reason: 'storm' });
    await fleet.rollouts.unfreeze(bob);
    expect(fleet.show().state).toBe('paused');
    await fleet.rollouts.act(bob, 'to-2', { action: 'resume' });
    await fleet.turn(3);
    expect(fleet.stateOf('d1')).toBe('committed');
  });

  test('goes on going back when all are stopped: a version that did badly does not stay for it', async () => {
    fleet.behaviours.set('d3', 'goes-back');
    await fleet.create({ waves: [{ devices: ['d1', 'd2'] }, { devices: ['d3'] }] });
    for (let turn = 0; turn < 12 && fleet.show().state !== 'rolling-back'; turn += 1) await fleet.turn(1);
    await fleet.rollouts.freeze(bob, 'storm');
    expect(fleet.show().state).toBe('rolling-back');
    await fleet.turn(4);
    expect(fleet.show()).toMatchObject({ state: 'rolled-back', counts: { reverted: 3, waiting: 1 } });
  });

  test('keeps limits: so many at once, so many of a site, so many a minute', async () => {
    for (const id of ['d1', 'd2', 'd3', 'd4']) {
      fleet.behaviours.set(id, 'silent');
      await fleet.fleet.controller.labels.setLabels(admin, id, { site: id < 'd3' ? 'west' : 'east' });
    }
    await fleet.create({ disruption: { by: 'site', maxUnavailable: 1 }, maxParallel: 3, ratePerMinute: 1 });
    await fleet.turn(3);
    expect(fleet.show().counts).toEqual({ ordered: 1, deferred: 3 });
    const why = () =>
      fleet
        .show()
        .devices.flatMap(({ by }) => by ?? [])
        .sort();
    expect(why()).toEqual(['rate', 'rate', 'rate']);
    await fleet.minutes(2);
    expect(fleet.show().counts).toEqual({ ordered: 2, deferred: 2 });
    await fleet.minutes(1);
    expect(why()).toEqual(['disruption', 'disruption']);
  });

  test('counts what other rollouts have at work at a site, and goes on when they are done', async () => {
    for (const id of ['d1', 'd2', 'd3', 'd4'])
      await fleet.fleet.controller.labels.setLabels(admin, id, { site: 'west' });
    fleet.behaviours.set('d1', 'silent');
    const disruption = { by: 'site', maxUnavailable: 2 };
    await fleet.create({ target: { devices: ['d1'] } }, { name: 'other' });
    await fleet.turn(1);
    for (const id of ['d2', 'd3', 'd4']) fleet.behaviours.set(id, 'silent');
    await fleet.create({ target: { devices: ['d2', 'd3', 'd4'] }, disruption });
    await fleet.turn(2);
    expect(fleet.show().counts).toEqual({ ordered: 1, deferred: 2 });
    expect(fleet.show().devices.flatMap(({ reason }) => reason ?? [])[0]).toBe(
      'Updating or offline already: 2 devices with site west.',
    );
    fleet.behaviours.delete('d1');
    await fleet.turn(4);
    expect(fleet.show('other').state).toBe('finished');
    expect(fleet.show().counts).toEqual({ ordered: 2, deferred: 1 });
  });

  test('fetches and prepares outside of the window to switch, and switches when it opens', async () => {
    // It is 14:13 of UTC.
    const opens = Date.parse('2026-09-21T14:20:00Z');
    const hourly = { timeZone: 'UTC', minutes: 30 };
    await fleet.create({
      waves: [{ devices: ['d1'] }, { devices: ['d2'] }],
      windows: [
        { ...hourly, what: 'switch', cron: '20 14 * * *' },
        { ...hourly, what: 'download', cron: '0 * * * *' },
      ],
    });
    await fleet.turn(3);
    expect(fleet.stateOf('d1')).toBe('deferred');
    expect(fleet.desired('d1')?.slots?.main?.model).toMatchObject({ digest, hold: true });
    expect(fleet.show()).toMatchObject({
      next: 'Waiting with 1 device of wave 1: the window to switch opens.',
      nextMs: opens,
    });
    await fleet.minutes(5);
    expect(fleet.running.get('d1')?.digest).toBe(oldDigest);
    await fleet.minutes(4);
    expect(fleet.running.get('d1')?.digest).toBe(digest);
    expect(fleet.stateOf('d2')).toBe('committed');
  });

  test('gives no order while no window to download is open', async () => {
    await fleet.create({
      windows: [{ what: 'download', cron: '20 14 * * *', timeZone: 'UTC', minutes: 30 }],
    });
    await fleet.minutes(5);
    expect(fleet.show().counts).toEqual({ deferred: 4 });
    expect(fleet.desired('d1')).toBeUndefined();
    await fleet.minutes(4);
    expect(fleet.show().counts).toEqual({ committed: 4 });
  });

  test('calls a webhook for those that need somebody, by a rule on its events', async () => {
    const { controller, webhooks } = fleet.fleet;
    await controller.alerts.createRule(admin, {
      ...{ name: 'rollout needs somebody', forSeconds: 0 },
      when: { kind: 'event', event: 'rollout', severity: 'warning' },
      notify: { to: 'slack+https://hooks.example/T0' },
    });
    await fleet.create({ waves });
    await fleet.turn(2);
    expect(webhooks.sent).toEqual([]);
    await fleet.rollouts.act(bob, 'to-2', { action: 'pause', reason: 'lunch' });
    await fleet.turn(4);
    const texts = webhooks.sent.map(({ body }) => (JSON.parse(body) as { text: string }).text);
    expect(texts).toEqual([
      expect.stringMatching(/rollout needs somebody.*is firing.*to-2.*is paused.*lunch/),
    ]);
  });

  test('tells what it does as events of the controller', async () => {
    fleet.behaviours.set('d1', 'fails');
    await fleet.create({ waves });
    await fleet.turn(6);
    const kinds = fleet.fleet.store.eventRows
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith('rollout'));
    expect(kinds).toEqual(['rollout.running', 'rollout.rolling-back', 'rollout.rolled-back']);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { metricNames } from '../../../../src/protocol/index.ts';
import { driftStatus, frozen } from '../../../fakes/drift-events.ts';
import { admin, birth, slot, TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
afterEach(() => fleet.stop());

const options = { usualRules: true };
const rules = () => fleet.controller.alerts.listRules('admin').rules;
const names = () => rules().map(({ name }) => name);
const firing = () => fleet.controller.alerts.firing.map(({ ruleName, subject }) => `${ruleName}: ${subject}`);
const all = [
  ...[
    'camera blind',
    'drift alarm',
    'device offline',
    'deployment failed',
    'version unproven',
    'order without its second person',
    'target rate missed',
    'disk low',
  ],
];
const idOf = (name: string) => rules().find((rule) => rule.name === name)?.id ?? '';

describe('The usual rules', () => {
  it('are there on a fresh controller, in force, without a webhook, and in the audit', async () => {
    fleet = await TestFleet.open(options);
    expect(names()).toEqual(all);
    expect(rules().every(({ enabled, usual, notify }) => enabled && usual && notify === undefined)).toBe(
      true,
    );
    expect(fleet.store.auditRows[0]).toMatchObject({ action: 'alert-rule.created', actor: 'system (-)' });
  });

  it('are changed, switched off and deleted as any other, and stay so', async () => {
    fleet = await TestFleet.open(options);
    const { id, createdMs: _, changedMs: __, usual: ___, ...draft } = rules()[0]!;
    await fleet.controller.alerts.replaceRule(admin, id, { ...draft, name: 'my own', enabled: false });
    await fleet.controller.alerts.deleteRule(admin, idOf('disk low'));
    await fleet.restart(options);
    await fleet.restart(options);
    expect(names()).toEqual(['my own', ...all.slice(1, -1)]);
    expect(rules()[0]).toMatchObject({ enabled: false });
  });

  it('are added disabled for users who have other rules', async () => {
    fleet = await TestFleet.open();
    await fleet.controller.alerts.createRule(admin, { name: 'mine', when: { kind: 'offline' } });
    await fleet.restart(options);
    expect(rules().map(({ name, enabled }) => [name, enabled])).toEqual([
      ['mine', true],
      ...all.map((name) => [name, false]),
    ]);
  });

  it('fire for what they say', async () => {
    fleet = await TestFleet.open(options);
    const catalogue = [
      ...birth.catalogue,
      { alias: 8, name: metricNames.diskFree, unit: 'bytes', kind: 'gauge' as const },
      { alias: 9, name: metricNames.diskSize, unit: 'bytes', kind: 'gauge' as const },
    ];
    await fleet.birth('bad', { catalogue });
    await fleet.birth('good', { catalogue });
    await fleet.birth('gone');
    const drift = {
      front: driftStatus({ incident: { number: 1, verdict: frozen, sinceMs: 1, grade: 'alarm' } }),
    };
    for (let turn = 0; turn < 25; turn++) {
      const broken = turn > 7;
      for (const id of ['bad', 'good']) {
        const bad = broken && id === 'bad';
        await fleet.metrics(id, {
          sequence: turn,
          entry: turn,
          samples: [
            [fleet.clock.wallMs(), 1, bad ? 6 : 30],
            [fleet.clock.wallMs(), 8, bad ? 5e8 : 5e9],
            [fleet.clock.wallMs(), 9, 64e9],
          ],
        });
        await fleet.reported(id, {
          cameras: { front: { targetFps: 30 } },
          ...(bad && turn > 20 ? { drift } : {}),
          slots: { main: slot({ deployment: { state: bad ? 'failed' : 'committed' } }) },
        });
      }
      await fleet.clock.pass(10_000);
      if (turn === 7) expect(firing()).toEqual([]);
    }
    expect(firing().sort()).toEqual([
      'deployment failed: bad',
      'device offline: gone',
      'disk low: bad',
      'target rate missed: bad/front',
    ]);
    await fleet.clock.pass(70_000);
    expect(firing()).toContain('camera blind: bad/front');
  });

  it('agree with the health of the devices, and count at each device', async () => {
    fleet = await TestFleet.open(options);
    const drift = {
      front: driftStatus({ incident: { number: 1, verdict: frozen, sinceMs: 1, grade: 'alarm' } }),
    };
    for (let turn = 0; turn < 15; turn++) {
      for (const id of ['a', 'b', 'c', 'd', 'e']) {
        await fleet.birth(id, { groups: ['west'] });
        await fleet.reported(id, { drift: id === 'e' ? {} : drift });
      }
      await fleet.clock.pass(10_000);
    }
    // One trouble of a site is one alert, and every device that it concerns has it.
    expect(firing()).toEqual(['camera blind: group:west']);
    const { devices } = fleet.controller.devices.list({});
    expect(devices.map(({ id, alerts, health }) => [id, alerts, health?.state])).toEqual([
      ...['a', 'b', 'c', 'd'].map((id) => [id, 1, 'blind']),
      ['e', 0, 'ok'],
    ]);
    expect(fleet.controller.summary.current()).toMatchObject({
      alertsFiring: 1,
      health: { ok: 1, blind: 4, degraded: 0, offline: 0 },
    });
  });
});

describe('A rule about events', () => {
  it('fires for an event of its kind, calls its webhook, and is over when no other follows', async () => {
    fleet = await TestFleet.open();
    await fleet.controller.alerts.createRule(admin, {
      name: 'gone',
      when: { kind: 'event', event: 'camera', severity: 'warning', lastsSeconds: 60 },
      forSeconds: 0,
      notify: { to: 'https://hooks.example/x' },
    });
    await fleet.birth('d1');
    await fleet.event('d1', { camera: 'front' });
    await fleet.event('d1', { id: 'event-0002', entry: 2, kind: 'cameras.other' });
    await fleet.event('d1', {
      id: 'event-0003',
      entry: 3,
      kind: 'camera.back',
      severity: 'info',
      camera: 'rear',
    });
    await fleet.clock.pass(5_000);
    expect(firing()).toEqual(['gone: d1/front']);
    expect(fleet.controller.alerts.firing[0]?.summary).toBe('d1/front: The camera is gone.');
    await fleet.clock.pass(130_000);
    expect(fleet.webhooks.told).toEqual(['alert.firing d1/front', 'alert.resolved d1/front']);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aesSecretBox, secretKeyBytes } from '../../../../src/adapters/crypto/index.ts';
import type { AlertRuleDraft } from '../../../../src/api/index.ts';
import { metricNames } from '../../../../src/protocol/index.ts';
import { driftData, driftStatus, frozen, hazier, regression } from '../../../fakes/drift-events.ts';
import { admin, digest, slot, TestFleet } from '../../../fakes/test-fleet.ts';

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

const url = 'https://hooks.example/T0/path';
const rule = (when: AlertRuleDraft['when'], change: Partial<AlertRuleDraft> = {}) =>
  fleet.controller.alerts.createRule(admin, {
    name: 'rule',
    when,
    forSeconds: 0,
    notify: { to: url },
    ...change,
  });

let seq = 0;
async function alarm(id: string, data = driftData(frozen), kind = 'drift.alarm'): Promise<void> {
  seq += 1;
  await fleet.event(id, {
    id: `drift-${String(seq).padStart(5, '0')}`,
    kind,
    camera: 'front',
    message: 'sensor fault: frozen',
    severity: 'error',
    data: { ...data },
  });
  await fleet.clock.pass(3_000);
}

async function watching(...ids: string[]): Promise<void> {
  for (const id of ids) {
    await fleet.birth(id);
    await fleet.reported(id, {
      drift: { front: driftStatus() },
      slots: { main: slot() },
    });
  }
  await fleet.clock.pass(1_000);
}

const firing = () => fleet.controller.alerts.firing.map(({ subject }) => subject);

describe('Alert rules on a fleet', () => {
  it('are refused where the controller cannot reach their address, and say what to enable', async () => {
    for (const [to, code] of [
      ['mailto:ann@site.example', 'channel-off'],
      ['mqtt:site/alerts', 'channel-off'],
    ] as const)
      await expect(rule({ kind: 'offline' }, { notify: { to } })).rejects.toMatchObject({ code });
    await expect(rule({ kind: 'offline' }, { notify: { to: 'mailto:ann@site.example' } })).rejects.toThrow(
      'This controller sends no alerts by mail.',
    );
    expect(fleet.controller.alerts.listRules('admin').rules).toEqual([]);
    const saved = await rule({ kind: 'offline' });
    const mail = { name: saved.name, when: saved.when, notify: { to: 'mailto:ann@site.example' } };
    await expect(fleet.controller.alerts.replaceRule(admin, saved.id, mail)).rejects.toMatchObject({
      code: 'channel-off',
    });
  });

  it('tell of a frozen camera and of its end, with the incident, signed and once', async () => {
    await watching('d1', 'd2', 'd3');
    const saved = await rule({ kind: 'drift', verdicts: ['sensor-fault'] });
    expect(saved.notifySecret).toMatch(/^[0-9a-f]{64}$/);
    await alarm('d1');
    await fleet.clock.pass(60_000);
    expect(fleet.webhooks.told).toEqual(['alert.firing d1/front']);
    const { body, secret } = fleet.webhooks.sent[0]!;
    expect(secret).toBe(saved.notifySecret);
    expect(JSON.parse(body)).toMatchObject({
      version: 1,
      event: 'alert.firing',
      alert: {
        subject: 'd1/front',
        device: 'd1',
        camera: 'front',
        summary: 'd1/front: sensor fault: frozen',
      },
      incident: { device: 'd1', verdict: frozen, believed: true },
    });
    expect(body).not.toContain(saved.notifySecret);
    await alarm('d1', driftData(frozen), 'drift.cleared');
    await fleet.clock.pass(120_000);
    expect(fleet.webhooks.told).toEqual(['alert.firing d1/front', 'alert.resolved d1/front']);
    expect([...fleet.store.alertRows.values()]).toMatchObject([
      { state: 'resolved', delivery: { state: 'delivered' } },
    ]);
  });

  it('stay quiet about an alarm that is not believed, and about verdicts and groups of others', async () => {
    await watching(...Array.from({ length: 20 }, (_, i) => `d${i}`));
    await rule({ kind: 'drift' });
    await rule({ kind: 'drift', verdicts: ['sensor-fault'], unbelieved: true });
    await rule({ kind: 'drift', unbelieved: true }, { scope: { groups: ['west'], devices: [] } });
    await alarm('d1', driftData(hazier, 19));
    await fleet.clock.pass(60_000);
    expect(firing()).toEqual([]);
    await rule({ kind: 'drift', unbelieved: true });
    await fleet.clock.pass(5_000);
    expect(firing()).toEqual(['d1/front']);
  });

  it('are about alarms; about notices only where they say so, and then the message says it too', async () => {
    await watching('d1', 'd2', 'd3');
    await rule({ kind: 'drift' });
    await rule({ kind: 'drift', grades: ['alarm'] });
    await alarm('d1', driftData(hazier, 60, { grade: 'notice', expectedLoss: 0.02 }));
    await fleet.clock.pass(10_000);
    expect(firing()).toEqual([]);
    await rule({ kind: 'drift', grades: ['notice'] });
    await fleet.clock.pass(5_000);
    expect(firing()).toEqual(['d1/front']);
    expect(fleet.controller.alerts.firing[0]?.summary).toBe('d1/front: sensor fault: frozen (notice)');
    // It turned out to harm: now it is an alarm, and no notice any more.
    await alarm('d1', driftData(hazier, 60, { grade: 'alarm', expectedLoss: 0.31 }), 'drift.changed');
    await fleet.clock.pass(70_000);
    expect(firing()).toEqual(['d1/front', 'd1/front']);
    expect(fleet.controller.alerts.firing.map(({ summary }) => summary)).toContain(
      'd1/front: sensor fault: frozen (about 31 % of its accuracy)',
    );
    const counted = fleet.controller.drift.listCameras({});
    expect(counted).toMatchObject({ alarmed: 1, notices: 0, believed: 1 });
  });

  it('count notices apart, and alarms go first', async () => {
    await watching('d1', 'd2', 'd3');
    await alarm('d1', driftData(hazier, 60, { grade: 'notice' }));
    await alarm('d2', driftData(frozen));
    const drift = fleet.controller.drift.listCameras({});
    expect(drift).toMatchObject({ alarmed: 1, notices: 1, believed: 1 });
    expect(drift.rows.map(({ device }) => device)).toEqual(['d2', 'd1', 'd3']);
    expect(fleet.controller.drift.listCameras({ alarmed: true }).rows.map(({ device }) => device)).toEqual([
      'd2',
    ]);
    expect(fleet.controller.drift.listCameras({ grade: 'notice' }).rows.map(({ device }) => device)).toEqual([
      'd1',
    ]);
  });

  it('say of what a cohort shares whether anything of it is an alarm', async () => {
    await watching('d1', 'd2', 'd3', 'd4', 'd5');
    for (const id of ['d1', 'd2', 'd3', 'd4'])
      await alarm(id, driftData(hazier, 60, { grade: 'notice', expectedLoss: 0 }));
    await fleet.clock.pass(10_000);
    expect(fleet.controller.drift.listCameras({}).cohorts).toMatchObject([{ incidents: 4, alarms: 0 }]);
    await alarm('d2', driftData(hazier, 60, { grade: 'alarm', expectedLoss: 0.2 }), 'drift.changed');
    expect(fleet.controller.drift.listCameras({}).cohorts).toMatchObject([{ incidents: 4, alarms: 1 }]);
  });

  it('make one alert of what a whole cohort shares', async () => {
    await watching('d1', 'd2', 'd3', 'd4', 'd5');
    await rule({ kind: 'drift' }, { forSeconds: 0 });
    for (const id of ['d1', 'd2', 'd3', 'd4']) await alarm(id, driftData(regression, 60));
    await fleet.clock.pass(10_000);
    expect(firing()).toEqual([`model:${digest} output`]);
    expect(fleet.controller.alerts.firing[0]?.summary).toContain('on 4 of 5 cameras');
    const single = [...fleet.store.alertRows.values()].find(({ subject }) => subject === 'd1/front');
    expect(single).toMatchObject({ state: 'resolved', endReason: 'merged' });
  });

  it('tell of a device that went away, but not because the controller lost its broker or just started', async () => {
    await rule({ kind: 'offline' });
    await watching('d1', 'd2');
    await fleet.clock.pass(70_000);
    expect(firing()).toEqual([]);
    // d1 keeps speaking, d2 does not.
    for (let i = 0; i < 12; i++) {
      await fleet.metrics('d1', { sequence: i });
      await fleet.clock.pass(10_000);
    }
    expect(firing()).toEqual(['d2']);
    await fleet.restart();
    await fleet.clock.pass(30_000);
    expect(firing()).toEqual(['d2']);
    expect(fleet.webhooks.told).toEqual(['alert.firing d2']);
  });

  it('make one alert of a site whose line is cut, and single ones again when most of it is back', async () => {
    await rule({ kind: 'offline' }, { forSeconds: 5 });
    const ids = ['d1', 'd2', 'd3', 'd4', 'd5'];
    for (const id of ids) await fleet.birth(id, { groups: ['west'] });
    await fleet.birth('e1', { groups: ['east'] });
    const speak = async (...who: string[]) => {
      for (let turn = 0; turn < 12; turn++) {
        for (const id of who) await fleet.birth(id, { groups: [id === 'e1' ? 'east' : 'west'] });
        await fleet.clock.pass(10_000);
      }
    };
    await speak(...ids, 'e1');
    expect(firing()).toEqual([]);
    await speak('d1', 'd2', 'd3', 'd4', 'e1');
    expect(firing()).toEqual(['d5']);
    await speak('d1', 'e1');
    expect(firing()).toEqual(['group:west']);
    expect(fleet.controller.alerts.firing[0]?.summary).toBe('4 of 5 devices of group west are offline');
    expect(fleet.webhooks.told.slice(0, 3)).toEqual([
      'alert.firing d5',
      'alert.resolved d5',
      'alert.firing group:west',
    ]);
    await speak('d1', 'd2', 'd3', 'e1');
    expect(firing().sort()).toEqual(['d4', 'd5']);
  });

  it('tell of a metric beyond its bound, and know nothing of one that is stale', async () => {
    await rule({ kind: 'metric', name: metricNames.fps, below: 10 }, { forSeconds: 20 });
    await fleet.birth('d1');
    let sequence = 0;
    const say = async (value: number) => {
      await fleet.metrics('d1', { sequence: sequence++, samples: [[fleet.clock.wallMs(), 1, value]] });
      await fleet.clock.pass(10_000);
    };
    for (let i = 0; i < 5; i++) await say(30);
    expect(firing()).toEqual([]);
    for (let i = 0; i < 5; i++) await say(3);
    expect(firing()).toEqual(['d1/front']);
    expect(fleet.controller.alerts.firing[0]).toMatchObject({ value: 3, camera: 'front' });
    // Nothing is heard: that is no recovery.
    await fleet.clock.pass(1_200_000);
    expect(firing()).toEqual(['d1/front']);
    for (let i = 0; i < 10; i++) await say(30);
    expect(firing()).toEqual([]);
  });

  it('tell of a model that answers a known frame wrong, while its device is there', async () => {
    await rule({ kind: 'wrong-answer' });
    await fleet.birth('d1');
    const answer = async (right: boolean, agreement: number) => {
      const knownAnswer = { timeMs: fleet.clock.wallMs(), right, agreement };
      await fleet.reported('d1', { drift: { front: driftStatus({ knownAnswer }) } });
      await fleet.clock.pass(3_000);
    };
    await fleet.reported('d1', { drift: { front: driftStatus() } });
    await answer(true, 1);
    expect(firing()).toEqual([]);
    await answer(false, 0.4);
    expect(firing()).toEqual(['d1']);
    expect(fleet.controller.alerts.firing[0]?.summary).toBe(
      'd1 answers a known frame wrong: 40 % of what is known came out',
    );
    expect(fleet.controller.drift.listCameras({}).rows).toMatchObject([{ wrongAnswer: true }]);
    await fleet.clock.pass(300_000);
    expect(firing()).toEqual(['d1']);
    await answer(true, 1);
    await fleet.clock.pass(70_000);
    expect(firing()).toEqual([]);
  });

  it('resolve what a changed or deleted rule no longer asks for', async () => {
    await watching('d1', 'd2', 'd3');
    const { id } = await rule({ kind: 'drift' });
    await alarm('d1');
    expect(firing()).toEqual(['d1/front']);
    await fleet.controller.alerts.replaceRule(admin, id, {
      name: 'renamed',
      when: { kind: 'drift' },
      forSeconds: 0,
    });
    expect(firing()).toEqual(['d1/front']);
    await fleet.controller.alerts.replaceRule(admin, id, {
      name: 'x',
      when: { kind: 'offline' },
      forSeconds: 0,
    });
    expect(firing()).toEqual([]);
    await fleet.controller.alerts.replaceRule(admin, id, {
      name: 'x',
      when: { kind: 'drift' },
      forSeconds: 0,
    });
    await fleet.clock.pass(3_000);
    await fleet.controller.alerts.deleteRule(admin, id);
    expect(firing()).toEqual([]);
    await fleet.clock.pass(1_000);
    expect([...fleet.store.alertRows.values()].map(({ endReason }) => endReason).sort()).toEqual([
      'rule-changed',
      'rule-deleted',
    ]);
    expect(fleet.controller.alerts.listRules('admin').rules).toEqual([]);
  });

  it('keep the key of a rule that is replaced without one', async () => {
    const { id } = await rule({ kind: 'offline' }, { notify: { to: url, secret: 'given-by-a-person' } });
    const saved = await fleet.controller.alerts.replaceRule(admin, id, {
      name: 'rule',
      when: { kind: 'offline' },
      notify: { to: 'https://other.example/' },
    });
    expect(saved.notifySecret).toBeUndefined();
    expect(fleet.store.ruleRows.get(id)?.notifySecret).toBe('given-by-a-person');
  });

  it('have their keys sealed in the database, and messages signed with them', async () => {
    fleet.secretBox = aesSecretBox(new Uint8Array(secretKeyBytes));
    await fleet.restart();
    const { id } = await rule({ kind: 'offline' }, { notify: { to: url, secret: 'given-by-a-person' } });
    expect(fleet.store.ruleRows.get(id)?.notifySecret).toMatch(/^sealed:1:/);
    for (let life = 0; life < 2; life++) {
      await fleet.controller.alerts.testRule(admin, id);
      expect(fleet.webhooks.sent.at(-1)?.secret).toBe('given-by-a-person');
      await fleet.restart();
    }
    const other = await rule({ kind: 'offline' }, { notify: { to: url, secret: 'another' } });
    expect(fleet.store.ruleRows.get(other.id)?.notifySecret).toMatch(/^sealed:1:/);
    const shown = JSON.stringify(fleet.controller.alerts.listRules('admin'));
    expect(shown).not.toMatch(/given-by|another|sealed/);
  });

  it('survive a restart: rules, alerts that fire, and a message that was not delivered', async () => {
    await watching('d1', 'd2', 'd3');
    await rule({ kind: 'drift' });
    fleet.webhooks.status = 503;
    await alarm('d1');
    await fleet.clock.pass(2_000);
    expect(fleet.controller.alerts.firing[0]?.delivery).toMatchObject({ state: 'waiting' });
    fleet.webhooks.status = 200;
    const before = fleet.webhooks.sent.length;
    await fleet.restart();
    await fleet.clock.pass(5_000);
    expect(fleet.webhooks.sent.slice(before).map(({ id }) => id)).toEqual([fleet.webhooks.sent[0]?.id]);
    expect(firing()).toEqual(['d1/front']);
    expect(fleet.controller.alerts.firing[0]?.delivery).toMatchObject({ state: 'delivered' });
    expect(fleet.controller.drift.openIncidents).toMatchObject([{ device: 'd1', verdict: frozen }]);
  });

  it('do not stay for ever when their rule was deleted and its last message never arrived', async () => {
    await watching('d1', 'd2', 'd3');
    const { id } = await rule({ kind: 'drift' });
    fleet.webhooks.status = 503;
    await alarm('d1');
    await fleet.controller.alerts.deleteRule(admin, id);
    await fleet.clock.pass(1_000);
    expect([...fleet.store.alertRows.values()]).toMatchObject([{ delivery: { state: 'waiting' } }]);
    await fleet.restart();
    await fleet.clock.pass(1_000);
    expect([...fleet.store.alertRows.values()]).toMatchObject([
      {
        state: 'resolved',
        endReason: 'rule-deleted',
        delivery: { state: 'failed', error: 'Its rule was deleted.' },
      },
    ]);
  });

  it('are acknowledged by name, and written into the audit without secrets', async () => {
    await watching('d1', 'd2', 'd3');
    await rule({ kind: 'drift' });
    await alarm('d1');
    const [alert] = fleet.controller.alerts.firing;
    expect(await fleet.controller.alerts.acknowledge(admin, alert!.id)).toMatchObject({
      acknowledgedBy: 'ann (t1)',
    });
    expect(fleet.store.auditRows.map(({ action, result }) => [action, result])).toEqual([
      ['alert-rule.created', 'ok'],
      ['alert.acknowledged', 'ok'],
    ]);
    expect(JSON.stringify(fleet.store.auditRows)).not.toContain('T0/path');
    await expect(fleet.controller.alerts.acknowledge(admin, 'none')).rejects.toMatchObject({
      code: 'alert-unknown',
    });
    await expect(fleet.controller.alerts.deleteRule(admin, 'none')).rejects.toMatchObject({
      code: 'rule-unknown',
    });
  });

  it('that end while a person acknowledges them do not stay firing', async () => {
    await watching('d1', 'd2', 'd3');
    const { id } = await rule({ kind: 'drift' });
    await alarm('d1');
    const [alert] = fleet.controller.alerts.firing;
    const release = fleet.store.hold();
    const acknowledging = fleet.controller.alerts.acknowledge(admin, alert!.id);
    await fleet.settle();
    fleet.controller.alerts.forgetDevice('d1');
    release();
    expect(await acknowledging).toMatchObject({ state: 'resolved', acknowledgedBy: 'ann (t1)' });
    await fleet.clock.pass(1_000);
    expect(fleet.store.alertRows.get(alert!.id)?.state).toBe('resolved');
    await fleet.controller.alerts.deleteRule(admin, id);
  });

  it('end with a device that is deleted', async () => {
    await watching('d1', 'd2', 'd3');
    await rule({ kind: 'drift' });
    await alarm('d1');
    await fleet.controller.devices.deleteDevice(admin, 'd1');
    await fleet.clock.pass(2_000);
    expect(firing()).toEqual([]);
    expect(fleet.controller.drift.openIncidents).toEqual([]);
  });

  it('can be tried: what the webhook answered, or why it was not reached', async () => {
    const { id } = await rule({ kind: 'offline' });
    expect(await fleet.controller.alerts.testRule(admin, id)).toEqual({
      delivered: true,
      said: 'the fake answered 200',
    });
    expect(fleet.webhooks.told).toEqual(['test test']);
    fleet.webhooks.answers.push(404);
    expect(await fleet.controller.alerts.testRule(admin, id)).toMatchObject({
      delivered: false,
      error: 'the fake answered 404.',
    });
    const bare = await rule({ kind: 'offline' }, { name: 'bare' });
    await fleet.controller.alerts.replaceRule(admin, bare.id, { name: 'bare', when: { kind: 'offline' } });
    await expect(fleet.controller.alerts.testRule(admin, bare.id)).rejects.toMatchObject({
      code: 'rule-notifies-nobody',
    });
  });

  it('have a limit', async () => {
    for (let i = 0; i < 200; i++) await rule({ kind: 'offline' });
    await expect(rule({ kind: 'offline' })).rejects.toMatchObject({ code: 'too-many-rules' });
  });
});

describe('What a person says of an alert', () => {
  it('is stored with who and until when, is audited, and is over with the alert', async () => {
    await watching('d1');
    await rule({ kind: 'drift', verdicts: ['sensor-fault'] });
    await alarm('d1');
    const { alerts } = fleet.controller;
    const [{ id } = { id: '' }] = alerts.firing;
    const operator = { tokenId: 't2', name: 'bob', role: 'operator' as const };
    const untilMs = fleet.clock.wallMs() + 30 * 60_000;
    const silenced = await alerts.silence(operator, id, { minutes: 30, reason: 'cleaning' });
    expect(silenced.silence).toEqual({ untilMs, by: 'bob (t2)', reason: 'cleaning' });
    const assigned = await alerts.assign(operator, id, { to: 'day shift' });
    expect(assigned).toMatchObject({ assigned: { to: 'day shift', by: 'bob (t2)' }, silence: { untilMs } });
    await fleet.restart();
    expect(fleet.controller.alerts.firing).toMatchObject([assigned]);
    const { entries } = await fleet.controller.audit.list({ limit: 10 });
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual(
      expect.arrayContaining([
        ['alert.silenced', 'bob (t2)'],
        ['alert.assigned', 'bob (t2)'],
      ]),
    );
    const again = await fleet.controller.alerts.silence(operator, id, { minutes: 0 });
    expect(again.silence).toBeUndefined();
    expect((await fleet.controller.alerts.assign(operator, id, {})).assigned).toBeUndefined();
    await expect(fleet.controller.alerts.silence(operator, 'gone', { minutes: 5 })).rejects.toMatchObject({
      code: 'alert-unknown',
    });
  });
});

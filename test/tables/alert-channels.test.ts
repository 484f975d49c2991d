import { Value } from '@sinclair/typebox/value';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlertRuleDraft } from '../../src/api/index.ts';
import { draftOf, emptyFields } from '../../src/dashboard/settings/rule-draft.ts';
import { FakeAlertChannel } from '../fakes/fake-alert-channel.ts';
import { admin, TestFleet } from '../fakes/test-fleet.ts';

/** One more channel, as somebody adds it: a row of the table, and what delivers. */
vi.mock('../../src/api/alert-channels.ts', async (original) => {
  const { alertChannels } = await original<typeof import('../../src/api/alert-channels.ts')>();
  const siren = {
    begins: ['siren:'],
    address: /^siren:[a-z]+$/,
    example: 'siren:yard',
    secret: 'none',
    body: 'text',
    setting: 'sirens',
  };
  return { alertChannels: { ...alertChannels, siren } };
});

const draft = (to: string): AlertRuleDraft => ({
  ...{ name: 'away', when: { kind: 'offline' }, forSeconds: 0, notify: { to } },
});

let fleet: TestFleet;
beforeEach(async () => {
  fleet = await TestFleet.open();
});
afterEach(() => fleet.stop());

describe('A channel that was added to the table', () => {
  it('is taken by the API and by the form of a rule; an address of no channel is refused', () => {
    const addresses = ['siren:yard', 'mqtt:site/alerts', 'smoke:signal'];
    const taken = (to: string) => Value.Check(AlertRuleDraft, draft(to));
    const typed = (to: string) => 'draft' in draftOf({ ...emptyFields, name: 'away', to });
    expect(addresses.map(taken)).toEqual([true, true, false]);
    expect(addresses.map(typed)).toEqual([true, true, false]);
  });

  it('delivers, says what came back, and makes no key as it does not sign', async () => {
    const siren = new FakeAlertChannel();
    Object.assign(fleet.alertChannels, { siren });
    const saved = await fleet.controller.alerts.createRule(admin, draft('siren:yard'));
    expect(saved).toMatchObject({ notify: { to: 'siren:yard', signed: false } });
    expect(saved.notifySecret).toBeUndefined();
    const answer = await fleet.controller.alerts.testRule(admin, saved.id);
    expect(answer).toEqual({ delivered: true, said: 'the fake answered 200' });
    expect(siren.sent).toMatchObject([{ to: 'siren:yard', event: 'test', secret: undefined }]);
    expect(siren.sent[0]?.body).toContain('is test.');
    expect(fleet.controller.alerts.listRules('viewer').rules.at(-1)?.notify?.to).toBe('siren:…');
  });

  it('that this controller was not given is refused in a rule, with the setting that enables it', async () => {
    await expect(fleet.controller.alerts.createRule(admin, draft('siren:yard'))).rejects.toMatchObject({
      code: 'channel-off',
      message: 'This controller sends no alerts by siren.',
      remedy: expect.stringContaining('sirens'),
    });
  });
});

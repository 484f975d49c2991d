import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RolloutPolicy } from '../../src/api/index.ts';
import { actionWords } from '../../src/dashboard/rollouts/words.ts';
import { FakeAlertChannel } from '../fakes/fake-alert-channel.ts';
import { FakeController } from '../fakes/fake-controller.ts';
import { admin, digest, otherDigest, slot } from '../fakes/test-fleet.ts';
import { bob, RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { type DialogTitle, dialogTitles } from './dialog-titles.ts';
import { enrolmentPorts } from './enrolment-ports.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';
import { RolloutDashboard } from './rollout-dashboard.ts';
import { WorkingDevices } from './working-devices.ts';

/** A button to press, or a field with what is written into it. */
type Step = string | RegExp | { readonly [field: string]: string };
/** The file of the source that has the dialog, its title, and how a person gets there. */
type Row = readonly [file: string, title: string, path: string, ...steps: readonly Step[]];

const simulated: readonly Row[] = [
  ['fleet/views-bar.tsx', 'Save this view', '/devices?q=gate', 'Save view'],
  ['fleet/bulk-dialog.tsx', 'Act on several devices', '/devices', 'Act on these'],
  ['palette/palette.tsx', 'Go to', '/devices', 'Go to a page or a device'],
  ['device/model-dialog.tsx', 'Change the model of gate-01', '/devices/gate-01', 'Change model'],
  ['device/device-actions.tsx', 'Remove yard-02', '/devices/yard-02', 'Remove device'],
  ['drift/learn-dialog.tsx', 'Learn what front sees as usual', '/devices/dock-01', 'New normal? Learn it'],
  ['settings/alert-rule-dialog.tsx', 'New alert rule', '/settings/rules', 'New rule'],
];

const ask = 'Ask the device';
const working: readonly Row[] = [
  ['device/system-panel.tsx', 'Restart the agent of cam-1', '/devices/cam-1', ask, 'Restart agent'],
  ['device/system-panel.tsx', 'Restart the board of cam-1', '/devices/cam-1', ask, 'Restart board'],
  ['device/add-camera-dialog.tsx', 'Add a camera to cam-1', '/devices/cam-1', ask, 'Add camera'],
  ['device/added-cameras.tsx', 'Rename yard', '/devices/cam-1', ask, 'Rename yard'],
  ['device/added-cameras.tsx', 'Remove yard from cam-1', '/devices/cam-1', ask, 'Remove yard'],
  ['device/device-actions.tsx', 'Hold cam-1', '/devices/cam-1', 'Hold'],
  ['device/device-actions.tsx', 'Release cam-3', '/devices/cam-3', 'Release'],
  ['device/device-actions.tsx', 'Revoke the certificate of cam-1', '/devices/cam-1', 'Revoke certificate'],
  ['device/slot-orders.tsx', 'Pin street 1.0.0 on cam-1', '/devices/cam-1', 'Pin: slot main'],
  ['device/slot-orders.tsx', 'Unpin cam-3', '/devices/cam-3', 'Unpin: slot main'],
  ['device/slot-orders.tsx', 'Remove the slot next of cam-2', '/devices/cam-2', 'Remove: slot next'],
  ['device/slot-orders.tsx', 'Let cam-2 follow its groups', '/devices/cam-2', 'Follow the groups: slot main'],
  [
    'device/slot-orders.tsx',
    'Switch cam-2 although it is not safe',
    '/devices/cam-2',
    'Switch now: slot main',
  ],
  ['drift/alert-actions.tsx', 'Acknowledge camera blind', '/', 'Acknowledge camera blind'],
  ['drift/alert-actions.tsx', 'Silence camera blind', '/', 'Silence camera blind'],
  ['drift/alert-actions.tsx', 'Assign camera blind', '/', 'Assign camera blind'],
  ['data/export-dialog.tsx', 'Export frames of cam-1', '/data?device=cam-1', 'Export'],
  ['data/export-dialog.tsx', 'Export frames of 3 devices', '/data', 'Export 3 devices'],
  ['models/upload-dialog.tsx', 'Upload a model', '/models', 'Upload'],
  ['models/models-page.tsx', 'Delete street 2.0.0', '/models', /^Delete 2\.0\.0/],
  ['rollouts/rollouts-page.tsx', 'Stop everything', '/rollouts', 'Stop everything'],
  ['rollouts/waiting-approvals.tsx', 'Without a second person', '/rollouts', 'Break the glass'],
  ['settings/alert-rule-dialog.tsx', 'Change camera blind', '/settings/rules', /^Edit camera blind/],
  [
    'settings/alert-rule-dialog.tsx',
    'Signing key',
    '/settings/rules',
    'New rule',
    { Name: 'for the hall', Notify: 'https://hooks.example/goshawk' },
    'Create rule',
  ],
  ['settings/alert-rules-page.tsx', 'Delete camera blind', '/settings/rules', /^Delete camera blind/],
  ['settings/approval-rules.tsx', 'New approval rule', '/settings/people', 'New approval rule'],
  [
    'settings/approval-rules.tsx',
    'Remove the approval rule clinic',
    '/settings/people',
    'Remove the approval rule clinic',
  ],
  ['settings/group-dialog.tsx', 'New group', '/settings/groups', 'New group'],
  ['settings/group-dialog.tsx', 'Members of gate', '/settings/groups', 'Members of gate'],
  [
    'settings/group-settings-dialog.tsx',
    'Pipeline settings of group gate',
    '/settings/groups',
    'Settings of gate',
  ],
  ['settings/groups-page.tsx', 'Delete group gate', '/settings/groups', 'Delete gate'],
  ['device/model-dialog.tsx', 'Change the model of group gate', '/settings/groups', 'Change model of gate'],
  ['settings/people-page.tsx', 'End the session of bob', '/settings/people', 'End the session of bob'],
  ['settings/tokens.tsx', 'New token', '/settings/people', 'New token'],
  [
    'settings/tokens.tsx',
    'The new token',
    '/settings/people',
    'New token',
    { Name: 'night shift' },
    'Create token',
  ],
  ['settings/tokens.tsx', 'Revoke night watch', '/settings/people', 'Revoke'],
];

const rollouts: readonly Row[] = [
  ...(
    [
      ['start', 'draft'],
      ['approve', 'waits'],
      ['pause', 'soaks'],
      ['resume', 'paused'],
      ['promote', 'soaks'],
      ['abort', 'soaks'],
      ['rollback', 'soaks'],
    ] as const
  ).map(([action, name]): Row => {
    const word = actionWords[action][0];
    return ['rollouts/rollout-page.tsx', `${word}: ${name}`, name, word];
  }),
  ['rollouts/resize-dialog.tsx', 'Resize compared', 'compared', 'Resize'],
];

const named = (rows: readonly Row[]) => rows.map((row) => ({ row, name: `${row[0]}: ${row[1]}` }));

describe('Every dialog of the dashboard', () => {
  const rows = [...simulated, ...working, ...rollouts];
  /** Titles begin with those of the most fixed words, so that the first that fits is the one that is meant. */
  const titles = dialogTitles();
  const meant = ([file, title]: Row): DialogTitle | undefined =>
    titles.find((one) => one.file === file && one.fits(title));

  it('is opened by a row of this test', () => {
    const opened = new Set(rows.map(meant));
    expect(
      titles.filter((one) => !opened.has(one)).map(({ file, written }) => `${file}: ${written}`),
    ).toEqual([]);
  });

  it('is in the source with the title that its row names', () => {
    expect(rows.filter((row) => meant(row) === undefined)).toEqual([]);
  });

  it('of a rollout is opened for each action', () => {
    const shown = rollouts.map(([, title]) => title.split(/[: ]/)[0]);
    for (const [word] of Object.values(actionWords)) expect(shown).toContain(word.split(' ')[0]);
  });
});

const title = `Dialogs in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-dialogs-'));
  let page: Page;
  let faults: readonly string[];

  afterEach(() => page?.context().close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function opens([, title, , ...steps]: Row): Promise<void> {
    const dialog = page.getByRole('dialog');
    for (const step of steps) {
      const within = (await dialog.count()) > 0 ? dialog : page;
      if (typeof step === 'string')
        await within.getByRole('button', { name: step, exact: true }).first().click();
      else if (step instanceof RegExp) await within.getByRole('button', { name: step }).first().click();
      else
        for (const [field, text] of Object.entries(step))
          await within
            .getByLabel(new RegExp(`^${field}`))
            .first()
            .fill(text);
    }
    await page.getByRole('dialog', { name: title, exact: true }).waitFor();
    // What it shows is asked for: devices, certificates, models.
    await dialog.getByText(/^Loading/).waitFor({ state: 'detached' });
    await picture(page, `dialog-${title.replace(/\W+/g, '-')}`);
    // The focus is in it.
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    // It is given back: to what opened the dialog, or to the content of the page.
    await expect.poll(() => page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    expect(faults).toEqual([]);
  }

  describe('of a fleet that is made up', () => {
    let controller: FakeController;
    beforeAll(async () => {
      controller = new FakeController({ page: browser.folder, devices: 12 });
      await controller.start();
    });
    afterAll(() => controller?.stop());

    it.each(named(simulated))('$name', async ({ row }) => {
      ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 900 } }));
      await page.goto(`${controller.url}/#token=admin-token&to=${encodeURIComponent(row[2])}`);
      await opens(row);
    });

    it('is left or kept where a link brings another token', async () => {
      ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 900 } }));
      await page.goto(`${controller.url}/#token=admin-token&to=${encodeURIComponent('/devices')}`);
      await page.locator('.row').first().waitFor();
      await page.goto(`${controller.url}/#token=viewer-token`);
      await page.getByRole('alertdialog', { name: 'Leave your session?' }).waitFor();
      await picture(page, 'other-token');
      expect(page.url()).not.toContain('viewer-token');
      await page.getByRole('button', { name: 'Stay signed in' }).click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      expect(controller.requests.some(({ role }) => role === 'viewer')).toBe(false);
      expect(faults).toEqual([]);
    });
  });

  describe('of a fleet at work', () => {
    const frozenSinceMs = Date.now() - 185_000;
    let live: LiveFleet;

    beforeAll(async () => {
      const devices = new WorkingDevices(folder, new Map([['cam-1', frozenSinceMs]]));
      const waits = { for: 'safety' as const, what: 'the arm moves', sinceMs: Date.now() - 60_000 };
      live = new LiveFleet(
        [
          { id: 'cam-1', groups: ['gate'], frozenSinceMs },
          { id: 'cam-2', groups: ['gate'] },
          { id: 'cam-3' },
        ],
        {
          speed: 4,
          answers: {
            ...devices.answers,
            describe: async (id, request) => {
              const said = (await devices.answers.describe!(id, request)) as { readonly remote: object };
              const added = { yard: 'rtsp://10.0.0.9/stream1' };
              return { ...said, remote: { ...said.remote, added, reboot: true } };
            },
          },
          reported: (id, desired) => ({
            ...devices.reported(id, desired),
            slots: {
              main:
                id === 'cam-2'
                  ? slot({ deployment: { state: 'ready', digest: otherDigest, waits } })
                  : slot(),
              ...(desired?.slots?.next === undefined ? {} : { next: slot() }),
            },
          }),
          ports: {
            ...(await enrolmentPorts(folder)),
            alertChannels: { webhook: new FakeAlertChannel() },
            people: {
              provider: {
                begin: async () => ({ address: 'https://sso.example', secrets: {} as never }),
                finish: async () => ({ sub: 'bob', preferred_username: 'bob', groups: ['staff'] }),
              },
              ...{ groupsClaim: 'groups', scopedRoles: [], sessionMs: 30 * 86_400_000 },
              roles: { admin: [], operator: ['staff'], viewer: [] },
            },
          },
        },
      );
      await live.start(browser.folder);
      const { controller } = live;
      await live.enrol('cam-1', join(folder, 'cam-1.key'));
      for (const version of ['2.0.0', '3.0.0']) await live.pushModel(version);
      const model = { name: 'street', version: '1.0.0', digest };
      const other = { ...model, version: '2.0.0', digest: otherDigest };
      const { desiredState, labels, people, access, approvals, slots } = controller;
      await desiredState.setGroup(admin, 'gate', { slots: { main: { model } } }, true);
      const own = { slots: { main: { model: other }, next: { model } } };
      await desiredState.setDevice(admin, 'cam-2', own, true);
      const pinned = { ...model, policy: { follows: 'digest' as const, pinned: true } };
      await desiredState.setDevice(admin, 'cam-3', { slots: { main: { model: pinned } } }, true);
      await labels.hold(admin, 'cam-3', 'on loan');
      const { browser: begun } = await people!.begin();
      await people!.finish(begun, 'code=1');
      await access.createToken(admin, { name: 'night watch', role: 'viewer' });
      await approvals.setRules(admin, { rules: [{ name: 'clinic', target: { devices: ['cam-1'] } }] });
      await expect(
        slots.set(bob, { device: 'cam-1' }, 'main', { name: 'street', version: '2.0.0' }),
      ).rejects.toMatchObject({ code: 'approval-needed' });
    });
    afterAll(() => live?.close());

    it.each(named(working))('$name', async ({ row }) => {
      ({ page, faults } = await live.open(browser, row[2], 'admin'));
      await opens(row);
    });
  });

  describe('of rollouts', () => {
    let fleet: RolloutFleet;
    let dashboard: RolloutDashboard | undefined;

    beforeAll(async () => {
      fleet = await RolloutFleet.open(['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5', 'cam-6', 'cam-7']);
      await fleet.push('1.0.0');
      await fleet.push('2.0.0');
      const on = (device: string, more: Partial<RolloutPolicy> = {}): Partial<RolloutPolicy> => ({
        ...{ model: { name: 'street', version: '2.0.0' }, target: { devices: [device] } },
        waves: [{ count: 1, name: 'canary', soakMinutes: 600 }],
        ...more,
      });
      await fleet.create(on('cam-1'), { name: 'draft', draft: true });
      await fleet.create(on('cam-2', { waves: [{ count: 1, approval: true }] }), { name: 'waits' });
      await fleet.create(on('cam-3'), { name: 'soaks' });
      await fleet.create(on('cam-4'), { name: 'paused' });
      const compared = { experiment: { by: 'device' as const, percent: 50 } };
      const { waves: _, ...shared } = on('cam-5', compared);
      await fleet.create(
        { ...shared, target: { devices: ['cam-5', 'cam-6', 'cam-7'] } },
        { name: 'compared' },
      );
      await fleet.turn(6);
      await fleet.rollouts.act(admin, 'paused', { action: 'pause', reason: 'a look' });
    });
    afterEach(async () => {
      await dashboard?.close();
      dashboard = undefined;
    });
    afterAll(() => fleet?.fleet.stop());

    it.each(named(rollouts))('$name', async ({ row }) => {
      dashboard = await RolloutDashboard.open(fleet, browser);
      ({ page, faults } = dashboard);
      await page.getByRole('link', { name: row[2], exact: true }).click();
      await opens(row);
    });
  });
});

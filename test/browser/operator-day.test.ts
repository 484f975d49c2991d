import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/api/index.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { enrolmentPorts } from './enrolment-ports.ts';
import { LiveFleet } from './live-fleet.ts';
import { type Effort, Operator } from './operator.ts';
import { WorkingDevices } from './working-devices.ts';

const title = `An operator's day${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

interface Task {
  readonly name: string;
  readonly role?: Role;
  /** At most; the table says how many it takes. */
  readonly clicks: number;
  /** From the page Now to what proves that it is done. */
  readonly work: (operator: Operator, page: Page) => Promise<void>;
}

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const frozenSinceMs = Date.now() - 185_000;
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-day-'));
  const devices = new WorkingDevices(
    folder,
    new Map([
      ['cam-1', frozenSinceMs],
      ['cam-2', frozenSinceMs],
    ]),
  );
  const efforts = new Map<string, Effort>();
  const operators = new Map<Role, Operator>();
  let live: LiveFleet;

  beforeAll(async () => {
    live = new LiveFleet(
      [
        { id: 'cam-1', groups: ['gate'], frozenSinceMs },
        { id: 'cam-2', groups: ['gate'], frozenSinceMs },
        { id: 'cam-3', groups: ['roof'] },
        { id: 'cam-4', groups: ['roof'] },
      ],
      {
        answers: devices.answers,
        reported: (...report) => devices.reported(...report),
        ports: await enrolmentPorts(folder),
      },
    );
    await live.start(browser.folder);
    for (const version of ['2.0.0', '3.0.0']) await live.pushModel(version);
    await live.enrol('cam-4', join(folder, 'cam-4.key'));
  });
  afterAll(async () => {
    for (const { page } of operators.values()) await page.context().close();
    await live?.close();
    rmSync(folder, { recursive: true, force: true });
    print(efforts);
  });

  async function operatorAs(role: Role): Promise<Operator> {
    const known = operators.get(role);
    if (known !== undefined) return known;
    const { page } = await live.open(browser, '/', role, {}, (opened) => Operator.count(opened));
    const operator = new Operator(page);
    operators.set(role, operator);
    return operator;
  }

  const cause = (page: Page) => page.locator('[data-cause="camera blind"]');
  const openDevice = async (operator: Operator, id: string): Promise<void> => {
    await operator.page.keyboard.press('Control+k');
    await operator.dialog.getByRole('combobox').fill(id);
    await operator.page.keyboard.press('Enter');
    await operator.page.getByRole('heading', { name: id, exact: true }).waitFor();
  };

  const tasks: readonly Task[] = [
    {
      name: 'See what is wrong now, and the last picture of a blind camera',
      clicks: 0,
      work: async (_, page) => {
        await cause(page).getByText('2 alerts').waitFor();
        await page.locator('.tile', { hasText: 'cam-1' }).locator('.still-pixels').waitFor();
      },
    },
    {
      name: 'Silence a cause for four hours, with a reason',
      clicks: 2,
      work: async (operator, page) => {
        await operator.press('Silence camera blind');
        await operator.dialog.getByLabel('For').selectOption('240');
        await operator.dialog.getByLabel(/Reason/).fill('lens is cleaned');
        await operator.press('Silence', operator.dialog);
        await cause(page).getByText('Silent until').first().waitFor();
      },
    },
    {
      name: 'Assign a cause to a person',
      clicks: 2,
      work: async (operator, page) => {
        await operator.press('Assign camera blind');
        await operator.dialog.getByLabel('Person or team').fill('day shift');
        await operator.press('Assign', operator.dialog);
        await cause(page).getByText('Assigned to day shift').first().waitFor();
      },
    },
    {
      name: 'Acknowledge a cause',
      clicks: 2,
      work: async (operator, page) => {
        await operator.press('Acknowledge camera blind');
        await operator.press('Acknowledge', operator.dialog);
        await cause(page).getByText('Acknowledged by').first().waitFor();
      },
    },
    {
      name: 'Find a device by a part of its name',
      clicks: 0,
      work: (operator) => openDevice(operator, 'cam-3'),
    },
    {
      name: 'Set a label on several devices, after a look at their names',
      clicks: 3,
      work: async (operator, page) => {
        await operator.go('Devices');
        await page.getByLabel('Group').selectOption('roof');
        await operator.press('Act on these');
        await operator.dialog.getByLabel('Action').selectOption('label');
        await operator.dialog.getByLabel(/Label, as/).fill('site=west');
        await operator.dialog.getByText('cam-4').waitFor();
        await operator.press(/Set a label: 2 devices/, operator.dialog);
        await operator.told('Done for 2 devices');
        expect(live.controller.labels.labelsOf('cam-4')).toEqual({ site: 'west' });
      },
    },
    {
      name: 'Change the model of a group, and see it run',
      clicks: 4,
      work: async (operator, page) => {
        await operator.go('Settings');
        await page.getByRole('button', { name: 'Change model of gate' }).click();
        await operator.dialog.getByText('cam-2').waitFor();
        await operator.dialog.getByText('2.0.0').click();
        await operator.press(/Change|Order|Deploy|Send/, operator.dialog.locator('.dialog-actions'));
        await operator.told('was ordered to run street 2.0.0');
        await expect.poll(() => devices.versions.get('cam-1'), { timeout: 60_000 }).toBe('2.0.0');
      },
    },
    {
      name: 'Compare two versions of a model',
      clicks: 2,
      work: async (operator, page) => {
        await operator.go('Models');
        await page.locator('.page-head').getByRole('link', { name: 'Compare' }).click();
        await page.getByRole('columnheader', { name: /Second: street/ }).waitFor();
        await page.getByRole('row', { name: /Runs on/ }).waitFor();
      },
    },
    {
      name: 'Roll a version out to a group in waves, with a gate',
      clicks: 8,
      work: async (operator, page) => {
        await operator.go('Models');
        await page.getByRole('link', { name: 'Roll out 3.0.0' }).click();
        await operator.press('Next');
        await page.getByRole('button', { name: 'roof', exact: true }).click();
        await page.getByText('Concerns 2 devices').waitFor();
        for (const step of ['Waves', 'Gate', 'Confirm']) {
          await operator.press('Next');
          await page.locator('[aria-current="step"]', { hasText: step }).waitFor();
        }
        await operator.press(/Start/);
        await page.locator('.rollout-name').waitFor();
        expect(live.controller.rollouts.list({}).rollouts[0]).toMatchObject({ name: 'street-3.0.0' });
      },
    },
    {
      name: 'Pause a rollout, and roll it back',
      clicks: 6,
      work: async (operator, page) => {
        await operator.go('Rollouts');
        await page.getByRole('link', { name: 'street-3.0.0' }).first().click();
        await operator.press('Pause', page.locator('.next'));
        await operator.press('Pause', operator.dialog);
        await page.locator('.rollout-name').getByText('Paused').waitFor();
        await operator.press(/Roll back/, page.locator('.next'));
        await operator.press(/Roll back/, operator.dialog);
        await page
          .locator('.rollout-name')
          .getByText(/Rolling back|Rolled back/)
          .waitFor();
      },
    },
    {
      name: 'Accept one kept frame and reject another',
      clicks: 4,
      work: async (operator, page) => {
        await operator.go('Data');
        await page.getByRole('link', { name: 'cam-3' }).click();
        const cards = page.locator('.frame-card');
        await cards.nth(1).locator('.evidence-picture:not(.off-screen)').waitFor();
        await operator.press(/Accept/, cards.nth(0));
        await cards.nth(0).getByText('Accepted').waitFor();
        await operator.press(/Reject/, cards.nth(1));
        await cards.nth(1).getByText('Rejected').waitFor();
        expect(live.controller.frameReviews.list('cam-3').reviews).toMatchObject({
          '1-0': { verdict: 'accepted' },
          '2-0': { verdict: 'rejected' },
        });
      },
    },
    {
      name: 'Export the frames that were not rejected for CVAT',
      clicks: 4,
      work: async (operator, page) => {
        await operator.go('Data');
        await page.getByRole('link', { name: 'cam-3' }).click();
        await page.locator('.frame-card').first().waitFor();
        await operator.press('Export');
        await operator.dialog.getByLabel('For').selectOption('cvat');
        const download = page.waitForEvent('download');
        await operator.press('Export', operator.dialog);
        const tar = readFileSync((await (await download).path()) ?? '').toString('latin1');
        expect(tar).toContain('annotations.xml');
        expect(tar.match(/\.jpg\0/g)).toHaveLength(5);
      },
    },
    {
      name: 'Add a camera after a look at its test picture',
      clicks: 4,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-4');
        await operator.press('Ask the device');
        await operator.press('Add camera');
        await operator.dialog.getByLabel('Name').fill('yard');
        await operator.dialog.getByLabel('Address').fill('rtsp://10.0.0.9/s');
        await operator.press('Test picture', operator.dialog);
        await page.getByText('1280x720').waitFor();
        await operator.press('Add', operator.dialog);
        await operator.told('yard was added');
        expect(devices.done).toContain('add-camera cam-4');
      },
    },
    {
      name: 'Draw a zone on the picture of a camera',
      clicks: 5,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-3');
        await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
        await operator.press('Draw a zone');
        const area = await page.locator('.picture').boundingBox();
        for (const [x, y] of [
          [0.2, 0.3],
          [0.7, 0.3],
          [0.5, 0.8],
        ] as const)
          await page.mouse.click(
            (area?.x ?? 0) + x * (area?.width ?? 0),
            (area?.y ?? 0) + y * (area?.height ?? 0),
          );
        await page.getByLabel('Name', { exact: true }).fill('gate');
        await operator.press('Apply', page.locator('.rules-form'));
        await operator.told('gate was sent to cam-3');
        const { pipelines } = live.controller.devices.detail('cam-3').settings;
        expect(pipelines?.front?.rules?.zones?.gate).toBeDefined();
      },
    },
    {
      name: 'Play a clip of what happened before a camera',
      clicks: 1,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-3');
        await operator.press('Play', page.locator('.clips-panel'));
        const video = page.locator('.clips-panel video');
        await video.waitFor();
        // Shown is not played: its time has to run, and its pictures have to be decoded.
        await page.waitForFunction(() => {
          const one = document.querySelector<HTMLVideoElement>('.clips-panel video');
          return one !== null && one.currentTime > 0 && one.videoWidth > 0 && one.error === null;
        });
      },
    },
    {
      name: 'Read the log of a device',
      clicks: 2,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-3');
        await operator.press('Ask the device');
        await operator.press('Show log');
        await page.locator('.log-lines li').first().waitFor();
      },
    },
    {
      name: 'Restart the agent of a device',
      clicks: 3,
      work: async (operator) => {
        await openDevice(operator, 'cam-3');
        await operator.press('Ask the device');
        await operator.press('Restart agent');
        await operator.press('Restart', operator.dialog);
        await operator.told('The agent of cam-3 restarts');
        expect(devices.done).toContain('restart cam-3');
      },
    },
    {
      name: 'Get a support bundle',
      clicks: 2,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-3');
        await operator.press('Ask the device');
        const download = page.waitForEvent('download');
        await operator.press('Support bundle');
        expect((await download).suggestedFilename()).toBe('cam-3-support.tar.gz');
      },
    },
    {
      name: 'Make a claim for ten new devices',
      role: 'admin',
      clicks: 3,
      work: async (operator, page) => {
        await operator.go('Settings');
        await page.getByRole('link', { name: 'Claims' }).click();
        await page.getByLabel('Name', { exact: true }).fill('hall 3');
        await page.getByLabel('Devices', { exact: true }).fill('10');
        await operator.press('Create claim');
        await page.getByRole('img', { name: 'QR code of the claim hall 3' }).waitFor();
      },
    },
    {
      name: 'Make a rule for devices that are offline',
      role: 'admin',
      clicks: 4,
      work: async (operator, page) => {
        await operator.go('Settings');
        await page.getByRole('link', { name: 'Rules and channels' }).click();
        await operator.press('New rule');
        await operator.dialog.getByLabel('Name').fill('gate away');
        await operator.dialog.getByLabel('When').selectOption('offline');
        await operator.dialog.getByLabel('Only these groups').fill('gate');
        await operator.press('Create rule', operator.dialog);
        await page.getByRole('rowheader', { name: 'gate away' }).waitFor();
      },
    },
    {
      name: 'Find out who changed a device, and how',
      role: 'admin',
      clicks: 2,
      work: async (operator, page) => {
        await operator.go('Activity');
        await page.getByLabel('From').selectOption('people');
        await page.locator('.filters').getByLabel('Device', { exact: true }).fill('cam-4');
        await page.keyboard.press('Enter');
        const row = page.locator('.event-person', { hasText: 'Device labels' });
        await row.getByText('operator of the test', { exact: true }).waitFor();
        await row.locator('summary').click();
        await row.getByText('"site":"west"').waitFor();
      },
    },
    {
      name: 'Hold a device while a technician works on it, and release it',
      clicks: 4,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-4');
        await operator.press('Hold');
        await operator.dialog.getByLabel('Reason').fill('mast is painted');
        await operator.press('Hold', operator.dialog);
        await page.getByText('Held by operator of the test').waitFor();
        expect(live.controller.labels.holdOf('cam-4')).toMatchObject({ reason: 'mast is painted' });
        await operator.press('Release');
        await operator.press('Release', operator.dialog);
        await page.getByText('Held by').waitFor({ state: 'detached' });
        expect(live.controller.labels.holdOf('cam-4')).toBeUndefined();
      },
    },
    {
      name: 'Pin the model of a device, see who pinned it, and let it follow its group again',
      clicks: 4,
      work: async (operator, page) => {
        await openDevice(operator, 'cam-1');
        const orders = page.locator('.slot-orders').first();
        await orders.getByText('Ordered for the group gate by operator of the test').waitFor();
        await operator.press('Pin: slot main');
        await operator.press('Pin', operator.dialog);
        await orders.getByText('Pinned by operator of the test').waitFor();
        const model = () => live.controller.devices.detail('cam-1').settings.slots?.main?.model;
        expect(model()).toMatchObject({ version: '2.0.0', policy: { pinned: true } });
        await operator.press('Follow the groups: slot main');
        await operator.press('Follow the groups', operator.dialog);
        await orders.getByText('Ordered for the group gate').waitFor();
        expect(model()).toBeUndefined();
      },
    },
    {
      name: 'Compare two versions on half of the devices of a group',
      clicks: 9,
      work: async (operator, page) => {
        await operator.go('Models');
        await page.getByRole('link', { name: 'Roll out 3.0.0' }).click();
        await page.getByLabel('Name of the rollout').fill('street-ab');
        await operator.press('Next');
        await page.getByRole('button', { name: 'gate', exact: true }).click();
        await page.getByText('Concerns 2 devices').waitFor();
        await operator.press('Next');
        await operator.press('As an experiment');
        await page.getByLabel('Divide').selectOption('device');
        for (const step of ['Gate', 'Confirm']) {
          await operator.press('Next');
          await page.locator('[aria-current="step"]', { hasText: step }).waitFor();
        }
        await operator.press(/Start/);
        await page.getByRole('heading', { name: 'street-ab' }).waitFor();
        const made = live.controller.rollouts.list({}).rollouts.find(({ name }) => name === 'street-ab');
        expect(live.controller.rollouts.detail(made!.id).policy).toMatchObject({
          experiment: { by: 'device', percent: 50 },
          target: { groups: ['gate'] },
        });
      },
    },
    {
      name: 'Restart an agent from the command palette',
      clicks: 1,
      work: async (operator, page) => {
        await page.keyboard.press('Control+k');
        await operator.dialog.getByRole('combobox').fill('restart cam-2');
        await operator.dialog.getByRole('option', { name: /Restart the agent of cam-2/ }).waitFor();
        await page.keyboard.press('Enter');
        await operator.press('Restart', operator.dialog);
        await operator.told('The agent of cam-2 restarts');
        expect(devices.done).toContain('restart cam-2');
      },
    },
    {
      name: 'Revoke the certificate of a device that was stolen',
      role: 'admin',
      clicks: 2,
      work: async (operator) => {
        await openDevice(operator, 'cam-4');
        await operator.press('Revoke certificate');
        await operator.dialog.getByText('valid until').waitFor();
        await operator.dialog.getByLabel(/Reason/).fill('stolen');
        await operator.press('Revoke', operator.dialog);
        await operator.told('1 certificate of cam-4 revoked');
        const { certificates } = live.controller.enrolment.revocations.list({ device: 'cam-4' });
        expect(certificates).toMatchObject([{ reason: 'stolen', revokedMs: expect.any(Number) }]);
      },
    },
  ];

  it('has the 21 tasks of the day, and 5 more', () => expect(tasks).toHaveLength(26));

  it.each(tasks)('$name', async ({ name, role = 'operator', clicks, work }) => {
    const operator = await operatorAs(role);
    const { page } = operator;
    await page.evaluate(() => {
      location.hash = '#/';
    });
    await page.locator('.nav-link[aria-current="page"]', { hasText: 'Now' }).waitFor();
    await operator.effort();
    await work(operator, page);
    const effort = await operator.effort();
    efforts.set(name, effort);
    expect(effort.clicks).toBeLessThanOrEqual(clicks);
  });
});

/** For docs/evidence/dashboard.md. */
function print(efforts: ReadonlyMap<string, Effort>): void {
  const rows = [...efforts].map(([name, { clicks, fields }]) => `| ${name} | ${clicks} | ${fields} |`);
  process.stdout.write(`\n| task | clicks | fields |\n|---|---|---|\n${rows.join('\n')}\n`);
}

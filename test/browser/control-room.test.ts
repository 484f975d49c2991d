import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/api/index.ts';
import { admin } from '../fakes/test-fleet.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';
import { WorkingDevices } from './working-devices.ts';

const title = `The pages Data, Activity, Settings and Models${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-room-'));
  const devices = new WorkingDevices(folder, new Map());
  let live: LiveFleet;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    live = new LiveFleet(
      [
        { id: 'cam-1', groups: ['gate'] },
        { id: 'cam-2', groups: ['gate'] },
        { id: 'cam-3', groups: ['roof'] },
      ],
      { answers: devices.answers, reported: (...report) => devices.reported(...report) },
    );
    await live.start(browser.folder);
    for (const version of ['2.0.0', '3.0.0']) await live.pushModel(version);
    await live.controller.labels.setLabels(admin, 'cam-3', { site: 'west', ring: 'canary' });
  });
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await live?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(path: string, role: Role = 'admin'): Promise<void> {
    ({ page, faults } = await live.open(browser, path, role));
  }
  const dialog = () => page.getByRole('dialog');
  const button = (name: string | RegExp) => page.getByRole('button', { name }).first();

  it.each([
    ['/activity', 'activity', '.event-person'],
    ['/data', 'data', '.plain tbody tr'],
    ['/data?device=cam-1', 'data-frames', '.frame-card .evidence-picture:not(.off-screen)'],
    ['/data?view=frames', 'data-grid', '.frame-card .evidence-picture:not(.off-screen)'],
    ['/settings/groups', 'settings-groups', '.plain tbody tr'],
    ['/settings/rules', 'settings-rules', '.rules tbody tr'],
    ['/settings/people', 'settings-people', '.plain tbody tr'],
    ['/models', 'models', '.model-cards .panel'],
    ['/models/compare', 'models-compare', '.compared tbody tr'],
    ['/devices?columns=status,labels,agent,warnings', 'devices-columns', '.row'],
  ])('has no violation of axe-core on %s, and fits each window', async (path, name, sign) => {
    await open(path);
    await page.locator(sign).first().waitFor();
    await picture(page, name);
    expect(faults).toEqual([]);
  });

  it('reviews frames with the keyboard alone, and says who did it', async () => {
    await open('/data?device=cam-2');
    const cards = page.locator('.frame-card');
    await cards
      .nth(0)
      .getByRole('button', { name: /^Accept/ })
      .focus();
    await page.keyboard.press('r');
    await cards.nth(0).getByText('Rejected').waitFor();
    await page.keyboard.press('a');
    const verdict = cards.nth(0).getByText('Accepted');
    await verdict.waitFor();
    expect(await verdict.getAttribute('title')).toContain('admin of the test');
    await page.keyboard.press('a');
    await verdict.waitFor({ state: 'detached' });
    expect(live.controller.frameReviews.list('cam-2').reviews).toEqual({});
    await page.getByLabel('Review').selectOption('accepted');
    await page.getByText('No frame matches these filters').waitFor();
    expect(new URL(page.url()).hash).toContain('review=accepted');
    expect(faults).toEqual([]);
  });

  it('shows kept frames of several devices in one grid, filtered by device and reason, and takes reviews', async () => {
    await open('/data', 'operator');
    await page.getByRole('button', { name: 'Frames', exact: true }).click();
    const cards = page.locator('.frame-card');
    await page.locator('.evidence-picture:not(.off-screen)').first().waitFor();
    await cards.nth(11).waitFor();
    const shown = async () => [...new Set(await cards.locator('.frame-source').allTextContents())].sort();
    await expect.poll(shown, { timeout: 60_000 }).toEqual(['cam-1 front', 'cam-2 front', 'cam-3 front']);
    const before = await cards.count();
    await page.getByLabel('Kept for').selectOption('alarm');
    await expect.poll(() => cards.count(), { timeout: 60_000 }).toBeLessThan(before);
    expect(await cards.getByText('Alarm', { exact: true }).count()).toBe(await cards.count());
    await page.getByLabel('Search cameras').fill('cam-3');
    await expect.poll(shown, { timeout: 60_000 }).toEqual(['cam-3 front']);
    await page.getByLabel('Search cameras').fill('');
    await button('Export 3 devices').click();
    await dialog().getByText('One archive of each device').waitFor();
    await picture(page, 'dialog-export-several');
    const archives: string[] = [];
    page.on('download', (download) => archives.push(download.suggestedFilename()));
    await dialog().getByRole('button', { name: 'Export' }).click();
    await page.getByText('The frames of 3 devices are in your downloads.').waitFor();
    await expect
      .poll(() => archives, { timeout: 60_000 })
      .toEqual(['cam-1-coco.tar', 'cam-2-coco.tar', 'cam-3-coco.tar']);
    await page.getByLabel('Search cameras').fill('cam-3');
    await expect.poll(shown, { timeout: 60_000 }).toEqual(['cam-3 front']);
    expect(new URL(page.url()).hash).toContain('view=frames');
    await button(/^Accept frame of cam-3 front/).click();
    await cards.first().getByText('Accepted').waitFor();
    expect(live.controller.frameReviews.list('cam-3').reviews['1-0']?.verdict).toBe('accepted');
    await button(/^Accept frame of cam-3 front/).click();
    await cards.first().getByText('Accepted').waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('makes a group, changes who is in it, and deletes it once its devices were named', async () => {
    await open('/settings/groups', 'operator');
    await button('New group').click();
    await dialog().getByLabel('Name').fill('yard');
    await dialog()
      .getByLabel(/Devices/)
      .fill('cam-1\ncam-9');
    await dialog().getByText('Not reported yet, and follow when they do: cam-9').waitFor();
    await button('Create group').click();
    const row = page.getByRole('row', { name: /^yard/ });
    await row.getByText('2 devices').waitFor();
    await row.getByRole('button', { name: /Members/ }).click();
    await dialog()
      .getByLabel(/Devices/)
      .fill('cam-1');
    await button('Save').click();
    await row.getByText('1 device').waitFor();
    await row.getByRole('button', { name: /Delete/ }).click();
    await dialog().locator('.target-names').getByText('cam-1').waitFor();
    await dialog().getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('makes a rule that orders need a second person, and asks for one to remove it', async () => {
    await open('/settings/people', 'admin');
    await button('New approval rule').click();
    const create = dialog().getByRole('button', { name: 'Create rule' });
    await dialog().getByLabel('Name').fill('clinic');
    expect(await create.isDisabled()).toBe(true);
    await dialog().getByLabel('Groups').fill('nobody-is-in-it');
    await dialog().getByText('Concerns 0 devices').waitFor();
    await create.click();
    await page.getByRole('rowheader', { name: 'clinic' }).waitFor();
    await button('Remove the approval rule clinic').click();
    await dialog().getByText('Orders for group nobody-is-in-it').waitFor();
    await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog()
      .getByText(/second person/)
      .last()
      .waitFor();
    await dialog().locator('.problem').waitFor();
    expect(live.controller.approvals.rules.rules.map(({ name }) => name)).toContain('clinic');
  });

  it('shows people and devices in one stream, filtered by the address, with the chain verified', async () => {
    await live.controller.labels.hold(admin, 'cam-2', 'a film');
    await open('/activity?from=people&device=cam-2&kind=device.hold');
    const rows = page.locator('.event-list > li');
    await rows.getByText('Device hold').waitFor();
    expect(await rows.count()).toBe(1);
    await button('Verify the audit log').click();
    await page.getByText('chain intact').waitFor();
    await page.getByLabel('Person').fill('nobody');
    await page.keyboard.press('Enter');
    await page.getByText('No entry matches these filters').waitFor();
    expect(new URL(page.url()).hash).toContain('who=nobody');
    expect(faults).toEqual([]);
  });

  it('finds the devices of a site, and remembers the columns in the address', async () => {
    await open('/settings/groups', 'viewer');
    await page.getByRole('link', { name: 'west' }).click();
    await page.locator('.row').first().waitFor();
    expect(await page.locator('.row .row-link').allTextContents()).toEqual(['cam-3']);
    await page.getByText('Columns', { exact: true }).first().click();
    await page.getByRole('checkbox', { name: 'Labels' }).check();
    await page.getByRole('checkbox', { name: 'Frames/s' }).uncheck();
    await page.getByText('ring=canary, site=west').waitFor();
    expect(await page.locator('.cell-fps').count()).toBe(0);
    expect(new URL(page.url()).hash).toContain('columns=');
    await page.reload();
    await page.getByText('ring=canary, site=west').waitFor();
    expect(faults).toEqual([]);
  });

  it('fills the screen with the picture of a camera, and with nothing that is cut', async () => {
    await open('/devices/cam-1', 'viewer');
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    await button('Show the live view in full screen').click();
    await expect
      .poll(() => page.evaluate(() => document.fullscreenElement?.className ?? ''), { timeout: 30_000 })
      .toContain('stage');
    const area = await page.locator('.picture').boundingBox();
    const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
    expect(area?.width).toBeLessThanOrEqual(width);
    expect(area?.height).toBeLessThanOrEqual(height + 1);
    expect(Math.max((area?.width ?? 0) / width, (area?.height ?? 0) / height)).toBeGreaterThan(0.95);
    expect(faults).toEqual([]);
  });

  it('switches layers of the live view, keeps the choice, and saves what is shown as a picture', async () => {
    await open('/cameras/cam-1/front', 'viewer');
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    await button('Pause the live view').click();
    const drawn = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.picture-boxes')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, at) => at % 4 === 3 && value > 0).length;
      });
    const saved = async () => {
      const download = page.waitForEvent('download');
      await button('Save the picture').click();
      const file = await download;
      expect(file.suggestedFilename()).toMatch(/^cam-1-front-[\d-]+T[\d-]+\.png$/);
      const { data, info } = await sharp(await file.path())
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info.width).toBeGreaterThanOrEqual(1280);
      expect(info.height).toBeGreaterThanOrEqual(720);
      return data;
    };
    const everything = await drawn();
    const whole = await saved();
    await page.getByText('Layers', { exact: true }).click();
    await picture(page, 'live-layers');
    await page.getByRole('checkbox', { name: 'Names' }).uncheck();
    await expect.poll(drawn, { timeout: 60_000 }).toBeLessThan(everything);
    const withoutNames = await drawn();
    await page.getByRole('checkbox', { name: 'Outlines' }).uncheck();
    await expect.poll(drawn, { timeout: 60_000 }).toBeLessThan(withoutNames);
    await page.getByRole('checkbox', { name: 'Boxes' }).uncheck();
    await expect.poll(drawn, { timeout: 60_000 }).toBe(0);
    const alone = await saved();
    expect(alone.length).toBe(whole.length);
    expect(alone.equals(whole)).toBe(false);
    await page.reload();
    await page.locator('.stage-badge', { hasText: 'Live' }).waitFor();
    expect(await drawn()).toBe(0);
    // Of what this test reads from the canvas.
    expect(faults.filter((fault) => !fault.includes('willReadFrequently'))).toEqual([]);
  });

  it('draws a class in one colour wherever it is seen', async () => {
    const colours: string[] = [];
    for (const path of ['/devices/cam-1', '/cameras/cam-2/front']) {
      await open(path, 'viewer');
      const car = page.locator('.legend-item', { hasText: 'car' }).first();
      await car.waitFor();
      colours.push(
        await car.locator('.legend-swatch').evaluate((one) => getComputedStyle(one).backgroundColor),
      );
      await page.context().close();
    }
    expect(new Set(colours).size).toBe(1);
  });

  it('deletes a model for an admin alone, once it was confirmed', async () => {
    const { models } = await live.controller.models.list();
    const last = models.find(({ version }) => version === '3.0.0');
    await open('/models', 'operator');
    await page.getByRole('link', { name: /Roll out 3/ }).waitFor();
    expect(await page.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
    await page.context().close();
    await open('/models');
    await button(/^Delete 3\.0\.0/).click();
    await dialog().getByText('No device runs it').waitFor();
    await dialog().getByRole('button', { name: 'Delete' }).click();
    await button(/^Delete 3\.0\.0/).waitFor({ state: 'detached' });
    expect((await live.controller.models.list()).models.map(({ digest }) => digest)).not.toContain(
      last?.digest,
    );
    expect(faults).toEqual([]);
  });

  it('gives a viewer no button of an operator, and refuses what a viewer sends', async () => {
    await open('/data?device=cam-1', 'viewer');
    await page.locator('.frame-card').first().waitFor();
    expect(await page.getByRole('button', { name: /Accept|Reject|Export/ }).count()).toBe(0);
    for (const part of ['rules', 'people']) {
      await page.goto(`${page.url().split('#')[0]}#/settings/${part}`);
      await page.getByText('Only admins can see this page').waitFor();
    }
    await page.goto(`${page.url().split('#')[0]}#/settings/groups`);
    await page.locator('.plain tbody tr').first().waitFor();
    expect(await page.locator('main').getByRole('button').count()).toBe(0);
    await page.goto(`${page.url().split('#')[0]}#/activity`);
    await page.locator('.panel .event-list').waitFor({ state: 'attached' });
    expect(await page.locator('.event-person').count()).toBe(0);
    for (const [method, path, body] of [
      ['PUT', 'devices/cam-1/frames/1-0/review', '{"verdict":"accepted"}'],
      ['GET', 'devices/cam-1/frames.tar', undefined],
      ['GET', 'audit?action=device', undefined],
      ['GET', 'sessions', undefined],
      ['DELETE', 'sessions/0123456789abcdef', undefined],
      ['PUT', 'groups/gate/members', '{"members":[]}'],
      ['DELETE', 'groups/gate', undefined],
      ['GET', 'claims', undefined],
    ] as const) {
      const status = await page.evaluate(
        async ([verb, address, sent]) => {
          const headers = {
            authorization: `Bearer ${sessionStorage.getItem('goshawk.token')}`,
            ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
          };
          return (await fetch(`api/v1/${address}`, { method: verb, headers, body: sent ?? null })).status;
        },
        [method, path, body] as const,
      );
      expect([method, path, status]).toEqual([method, path, 403]);
    }
    expect(faults.filter((fault) => !fault.includes('403'))).toEqual([]);
  });
});

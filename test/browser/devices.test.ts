import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';

const title = `The page Devices${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const live = new LiveFleet([
    { id: 'cam-1', groups: ['gate'] },
    { id: 'cam-2', groups: ['gate'] },
    { id: 'cam-3', groups: ['roof'] },
  ]);
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    await live.start(browser.folder);
    ({ page, faults } = await live.open(browser, '/devices', 'operator'));
    await page.locator('.row').nth(2).waitFor();
  });
  afterAll(async () => {
    await page?.context().close();
    await live.close();
  });

  const hash = () => new URL(page.url()).hash;

  it('has a device on the first screen of a small window', async () => {
    await page.setViewportSize({ width: 1280, height: 720 });
    const box = await page.locator('.row').first().boundingBox();
    expect((box?.y ?? 9999) + (box?.height ?? 0)).toBeLessThan(720);
    await picture(page, 'devices');
  });

  it.each([
    [1280, 720],
    [1024, 768],
    [800, 900],
    [390, 844],
  ])('has the results of a search on the first screen at %i x %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    await page.getByLabel('Search devices').fill('cam-2');
    await page.locator('.row').nth(1).waitFor({ state: 'detached' });
    const box = await page.locator('.row').boundingBox();
    expect((box?.y ?? 9999) + (box?.height ?? 0)).toBeLessThan(height);
    // The last column is not behind the edge of a tablet.
    const isWhole = () =>
      page.locator('.table').evaluate((table) => table.scrollWidth <= table.clientWidth + 1);
    if (width === 1024) expect(await isWhole()).toBe(true);
    await page.getByLabel('Search devices').fill('');
    await page.locator('.row').nth(2).waitFor();
    await page.locator('.fleet-figures').waitFor();
    expect(faults).toEqual([]);
  });

  it('saves a view under a name, and shows it again', async () => {
    await page.getByLabel('Group').selectOption('gate');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('the gate');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByLabel(/^View/).selectOption('');
    await page.locator('.row').nth(2).waitFor();
    expect(hash()).toBe('#/devices');
    await page.reload();
    await page.getByLabel(/^View/).selectOption('the gate');
    await expect.poll(hash).toBe('#/devices?group=gate');
    await page.locator('.row').nth(2).waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  it('names the devices of a bulk action, lets one out, and does it for the others', async () => {
    await page.getByRole('button', { name: 'Act on these' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('cam-2').waitFor();
    expect(await dialog.getByRole('checkbox').count()).toBe(2);
    await dialog.getByLabel('Action').selectOption('label');
    await dialog.getByLabel('Label, as key=value').fill('ring=canary');
    await dialog.getByLabel('cam-2').uncheck();
    await picture(page, 'devices-bulk');
    await dialog.getByRole('button', { name: 'Set a label: 1 device' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(live.controller.labels.list().devices).toEqual([{ device: 'cam-1', labels: { ring: 'canary' } }]);
    expect(faults).toEqual([]);
  });

  it('says for which device a bulk action was refused', async () => {
    await page.getByRole('button', { name: 'Act on these' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('cam-2').waitFor();
    await dialog.getByLabel('Action').selectOption('retry');
    await dialog.getByRole('button', { name: 'Retry the deployment: 2 devices' }).click();
    await dialog.getByText(/^cam-1: .*model/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('goes to a camera by the palette, with the keyboard alone', async () => {
    await page.locator('#content').focus();
    await page.keyboard.press('ControlOrMeta+k');
    const palette = page.getByRole('dialog', { name: 'Go to' });
    await palette.getByRole('combobox').waitFor();
    await page.keyboard.type('cam-3');
    await palette.getByRole('option', { name: 'cam-3 front Camera' }).waitFor();
    await picture(page, 'palette');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(hash).toBe('#/cameras/cam-3/front');
    await page.keyboard.press('/');
    await palette.waitFor();
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
  });

  it('offers a viewer no bulk action, and fetches the devices once', async () => {
    const viewport = { width: 1280, height: 800 };
    const viewer = await live.open(browser, '/devices', 'viewer', { viewport });
    await viewer.page.locator('.row').first().waitFor();
    await viewer.page.locator('.line-live').waitFor();
    const fetched = await viewer.page.evaluate(
      () =>
        performance.getEntriesByType('resource').filter(({ name }) => /api\/v1\/devices\?/.test(name)).length,
    );
    expect(fetched).toBe(1);
    expect(await viewer.page.getByRole('button', { name: 'Act on these' }).count()).toBe(0);
    await viewer.page.context().close();
  });

  it('makes cards of wide tables on a phone', async () => {
    const phone = await live.open(browser, '/settings/rules', 'admin', {
      viewport: { width: 390, height: 844 },
    });
    const row = phone.page.locator('.rules tbody tr').first();
    await row.waitFor();
    const cell = row.locator('td').first();
    expect(await cell.evaluate((one) => getComputedStyle(one, '::before').content)).toBe('"When"');
    await picture(phone.page, 'rules');
    await phone.page.setViewportSize({ width: 390, height: 844 });
    const wide = await phone.page.evaluate(() =>
      [...document.querySelectorAll('.scroll-x, .scroll-x td, .scroll-x th')]
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => one.outerHTML.slice(0, 200)),
    );
    expect(wide).toEqual([]);
    await phone.page.context().close();
  });
});

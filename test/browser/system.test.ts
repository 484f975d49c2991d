import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeController } from '../fakes/fake-controller.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';

const title = `The system of a device in Chromium${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

describe.skipIf(browserMissing !== undefined)(title, () => {
  const browser = dashboardBrowser();
  let controller: FakeController;
  let page: Page;
  let faults: string[];

  beforeEach(async () => {
    controller = new FakeController({ page: browser.folder, devices: 3 });
    await controller.start();
  });
  afterEach(async () => {
    await page?.context().close();
    await controller.stop();
  });

  const panel = () => page.locator('.system-panel');
  const button = (name: string) => panel().getByRole('button', { name });
  const asked = () => controller.requests.filter(({ path }) => path.endsWith('/describe')).length;
  async function open(role: string): Promise<void> {
    const before = asked();
    ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 1100 } }));
    await page.goto(`${controller.url}/#token=${role}-token&to=${encodeURIComponent('/devices/gate-01')}`);
    await button('Ask the device').waitFor();
    expect(asked()).toBe(before);
    await button('Ask the device').click();
    await panel().locator('.facts').waitFor();
  }
  const posted = () => controller.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);

  it('shows disk and certificate, and restarts the agent once that is confirmed', async () => {
    await open('operator');
    expect(await panel().locator('.facts').textContent()).toContain('38 %');
    expect(await panel().locator('.facts').textContent()).toContain('CN=Goshawk test');
    expect(await button('Restart board').count()).toBe(0);
    await button('Restart agent').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(posted()).not.toContain('devices/gate-01/restart');
    await button('Restart agent').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await expect.poll(posted, { timeout: 60_000 }).toContain('devices/gate-01/restart');
    expect(faults).toEqual([]);
  });

  it('shows the log as it grows, and gives the support bundle', async () => {
    await open('operator');
    await button('Show log').click();
    const lines = panel().locator('.log-lines li');
    await expect.poll(() => lines.count(), { timeout: 60_000 }).toBeGreaterThan(2);
    expect(await lines.nth(1).textContent()).toContain('Line 2');
    if (process.env.SCREENSHOT !== undefined) await panel().screenshot({ path: process.env.SCREENSHOT });
    const download = page.waitForEvent('download', { timeout: 60_000 });
    await button('Support bundle').click();
    expect((await download).suggestedFilename()).toBe('gate-01-support.tar.gz');
    expect(faults).toEqual([]);
  });

  it('adds a camera after its test picture, and sends the password once', async () => {
    await open('operator');
    await button('Add camera').click();
    const dialog = page.getByRole('dialog');
    const add = dialog.getByRole('button', { name: 'Add', exact: true });
    await dialog.getByLabel('Name').fill('gate');
    await dialog.getByLabel('Address').fill('rtsp://10.0.0.9/s');
    await dialog.getByLabel('User').fill('goshawk');
    await dialog.getByLabel('Password').fill('Sedge-Warbler');
    expect(await add.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Test picture' }).click();
    await dialog.getByText('1920x1080').waitFor();
    expect(await dialog.getByLabel('Password').inputValue()).toBe('');
    if (process.env.SCREENSHOT_ADD !== undefined) await page.screenshot({ path: process.env.SCREENSHOT_ADD });
    // Another address is another camera: it has to be tried.
    await dialog.getByLabel('Address').fill('rtsp://10.0.0.8/s');
    expect(await add.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Test picture' }).click();
    await dialog.getByText('1920x1080').waitFor();
    await add.click();
    await expect.poll(posted, { timeout: 60_000 }).toContain('devices/gate-01/cameras');
    const sent = controller.requests.filter(({ body }) =>
      JSON.stringify(body ?? '').includes('Sedge-Warbler'),
    );
    expect(sent.map(({ path }) => path)).toEqual(['devices/gate-01/camera-trials']);
    await button('Remove yard').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect
      .poll(() => controller.requests.find(({ method }) => method === 'DELETE')?.path, { timeout: 60_000 })
      .toBe('devices/gate-01/cameras/yard');
    expect(faults).toEqual([]);
  });

  it('says to an admin why the device does not restart its board, and to a viewer nothing of commands', async () => {
    await open('admin');
    expect(await button('Restart board').isDisabled()).toBe(true);
    expect(await button('Restart board').getAttribute('title')).toContain('do not allow');
    await page.context().close();
    await open('viewer');
    expect(await panel().getByRole('button').count()).toBe(0);
    expect(controller.requests.some(({ path, role }) => role === 'viewer' && path.includes('logs'))).toBe(
      false,
    );
    expect(faults).toEqual([]);
  });
});

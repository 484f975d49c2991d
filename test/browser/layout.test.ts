import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FakeController } from '../fakes/fake-controller.ts';
import { browserMissing, dashboardBrowser } from './browser.ts';
import { picture } from './layout.ts';
import { LiveFleet } from './live-fleet.ts';
import { WorkingDevices } from './working-devices.ts';

const title = `Nothing is cut off on a phone, a laptop or a large screen${browserMissing ? `, skipped: ${browserMissing}` : ''}`;

/** Presses, from the page to its dialog. */
type Steps = readonly (string | RegExp)[];

describe.skipIf(browserMissing !== undefined)(title, { timeout: 180_000 }, () => {
  const browser = dashboardBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-layout-'));
  const frozenSinceMs = Date.now() - 185_000;
  const devices = new WorkingDevices(folder, new Map([['cam-1', frozenSinceMs]]));
  let controller: FakeController;
  let live: LiveFleet;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    controller = new FakeController({ page: browser.folder, devices: 12 });
    await controller.start();
    live = new LiveFleet([{ id: 'cam-1', groups: ['gate'], frozenSinceMs }], {
      answers: devices.answers,
      reported: (...report) => devices.reported(...report),
    });
    await live.start(browser.folder);
  });
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await controller.stop();
    await live?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(path: string, token = 'admin-token'): Promise<void> {
    ({ page, faults } = await browser.open({ viewport: { width: 1440, height: 900 } }));
    const sign = token === '' ? '' : `token=${token}&to=${encodeURIComponent(path)}`;
    await page.goto(`${controller.url}/#${sign}`);
  }
  async function press(steps: Steps): Promise<Locator> {
    const dialog = page.getByRole('dialog');
    for (const name of steps) {
      const within = (await dialog.count()) > 0 ? dialog : page;
      await within.getByRole('button', { name }).first().click();
    }
    return dialog;
  }
  const called = (...parts: readonly (string | RegExp)[]) =>
    parts
      .map((one) => String(one).replace(/\W+/g, '-'))
      .join('-')
      .replace(/-+/g, '-')
      .replace(/^-|-$/g, '') || 'now-fake';

  it.each([
    ['/', '.figure'],
    ['/cameras', '.tile'],
    ['/cameras/gate-01/front', '.picture:not(.picture-hidden)'],
    ['/devices', '.row'],
    ['/devices?q=nothing', '.empty'],
    ['/devices/gate-01', '.picture:not(.picture-hidden)'],
    ['/devices/yard-02', '.offline-note'],
    ['/devices/dock-01', '.incident'],
    ['/devices/unknown', '.problem'],
    ['/drift', '.cameras tbody tr'],
    ['/activity', '.panel'],
    ['/data', '.panel'],
    ['/data?view=frames', '.panel'],
    ['/models', '.panel'],
    ['/rollouts', '.panel, .empty'],
    ['/rollouts/new', '.panel'],
    ['/settings/groups', '.panel'],
    ['/settings/rules', '.empty'],
    ['/settings/people', '.panel'],
    ['/nothing', '.empty'],
  ])('on %s', async (path, sign) => {
    await open(path);
    await page.locator(sign).first().waitFor();
    await picture(page, called(path));
  });

  it('on the page that asks for a token', async () => {
    await open('/', '');
    await page.getByLabel('Access token').waitFor();
    await picture(page, 'login');
    expect(faults).toEqual([]);
  });

  it('with the log of a device, and a zone that is drawn', async () => {
    ({ page, faults } = await live.open(browser, '/devices/cam-1', 'admin'));
    await press(['Ask the device', 'Show log']);
    await page.locator('.log-lines li').first().waitFor();
    await press(['Draw a zone']);
    await page.locator('.rules-form').waitFor();
    await picture(page, 'device-at-work');
    expect(faults).toEqual([]);
  });
});

import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterEach, beforeEach } from 'vitest';
import { FakeController } from '../fakes/fake-controller.ts';
import { dashboardBrowser, type OpenedPage } from './browser.ts';

interface OpenOptions extends BrowserContextOptions {
  /** Runs before the page loads anything. */
  readonly before?: (page: Page) => unknown;
}

/** The dashboard of a fake controller, new for each test of the `describe` in which it is called. */
export function fakeDashboard() {
  const browser = dashboardBrowser();
  let controller: FakeController;
  let page: Page | undefined;

  async function start(devices: number): Promise<void> {
    controller = new FakeController({ page: browser.folder, devices });
    await controller.start();
  }
  beforeEach(async () => {
    await start(12);
  });
  afterEach(async () => {
    await page?.context().close();
    page = undefined;
    await controller.stop();
  });

  return {
    get controller(): FakeController {
      return controller;
    },
    /** Another controller takes the place of the one with 12 devices. */
    async restartWith(devices: number): Promise<void> {
      await controller.stop();
      await start(devices);
    },
    /** Opens a page, signed in; the page that was open before is closed. */
    async open(path: string, role = 'operator', options: OpenOptions = {}): Promise<OpenedPage> {
      await page?.context().close();
      const { before, ...context } = options;
      const opened = await browser.open({ viewport: { width: 1440, height: 900 }, ...context });
      page = opened.page;
      await before?.(page);
      await page.goto(`${controller.url}/#token=${role}-token&to=${encodeURIComponent(path)}`);
      return opened;
    },
  };
}

/** What the address has behind `#`. */
export const hashOf = (page: Page): string => new URL(page.url()).hash;

/** The row of a device in the table. */
export const rowOf = (page: Page, id: string): Locator =>
  page.locator('.row', { has: page.getByRole('link', { name: id, exact: true }) });
